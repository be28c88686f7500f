import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN, runCliJson, runCliWell, startCli, temporaryFolder } from './cli-process.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());
const model = join(folder.path, 'model');
const gguf = join(folder.path, 'model.gguf');

const PROMPT = 'Once upon a time';
const short = ['--max-tokens', '12'];
let reference: Record<string, unknown>;

beforeAll(async () => {
  await Promise.all([runCliWell(['init', model]), runCliWell(['init', gguf])]);
  reference = await runCliJson(['run', model, PROMPT, ...short, '--json']);
});

test('greedy text is the same on tiles, on chips, from GGUF and from standard input', async () => {
  const cut = ['--grid', '4x1', '--stages', '2', '--threads', '2', '--dice', '2x1'];
  const [onChips, fromGguf] = await Promise.all([
    runCliJson(['run', model, PROMPT, ...short, ...cut, '--json']),
    runCliWell(['run', gguf, '-', ...short, '--no-prefix-reuse'], `${PROMPT}\n`),
  ]);
  expect(onChips['tokens']).toEqual(reference['tokens']);
  expect(onChips).toMatchObject({ grid: '4x1', stages: 2, threads: 2, chips: '2x1' });
  expect(fromGguf).toBe(`${String(reference['text'])}\n`);
});

test('a drawn answer names its seed, and the seed brings it back', async () => {
  const drawn = ['--temperature', '1', '--top-k', '50', '--top-p', '0.95', '--min-p', '0.001'];
  const words = ['run', model, PROMPT, ...short, ...drawn, '--presence-penalty', '-0.5', '--json'];
  const first = await runCliJson(words);
  const [again, other] = await Promise.all([
    runCliJson([...words, '--seed', String(first['seed'])]),
    runCliJson([...words, '--seed', String((Number(first['seed']) + 1) % 2 ** 32)]),
  ]);
  expect(again['tokens']).toEqual(first['tokens']);
  expect(other['tokens']).not.toEqual(first['tokens']);
});

test('a stop text ends the answer before it, and logprobs come with JSON', async () => {
  const text = String(reference['text']);
  const stop = text.slice(6, 12);
  const words = ['run', model, PROMPT, ...short, '--stop', 'never', '--stop', stop];
  const stopped = await runCliJson([...words, '--logprobs', '2', '--json']);
  expect(stopped).toMatchObject({ text: text.slice(0, text.indexOf(stop)), finish: 'stop' });
  const logprobs = stopped['logprobs'] as { logprob: number; top: unknown[] }[];
  expect(logprobs).toHaveLength(stopped['generatedTokens'] as number);
  for (const { logprob, top } of logprobs) {
    expect(logprob).toBeLessThan(0);
    expect(top).toHaveLength(2);
  }
});

test('a reader that goes away ends the run quietly', () => {
  const command = `"${process.execPath}" "${MAIN}" run "${model}" hi --max-tokens 200`;
  const piped = spawnSync('bash', ['-c', `${command} | head -c 10; echo " $\{PIPESTATUS[0]}"`], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  expect(piped.stdout).toMatch(/ 0\n$/);
  expect(piped.stderr).toBe('');
});

test.concurrent.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('%s ends the run, its threads and its process with %i', async (signal, exitCode) => {
  const words = ['run', 'synthetic:15m', 'hi', '--max-tokens', '2000', '--grid', '2x1'];
  const { child, ended, firstOutput } = startCli(words);
  await firstOutput;
  child.kill(signal);
  const { code, stderr } = await ended;
  // A busy machine may have said that it was loading.
  const said = stderr.replaceAll(/^wafer: loading.*\n/gm, '');
  const kind = exitCode === 130 ? 'interrupted' : 'terminated';
  expect({ code, said }).toEqual({ code: exitCode, said: `wafer: ${kind}\n` });
  expect(() => process.kill(child.pid!, 0)).toThrow('ESRCH');
});
