/**
 * Rules over the text of one file. Each names what to write instead, and carries an example that
 * it must find, so that no rule can silently stop working.
 */
import { isShipped, isTest, packageOf } from './files.ts';
import type { SourceFile } from './files.ts';
import { lineOf, scan } from './scan.ts';

export interface Finding {
  line: number;
  what: string;
}

export interface Rule {
  name: string;
  /** What to do instead. */
  instead: string;
  applies(path: string): boolean;
  find(text: string): Finding[];
  /** A file that breaks the rule. */
  example: SourceFile;
}

const LINE_COLUMNS_MAX = 100;
const FILE_LINES_MAX = 400;
const EXAMPLE = 'packages/core/src/example.ts';
const PURE_PACKAGES = ['core', 'kernels', 'fabric', 'timing'];

const isPure = (path: string): boolean =>
  isShipped(path) && PURE_PACKAGES.includes(packageOf(path) ?? '');
const isBelowCli = (path: string): boolean =>
  isPure(path) ||
  (isShipped(path) && ['text', 'models', 'runtime'].includes(packageOf(path) ?? ''));
const isConfig = (path: string): boolean => /(^|\/)[a-z.-]+\.config\.ts$/.test(path);
const isAnyFile = (): boolean => true;

/** A count that is followed by its things, of which there may be one; a constant is more. */
const COUNTED = new RegExp(
  '\\$\\{(?![A-Z_]+\\})[^}]*\\} ' +
    '(?:rounds|rows|threads|messages|cores|layers|replicas|tensors|texts|schemas)\\b',
  'g',
);

/** A name that is taken apart, or that an expression is run on. */
const READS_NAME = new RegExp(
  '\\b(?:name|tensor|buffer|label)(?:\\.to\\w+Case\\(\\))?\\.' +
    '(?:startsWith|endsWith|includes|match|search|split)\\(|' +
    '\\.(?:test|exec)\\((?:\\w+\\.)*(?:name|tensor|buffer|label)\\)',
  'g',
);

/** Finds a pattern in the code of a file: not in its comments or strings. */
function inCode(pattern: RegExp): (text: string) => Finding[] {
  return (text) => matches(scan(text).code, pattern);
}

function inComments(pattern: RegExp): (text: string) => Finding[] {
  return (text) => matches(scan(text).comments, pattern);
}

function matches(text: string, pattern: RegExp): Finding[] {
  return [...text.matchAll(pattern)].map((match) => ({
    line: lineOf(text, match.index),
    what: match[0].trim(),
  }));
}

function longLines(text: string): Finding[] {
  return text.split('\n').flatMap((line, index) => {
    const columns = Array.from(line).length;
    return columns > LINE_COLUMNS_MAX ? [{ line: index + 1, what: `${columns} columns` }] : [];
  });
}

function longFile(text: string): Finding[] {
  const lines = text.split('\n').length - 1;
  return lines > FILE_LINES_MAX ? [{ line: lines, what: `${lines} lines` }] : [];
}

