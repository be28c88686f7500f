import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli as wafer } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-files-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('a run leaves a trace of its tiles and a log of its wafer', async () => {
  const [trace, log] = [join(folder, 'trace.json'), join(folder, 'wafer.log')];
  const flags = ['--max-tokens', '4', '--grid', '2x1', '--trace', trace, '--log', log];
  expect((await wafer(['run', 'synthetic:tiny', 'hello', ...flags])).code).toBe(0);
  const { traceEvents } = JSON.parse(readFileSync(trace, 'utf8')) as {
    traceEvents: { name: string }[];
  };
  expect(traceEvents.some(({ name }) => name === 'linear 64x64 f32')).toBe(true);
  const lines = readFileSync(log, 'utf8').trim().split('\n');
  const messages = lines.map((line) => (JSON.parse(line) as { msg: string }).msg);
  expect(messages).toEqual(['planned', 'started', 'closed']);
});

test('the speed line says how wide vectors are, and no text depends on it', async () => {
  const run = ['run', 'synthetic:tiny', 'hello', '--max-tokens', '12'];
  const [wide, narrow] = [await wafer(run), await wafer([...run, '--no-revectorize'])];
  expect(narrow.stderr).toContain('128-bit vectors');
  expect(wide.stderr).toMatch(/(256|128)-bit vectors/);
  expect(wide.stdout).toBe(narrow.stdout);
});

test('a trace that cannot be written is an output error', async () => {
  const path = join(folder, 'no-such-folder', 'trace.json');
  const ended = await wafer(['run', 'synthetic:tiny', 'hello', '--trace', path]);
  expect(ended.code).toBe(5);
  expect(ended.stderr).toContain(`OUTPUT_FAILED: cannot write ${path}`);
});
