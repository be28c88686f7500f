/**
 * What rules say of many files together: folders, classes, names of types, words, assertions.
 */
import { posix } from 'node:path';
import { isShipped, packageOf } from './files.ts';
import type { SourceFile } from './files.ts';
import { importsOf, resolveImport } from './imports.ts';
import { lineOf, scan } from './scan.ts';

/** The folder of a package's `src` that a file lies in; a file beside the index is its own. */
function folderOf(path: string): string | undefined {
  return /^packages\/[^/]+\/src\/([^/]+)/.exec(path)?.[1];
}

/**
 * Pairs of folders of a package that import each other, by whatever detour, as `a ⇄ b`. A file
 * beside the index counts as a folder of its own, so that no detour leads through it.
 */
export function folderCycles(files: readonly SourceFile[], owner: string): string[] {
  const edges = new Map<string, Set<string>>();
  for (const file of files) {
    const from = folderOf(file.path);
    if (!isShipped(file.path) || packageOf(file.path) !== owner || from === undefined) continue;
    for (const { specifier } of importsOf(file.text)) {
      if (!specifier.startsWith('.')) continue;
      const to = folderOf(posix.normalize(resolveImport(file, specifier)));
      if (to === undefined || to === from) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to));
    }
  }
  const reach = (from: string): Set<string> => {
    const seen = new Set<string>();
    const visit = (folder: string): void => {
      for (const next of edges.get(folder) ?? []) {
        if (seen.has(next)) continue;
        seen.add(next);
        visit(next);
      }
    };
    visit(from);
    return seen;
  };
  const folders = [...edges.keys()].toSorted();
  return folders.flatMap((a) =>
    folders
      .filter((b) => a < b && reach(a).has(b) && reach(b).has(a))
      .map((b) => `${owner}: ${a} ⇄ ${b}`),
  );
}

/** Lines of each class of a file, from its head to its closing brace. */
export function classLines(text: string): { name: string; lines: number }[] {
  const { code } = scan(text);
  return [...code.matchAll(/\bclass (\w+)[^{]*\{/g)].map((match) => {
    let depth = 1;
    let index = match.index + match[0].length;
    for (; index < code.length && depth > 0; index++) {
      if (code[index] === '{') depth += 1;
      if (code[index] === '}') depth -= 1;
    }
    const lines = lineOf(code, index) - lineOf(code, match.index) + 1;
    return { name: match[1] ?? '', lines };
  });
}

/** Names of types that two packages export, each under a meaning of its own. */
export function typeTwins(files: readonly SourceFile[]): string[] {
  const places = new Map<string, string[]>();
  for (const { path, text } of files) {
    if (!isShipped(path)) continue;
    const { code } = scan(text);
    for (const [, name = ''] of code.matchAll(/\bexport (?:interface|type|class) (\w+)\b/g)) {
      places.set(name, [...(places.get(name) ?? []), path]);
    }
  }
  return [...places]
    .filter(([, paths]) => new Set(paths.map(packageOf)).size > 1)
    .map(([name]) => name)
    .toSorted();
}

/** Words that have an American spelling, or that the field calls by another name. */
const WORDS: Readonly<Record<string, string>> = {
  quantise: 'quantize',
  quantised: 'quantized',
  quantisation: 'quantization',
  normalise: 'normalize',
  normalised: 'normalized',
  normalisation: 'normalization',
  initialise: 'initialize',
  optimise: 'optimize',
  optimisation: 'optimization',
  serialise: 'serialize',
  synchronise: 'synchronize',
  recognise: 'recognize',
  neighbour: 'neighbor',
  neighbours: 'neighbors',
  neighbouring: 'neighboring',
  behaviour: 'behavior',
  colour: 'color',
  colours: 'colors',
  centre: 'center',
  metre: 'meter',
  favour: 'favor',
  honour: 'honor',
  labelled: 'labeled',
  modelled: 'modeled',
  modelling: 'modeling',
  cancelled: 'canceled',
  travelled: 'traveled',
  learnt: 'learned',
  spelt: 'spelled',
  misspelt: 'misspelled',
  catalogue: 'catalog',
  grey: 'gray',
  sight: 'attention mask',
  temper: 'attention temperature',
  entrant: 'contender',
  octet: 'byte row',
  octets: 'byte rows',
};

/** Words to change, with what to write, and where they are. */
export function strangeWords(text: string): { word: string; instead: string; line: number }[] {
  return [...text.matchAll(/[A-Za-z][a-z]+/g)].flatMap((match) => {
    const word = match[0].toLowerCase();
    const instead = Object.hasOwn(WORDS, word) ? WORDS[word] : undefined;
    return instead === undefined ? [] : [{ word, instead, line: lineOf(text, match.index) }];
  });
}

/** Assertions per 100 lines of shipped code of a package, to two places. */
export function assertionRate(files: readonly SourceFile[], owner: string): number {
  let lines = 0;
  let count = 0;
  for (const { path, text } of files) {
    if (!isShipped(path) || packageOf(path) !== owner) continue;
    lines += text.split('\n').length - 1;
    count += [...scan(text).code.matchAll(/\bassert\(/g)].length;
  }
  return lines === 0 ? 0 : Math.floor((count / lines) * 10_000) / 100;
}
