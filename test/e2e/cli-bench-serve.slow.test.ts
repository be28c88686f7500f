/**
 * `wafer bench serve` against a server that it starts: what it prints, and what it leaves.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { overheadLines } from '@wafer/bench';
import type { OverheadRow } from '@wafer/bench';
import { runCli, runCliJson, temporaryFolder } from './cli-process.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

test('a trace with shared prefixes is replayed, and the prefix cache serves it', async () => {
  const trace = join(folder.path, 'trace.jsonl');
  const row = (i: number): string =>
    JSON.stringify({
      timestamp: 100 * i,
      input_length: 2048,
      output_length: 200,
      hash_ids: [0, 1, 2, i],
    });
  writeFileSync(trace, Array.from({ length: 12 }, (_, i) => row(i + 3)).join('\n'));
  const words = ['--trace', trace, '--requests', '12', '--workers', '4', '--load', '0.5,3'];
  const svg = join(folder.path, 'picture.svg');
  const out = ['--out', join(folder.path, 'runs'), '--svg', svg, '--json'];
  const report = await runCliJson(['bench', 'serve', 'stories', ...words, ...out]);
  const [server] = report['servers'] as { capacityPerSecond: number; rows: ServeRow[] }[];
  expect(server!.capacityPerSecond).toBeGreaterThan(0);
  expect(server!.rows.map(({ sentCount, answeredCount }) => [sentCount, answeredCount])).toEqual(
    Array.from({ length: 3 }, () => [12, 12]),
  );
  for (const { cachedTokens, promptTokens, outputTokens } of server!.rows) {
    expect(outputTokens).toBeGreaterThan(12);
    expect(cachedTokens / promptTokens).toBeGreaterThan(0.3);
  }
  const [id] = readdirSync(join(folder.path, 'runs'));
  const left = (file: string): string => readFileSync(join(folder.path, 'runs', id!, file), 'utf8');
  expect(left('requests.csv').trim().split('\n')).toHaveLength(1 + 3 * 12);
  const page = left('serve.html');
  expect(page).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
  expect(page).toContain('3 × capacity');
  const picture = readFileSync(svg, 'utf8');
  expect(picture).toBe(left('serve.svg'));
  expect(picture).toContain('>3 × capacity<');
  expect(picture).not.toMatch(/<script|https?:\/\/(?!www\.w3\.org)/);
});

interface ServeRow {
  sentCount: number;
  answeredCount: number;
  cachedTokens: number;
  promptTokens: number;
  outputTokens: number;
}

test('the server is put beside the embedding interface, with the same tokens counted', async () => {
  const report = await runCliJson(['bench', 'serve', '--overhead', '--quick', '--json']);
  const rows = report['rows'] as OverheadRow[];
  expect(rows.map(({ batch, tokens, bar }) => [batch, tokens, bar])).toEqual([
    [1, 8, 0.97],
    [2, 8, 0.97],
  ]);
  // Only Linux tells.
  const isTold = process.platform === 'linux';
  for (const row of rows) {
    expect([row.servedTime !== undefined, row.embeddedTime !== undefined]).toEqual([
      isTold,
      isTold,
    ]);
    const lines = overheadLines([row]).join('\n');
    expect(lines).toMatch(/^batch \d, \d+ answers? of 8 tokens each: [\d.]+ tokens\/s served/);
    const times = /processor time of a token: [1-9]\d* µs served, [1-9]\d* µs embedded/;
    expect(times.test(lines)).toBe(isTold);
  }
});

test('five uses are asked of a wafer and of the same wafer cut', async () => {
  const report = await runCliJson([
    'bench',
    'serve',
    '--use-cases',
    '--link',
    'unix',
    '--quick',
    '--json',
  ]);
  const rows = report['rows'] as { use: string; whole: number; diced: number }[];
  expect(rows.map(({ use }) => use)).toEqual(['search', 'agents', 'code', 'voice', 'science']);
  for (const { whole, diced } of rows) expect(Math.min(whole, diced)).toBeGreaterThan(0);
  expect(report['cut']).toContain('--dice 2x1 --link unix');
});

test('a server that is not there, and a trace that is none, are told of in a line', async () => {
  const none = await runCli(['bench', 'serve', '--url', 'http://127.0.0.1:9']);
  expect(none.stderr).toMatch(/SERVER_UNUSABLE: http:\/\/127\.0\.0\.1:9\/v1\/models/);
  expect(none.code).toBe(1);
  const broken = join(folder.path, 'broken.csv');
  writeFileSync(broken, 'a,b\n1,2\n');
  const { code, stderr } = await runCli(['bench', 'serve', '--trace', broken]);
  expect(stderr).toMatch(/TRACE_INVALID: .*line 1/);
  expect(code).toBe(2);
});
