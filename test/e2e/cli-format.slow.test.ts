import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-format-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('an answer of the command line is held to a schema in a file', async () => {
  const path = join(folder, 'schema.json');
  writeFileSync(path, JSON.stringify({ enum: [{ a: 1 }, { a: 2 }] }));
  const { stdout, code } = await runCli(['run', 'Once upon', '--json-schema', path]);
  expect([code, [1, 2].includes((JSON.parse(stdout) as { a: number }).a)]).toEqual([0, true]);
});

test('formats that mean nothing, or that are two, end with what to mend', async () => {
  const broken = await runCli(['run', 'Once upon', '--regex', '(a']);
  expect([broken.code, broken.stderr.includes('GRAMMAR_INVALID')]).toEqual([2, true]);
  const two = await runCli(['run', 'Once upon', '--regex', 'a', '--choices', 'b']);
  expect([two.code, two.stderr.includes('exclude each other')]).toEqual([2, true]);
});
