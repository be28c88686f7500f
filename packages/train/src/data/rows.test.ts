import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { TrainRows } from './rows.ts';
import { openTokens, tokensInMemory } from './token-source.ts';

const IDS = Uint32Array.from({ length: 33 }, (_, i) => 100 + i);

function rowsOf(rows: TrainRows, indices: readonly number[]): number[] {
  const row = rows.create();
  return indices.map((index) => {
    rows.read(index, row);
    return row.tokens[0]!;
  });
}

test('row r reads tokens from r T on, and targets one further', () => {
  const rows = new TrainRows(tokensInMemory(IDS), { context: 8, order: 'sequential', seed: 1 });
  const row = rows.create();
  rows.read(3, row);
  expect([...row.tokens]).toEqual([124, 125, 126, 127, 128, 129, 130, 131]);
  expect([...row.targets]).toEqual([125, 126, 127, 128, 129, 130, 131, 132]);
  expect(row.countedTargets).toBe(8);
  expect(rowsOf(rows, [0, 4])).toEqual([100, 100]);
});

test('a shuffled epoch has every row once, and any row is found without those before', () => {
  const use = { context: 4, order: 'shuffled', seed: 5 } as const;
  const rows = new TrainRows(tokensInMemory(IDS), use);
  const first = rowsOf(rows, [0, 1, 2, 3, 4, 5, 6, 7]);
  expect(first.toSorted((a, b) => a - b)).toEqual([100, 104, 108, 112, 116, 120, 124, 128]);
  const second = rowsOf(rows, [8, 9, 10, 11, 12, 13, 14, 15]);
  expect(second).not.toEqual(first);
  expect(rowsOf(new TrainRows(tokensInMemory(IDS), use), [13])).toEqual([second[5]]);
});

test('a position sees its document alone, and no document begins as a target', () => {
  const source = tokensInMemory(IDS, { starts: Uint32Array.of(0, 3, 10) });
  const rows = new TrainRows(source, { context: 8, order: 'sequential', seed: 1 });
  const row = rows.create();
  rows.read(0, row);
  expect([...row.firsts]).toEqual([0, 0, 0, 3, 3, 3, 3, 3]);
  expect([...row.counts]).toEqual([1, 1, 0, 1, 1, 1, 1, 1]);
  rows.read(1, row);
  expect([...row.firsts]).toEqual([0, 0, 2, 2, 2, 2, 2, 2]);
  expect([...row.counts]).toEqual([1, 0, 1, 1, 1, 1, 1, 1]);
});

test('targets that do not count are marked', () => {
  const counts = Uint8Array.from(IDS, (_, i) => (i >= 6 ? 1 : 0));
  const use = { context: 8, order: 'sequential', seed: 1 } as const;
  const rows = new TrainRows(tokensInMemory(IDS, { counts }), use);
  const row = rows.create();
  rows.read(0, row);
  expect([...row.counts]).toEqual([0, 0, 0, 0, 0, 1, 1, 1]);
  expect(row.countedTargets).toBe(3);
});

test.each([2, 4] as const)('ids of %i bytes are read from a file', (idBytes) => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-tokens-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'tokens');
  writeFileSync(path, idBytes === 2 ? Uint16Array.from(IDS) : IDS);
  const source = openTokens(path, idBytes);
  onTestFinished(() => source.close());
  const use = { context: 8, order: 'sequential', seed: 1 } as const;
  expect(rowsOf(new TrainRows(source, use), [0, 1, 2, 3])).toEqual([100, 108, 116, 124]);
  const few = new Uint32Array(1);
  source.read(32, few);
  const all = new Uint32Array(IDS.length);
  source.read(0, all); // more than was read before
  expect([few[0], all]).toEqual([132, IDS]);
  writeFileSync(path, new Uint8Array(5));
  expect(() => openTokens(path, idBytes)).toThrow('DATA_INVALID');
});

test('data without a single row is refused with both numbers', () => {
  const use = { context: 33, order: 'sequential', seed: 1 } as const;
  expect(() => new TrainRows(tokensInMemory(IDS), use)).toThrow(/33 tokens.* 34/);
});
