import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { openModel } from '@wafer/runtime';
import { variantsHere } from '../calibrate/calibrate.ts';
import { runSpeed } from './run-speed.ts';
import { quickSettings, tasksFor } from './speed-options.ts';
import type { SpeedOptions } from './speed-options.ts';
import { speedLines } from './speed-report.ts';
import { taskName } from '../task/speed-task.ts';

const cacheFolder = mkdtempSync(join(tmpdir(), 'wafer-speed-'));
afterAll(() => rmSync(cacheFolder, { recursive: true }));

const QUICK: SpeedOptions = {
  ...quickSettings(),
  ...{ models: ['synthetic:tiny'], types: ['q8_0'], tiles: [1], revectorize: [false] },
  ...{ batches: [2], contexts: [], rounds: 1, hasExtras: false, cacheFolder },
};

test('wafers of every shape take turns at every task and write the same tokens', async () => {
  const variants = variantsHere().slice(0, 1);
  const options = { ...QUICK, tiles: [1, 2], revectorize: variants, batches: [1], hasExtras: true };
  const said: string[] = [];
  const report = await runSpeed({ ...options, say: (text) => said.push(text) });
  const [group] = report.groups;
  const contenders = [1, 2].map((tiles) => `${tiles} ${variants[0]}`);
  const tasks = [
    'prefill 16',
    'decode x1 after 4',
    'embed 4 texts',
    'linear layers',
    'start, first token',
  ];
  expect(group!.rows.map((row) => `${row.name}: ${row.threads} ${row.isRevectorized}`)).toEqual(
    tasks.flatMap((task) => contenders.map((contender) => `${task}: ${contender}`)),
  );
  for (const row of group!.rows) {
    expect(row.samples).toHaveLength(1);
    expect(Math.min(...row.samples)).toBeGreaterThan(0);
    const sums = row.shares?.map(({ compute, send, wait, idle }) => compute + send + wait + idle);
    expect(sums?.every((sum) => Math.abs(sum - 1) < 1e-9) ?? true).toBe(true);
    expect(row.shares?.length ?? row.threads).toBe(row.threads);
  }
  expect(group!.ceilings).toHaveLength(4);
  expect(said).toContain('synthetic-tiny q8_0: round 1 of 1');
  const text = speedLines(report).join('\n');
  expect(text).toMatch(/wall clock/);
  expect(text).toContain(report.tokensHash);
});

test('types, activations, sequences and rounds change what is measured and written', async () => {
  const types = ['f32', 'q8_0'] as const;
  const base = await runSpeed({ ...QUICK, types, activations: ['f32', 'int8'] });
  const [plain, blocks] = base.groups;
  expect(plain!.weightBytes).toBeGreaterThan(blocks!.weightBytes);
  // Rounded activations take part by name, with their error, and only where weights are blocks.
  const kinds = base.groups.map(({ rows }) => [...new Set(rows.map((row) => row.activations))]);
  expect(kinds).toEqual([['f32'], ['f32', 'int8']]);
  expect(plain!.logitsDifferences).toEqual({ wafer: 0 });
  expect(blocks!.logitsDifferences['wafer int8']).toBeGreaterThan(0);
  const other = await runSpeed({ ...QUICK, types: ['f32'], rounds: 2, batches: [3] });
  expect(other.groups[0]!.rows[0]!.samples).toHaveLength(2);
  expect(other.tokensHash).not.toBe(base.tokensHash);
});

test('every length, batch and context is a task of its own', async () => {
  const model = await openModel('synthetic:tiny');
  const names = (more: Partial<SpeedOptions>): string[] =>
    tasksFor(model, { ...QUICK, batches: [1, 2], ...more }).map((task) => JSON.stringify(task));
  const base = names({});
  const changes: Partial<SpeedOptions>[] = [
    { prefills: [17] },
    { batches: [5] },
    { contexts: [30] },
    { embeds: [5] },
    { promptTokens: 5 },
    { tokens: 9 },
    { batchTokens: 9 },
    { hasExtras: true },
  ];
  for (const change of changes) expect(names(change)).not.toEqual(base);
  const kept = tasksFor(model, { ...QUICK, prefills: [8, 100_000] }).map(taskName);
  expect(kept).toContain('prefill 8');
  expect(kept).not.toContain('prefill 100000');
});
