/**
 * How to add something, held by an example: CONTRIBUTING lists the files that have to be touched,
 * and those are the ones in which the example's name stands, no more and no fewer.
 */
import { expect, test } from 'vitest';
import { isShipped, listPaths, readText } from './files.ts';

/** Most files, by what is added: a list may only get shorter. */
const FILES_MAX: Readonly<Record<string, number>> = {
  'An op': 5,
  'A family of models': 2,
  'A weight type': 3,
  'A link between processes': 2,
  'A machine': 2,
  'A command': 2,
};

interface Recipe {
  title: string;
  example: string;
  files: string[];
}

/** Sections `### What, as \`example\``, each with its list of files. */
function recipesOf(page: string): Recipe[] {
  return page
    .split(/^### /m)
    .slice(1)
    .map((section) => {
      const [, title = '', example = ''] = /^(.+), as `(.+)`/.exec(section) ?? [];
      const files = [...section.matchAll(/^- `(.+)`$/gm)].map(([, path = '']) => path);
      return { title, example, files: files.toSorted() };
    });
}

/** Whoever speaks of a name: in any case, words joined in any way; a quoted one as it is. */
function namePattern(example: string): RegExp {
  if (example.startsWith("'")) {
    const name = example.replaceAll("'", '');
    return new RegExp(`${example}|[ :]${name}, |, ${name}\\b`); // alone, or in a list for people
  }
  // A constant where it is made, imported or listed: others speak of the thing in texts.
  // And its name, in quotes or as a key: who lists it by hand would have to be touched, too.
  if (/^[A-Z][A-Z0-9]+$/.test(example)) {
    const name = example.toLowerCase();
    return new RegExp(`(?:const |[{[,] )${example}\\b|['"\`]${name}['"\`]|\\b${name}(?:,|:)`);
  }
  const words = example.split(/[-_]/).join('[-_]?');
  return new RegExp(`\\b\\w*${words}(?![0-9])`, 'i');
}

const sources = [...listPaths('packages')].filter(
  (path) =>
    path.endsWith('.ts') &&
    (isShipped(path) || path.startsWith('packages/kernels/assembly/')) &&
    !path.includes('/generated/'),
);

/** Files of the sources whose code or strings name it; comments may speak of anything. */
function filesNaming(example: string): string[] {
  const pattern = namePattern(example);
  return sources
    .filter((path) => {
      const text = readText(path);
      return pattern.test(withoutComments(text));
    })
    .toSorted();
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|(?<![:'"])\/\/.*$/gm, '');
}

const recipes = recipesOf(readText('CONTRIBUTING.md'));

test('every kind of thing that is added has a recipe', () => {
  expect(recipes.map(({ title }) => title)).toEqual(Object.keys(FILES_MAX));
});

test.each(recipes)('$title, as $example, stands in the files of its list alone', (recipe) => {
  expect(filesNaming(recipe.example)).toEqual(recipe.files);
  expect(recipe.files.length).toBeLessThanOrEqual(FILES_MAX[recipe.title]!);
});

test('a name is found however its words are joined, and not within another number', () => {
  const pattern = namePattern('q4_1');
  expect(['Q4_1', 'q4-1', 'packQ41'].every((text) => pattern.test(text))).toBe(true);
  expect(['q4_10', 'q5_1'].some((text) => pattern.test(text))).toBe(false);
  const constant = namePattern('A100');
  const lists = ['import { A100, B200 }', "name: 'a100'", "a100: 'nvlink3'", "'wse3, a100, h100'"];
  expect(lists.every((text) => constant.test(text))).toBe(true);
  expect(["'A100 SXM'", "'a100x8'"].some((text) => constant.test(text))).toBe(false);
});