function missingContract(text: string): Finding[] {
  const opening = text.replace(/^#!.*\n/, '');
  return opening.startsWith('/**') ? [] : [{ line: 1, what: text.split('\n')[0] ?? '' }];
}

const makesRecursively = inCode(/\bmkdir(?:Sync)?\([^;]*?\brecursive: true/g);

/** Calls whose arguments some list is spread into: a long one overflows the stack. */
function spreadLists(text: string): Finding[] {
  const { code } = scan(text);
  const calls =
    /\bMath\.\w+\(|\.(?:push|unshift|splice|concat|of|apply)\(|\bfrom(?:CharCode|CodePoint)\(/g;
  return [...code.matchAll(calls)].flatMap((match) => {
    const start = match.index + match[0].length;
    const isSpread = argumentsOf(code, start).some((word) => word.startsWith('...'));
    return isSpread ? [{ line: lineOf(text, match.index), what: match[0] }] : [];
  });
}

/** The arguments of the call whose bracket opens before `start`. */
function argumentsOf(code: string, start: number): string[] {
  const words = [''];
  for (let index = start, depth = 1; index < code.length; index++) {
    const char = code.charAt(index);
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char)) depth--;
    if (depth === 0) break;
    if (depth === 1 && char === ',') words.push('');
    else words[words.length - 1] += char;
  }
  return words.map((word) => word.trim());
}

export const RULES: readonly Rule[] = [
  {
    name: 'a line has at most 100 columns',
    instead: 'break it, or split the string with +',
    applies: isAnyFile,
    find: longLines,
    example: { path: EXAMPLE, text: `// ${'x'.repeat(LINE_COLUMNS_MAX)}\n` },
  },
  {
    name: 'a file has at most 400 lines',
    instead: 'move one topic to a file of its own',
    applies: isAnyFile,
    find: longFile,
    example: { path: EXAMPLE, text: '\n'.repeat(FILE_LINES_MAX + 1) },
  },
  {
    name: 'a source opens with its contract',
    instead: 'open with /** what it is, the one idea, the rule of use */',
    applies: (path) => !path.endsWith('.test.ts') && path.endsWith('.ts'),
    find: missingContract,
    example: { path: EXAMPLE, text: 'export const x = 1;\n' },
  },
  {
    name: 'no any',
    instead: 'use unknown and narrow it, or name the type',
    applies: isAnyFile,
    find: inCode(/(?:[:<|&,]|\bas)\s*any\b(?!\s*[:(?])/g),
    example: { path: EXAMPLE, text: 'const x: any = 1;\n' },
  },
  {
    name: 'no default export',
    instead: 'export it by name',
    applies: (path) => !isConfig(path),
    find: inCode(/\bexport\s+default\b|\bas\s+default\b/g),
    example: { path: EXAMPLE, text: 'export default 1;\n' },
  },
  {
    name: 'no enum and no namespace',
    instead: 'use a union of strings, or a frozen object with `as const`',
    applies: (path) => !path.includes('/assembly/'),
    find: inCode(/\b(?:const\s+)?enum\s+\w+\s*\{|\bnamespace\s+\w+\s*\{/g),
    example: { path: EXAMPLE, text: 'export const enum Kind { A }\n' },
  },
  {
    name: 'no parameter properties and no private keyword',
    instead: 'declare a #private field and assign it in the constructor',
    applies: (path) => !path.includes('/assembly/'),
    find: inCode(/(?<=^|[(,;{}]|\s)(?:private|protected|public)\s+(?!constructor\b)\w+/g),
    example: { path: EXAMPLE, text: 'class X { constructor(private y: number) {} }\n' },
  },
  {
    name: 'no list is spread into the arguments of a call',
    instead: 'use maxOf, minOf or append of @wafer/core, which take lists of any length',
    applies: isShipped,
    find: spreadLists,
    example: { path: EXAMPLE, text: 'Math.max(f(0, 1),\n  ...list.map((x) => [x]));\n' },
  },
  {
    name: "no folder is made by Node's recursive way, which may never return",
    instead: 'use makeFolder of @wafer/models',
    applies: isShipped,
    find: (text) => (text.includes('mkdir') ? makesRecursively(text) : []),
    example: { path: EXAMPLE, text: 'mkdirSync(path, { recursive: true });\n' },
  },
  {
    name: 'no unfinished work in comments',
    instead: 'do it, or write down the limit as a fact',
    applies: isAnyFile,
    find: inComments(/\b(?:TODO|FIXME|XXX|HACK)\b/g),
    example: { path: EXAMPLE, text: '// TODO later\n' },
  },
  {
    name: 'no focused test, and no test skipped without a condition',
    instead: 'use skipIf(condition) and print what is missing',
    applies: isTest,
    find: inCode(/\b(?:test|it|describe|suite)(?:\.\w+)*\.(?:only|skip|todo|fails)\b|\bxit\(/g),
    example: { path: 'packages/core/src/example.test.ts', text: "test.skip('x', () => {});\n" },
  },
  {
    name: 'no instanceof of what the language or Node makes',
    instead: 'use Error.isError, Array.isArray, ArrayBuffer.isView: test runners have other realms',
    // The entry of the command runs on versions of Node without it.
    applies: (path) => isShipped(path) && !path.includes('/cli/src/entry/'),
    find: inCode(/\binstanceof\s+(?:Error|TypeError|RegExp|Date|Array|ArrayBuffer|\w+\dArray)\b/g),
    example: { path: EXAMPLE, text: 'const x = y instanceof Error;\n' },
  },
  {
    name: 'pure packages read no clock, environment or chance, and print nothing',
    instead: 'take it as an argument: the caller owns clocks, seeds, settings and output',
    applies: isPure,
    find: inCode(/\b(?:process|Date|performance|Math\.random|console|setTimeout|setInterval)\b/g),
    example: { path: EXAMPLE, text: 'const now = Date.now();\n' },
  },
  {
    name: 'what a thing of a plan means is data: its name is for people, and a key',
    instead:
      'read a field (TensorInfo.role and use, SramBuffer.role, Plan.collectives), or add one',
    applies: (path) =>
      isPure(path) ||
      /^packages\/runtime\/src\/(engine|tile|virtual)\//.test(path) ||
      /^packages\/train\/src\/(engine|golden|model|network|optimizer|reference)\//.test(path),
    find: inCode(READS_NAME),
    example: {
      path: EXAMPLE,
      text: "const isKey = /\\.k$/.test(tensor.name) || name.split('.');\n",
    },
  },
  {
    name: 'nothing below the command line prints or reads the environment',
    instead: 'return the value, or take the setting as an argument; logs go through pino',
    applies: isBelowCli,
    find: inCode(/\bconsole\b|\bprocess\.(?:env|argv|exit|stdout|stderr)\b|\bMath\.random\b/g),
    example: { path: 'packages/runtime/src/example.ts', text: 'console.log(1);\n' },
  },
  {
    name: 'letters of the terminal are styled in one place',
    instead:
      'name a style of STYLES in cli/src/terminal/terminal.ts, where each is held to all grounds',
    applies: (path) =>
      isShipped(path) && packageOf(path) === 'cli' && !path.endsWith('/terminal.ts'),
    find: (text) => [
      ...inCode(/\bstyleText\b/g)(text),
      ...matches(text, /\\(?:u001b|x1b)\[[\d;]*m/g),
    ],
    example: { path: 'packages/cli/src/example.ts', text: "write('\\u001b[33mnote');\n" },
  },
  {
    name: 'one thing is told in the singular',
    instead: "plural(count, 'round') of core",
    applies: (path) => isShipped(path) && ['bench', 'cli'].includes(packageOf(path) ?? ''),
    find: (text) => matches(text, COUNTED),
    example: {
      path: 'packages/bench/src/example.ts',
      text: 'const head = `medians of ${rounds} rounds`;\n',
    },
  },
];
