import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { LONG_FUNCTIONS } from './exceptions.ts';
import { ROOT, listSources } from './files.ts';

/**
 * Functions are measured by the linter's parser. Test files are left out: the callback of a
 * `describe` is a chapter, not a function. AssemblyScript, which the linter cannot parse, is
 * measured by indentation.
 */
const FUNCTION_LINES_MAX = 70;

interface Diagnostic {
  message: string;
  filename: string;
  labels: { span: { line: number } }[];
}

const linted = listSources()
  .map(({ path }) => path)
  .filter((path) => !path.endsWith('.test.ts') && !path.includes('/assembly/'));
const assembly = listSources().filter(({ path }) => path.includes('/assembly/'));

/** Long functions of some files, as `path:line message`. */
function longFunctions(paths: readonly string[], folder: string = ROOT): string[] {
  const config = `${ROOT}test/tidy/function-size.json`;
  const { stdout } = spawnSync(
    `${ROOT}node_modules/.bin/oxlint`,
    ['--config', config, '--format', 'json', '--no-ignore', ...paths],
    { cwd: folder, encoding: 'utf8', maxBuffer: 1 << 26 },
  );
  const { diagnostics } = JSON.parse(stdout) as { diagnostics: Diagnostic[] };
  return diagnostics.map(
    ({ filename, labels, message }) => `${filename}:${labels[0]?.span.line ?? 0} ${message}`,
  );
}

/** Long top-level functions by indentation: from `function` to the brace in column 0. */
function longByIndent(path: string, text: string): string[] {
  const lines = text.split('\n');
  return lines.flatMap((line, first) => {
    if (!/^(?:export )?function /.test(line)) return [];
    const length = lines.slice(first).findIndex((later) => later.startsWith('}')) + 1;
    return length > FUNCTION_LINES_MAX ? [`${path}:${first + 1} has ${length} lines`] : [];
  });
}

test('a function has at most 70 lines', () => {
  const excepted = LONG_FUNCTIONS.map(({ path }) => path);
  const long = [
    ...longFunctions(linted),
    ...assembly.flatMap(({ path, text }) => longByIndent(path, text)),
  ];
  const isExcepted = (found: string): boolean => excepted.some((path) => found.startsWith(path));
  expect(long.filter((found) => !isExcepted(found))).toEqual([]);
  const unneeded = excepted.filter((path) => !long.some((found) => found.startsWith(path)));
  expect(unneeded).toEqual([]);
});

test('a function of 71 lines is found, in TypeScript and AssemblyScript', () => {
  const text = `export function f(): void {\n${'  g();\n'.repeat(FUNCTION_LINES_MAX - 1)}}\n`;
  const folder = mkdtempSync(join(tmpdir(), 'wafer-tidy-'));
  try {
    writeFileSync(join(folder, 'long.ts'), text);
    expect(longFunctions(['long.ts'], folder)).toHaveLength(1);
  } finally {
    rmSync(folder, { recursive: true });
  }
  expect(longByIndent('long.ts', text)).toEqual(['long.ts:1 has 71 lines']);
});
