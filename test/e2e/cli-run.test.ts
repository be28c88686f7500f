import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, temporaryFolder } from './cli-process.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const model = join(folder.path, 'model');

const PROMPT = 'Once upon a time';
const short = ['--max-tokens', '12'];
let reference: Record<string, unknown>;

beforeAll(async () => {
  await runCliWell(['init', model]);
  reference = await runCliJson(['run', model, PROMPT, ...short, '--json']);
});

test('run streams text to standard output, and its speed to standard error', async () => {
  const { code, stdout, stderr } = await runCli(['run', model, PROMPT, ...short]);
  expect(code).toBe(0);
  expect(stdout).toBe(`${String(reference['text'])}\n`);
  expect(stderr).toMatch(/^prompt 17 tokens, [\d.]+\/s · generated 12 tokens, [\d.]+\/s · /m);
  expect(stderr).toMatch(
    / · grid 1x1 · 1 thread · (fused|plain) rounding · (128|256)-bit vectors\n$/,
  );
});

test('run --json prints one object with text, tokens, finish and timings', () => {
  expect(Object.keys(reference)).toEqual([
    'model',
    'text',
    'tokens',
    'finish',
    'promptTokens',
    'generatedTokens',
    'seed',
    'sampling',
    'timings',
    'grid',
    'stages',
    'plan',
    'threads',
    'chips',
    'rounding',
    'activations',
    'kv',
    'vectorBits',
  ]);
  expect(reference).toMatchObject({ finish: 'length', promptTokens: 17, generatedTokens: 12 });
  expect(reference['tokens']).toHaveLength(12);
  expect(reference['timings']).toMatchObject({ clock: 'wall' });
});
