import { expect, test } from 'vitest';
import { KvCache } from './kv-cache.ts';
import { KvHoldings } from './kv-holdings.ts';
import { Sequence } from './sequence.ts';
import { WindowCache } from './window-cache.ts';

const WINDOW = { sees: 'window', windowTokens: 20 } as const;

function cachesOf(windowBlockCount: number): { kv: KvCache; windows: WindowCache } {
  const kv = new KvCache({ blockCount: 40, reusePrefixes: true });
  return { kv, windows: new WindowCache({ blockCount: windowBlockCount, mask: WINDOW }) };
}

/** Computes the prompt of a sequence in one step, after what is known of it. */
function compute(holdings: KvHoldings, sequence: Sequence): number {
  holdings.match(sequence, sequence.tokenCount - 1);
  const { computedCount } = sequence;
  const rowCount = sequence.tokenCount - computedCount;
  expect(holdings.grow(sequence, rowCount)).toBe(rowCount);
  sequence.computedCount += rowCount;
  holdings.advance(sequence);
  return computedCount;
}

function sequenceOf(id: number, prompt: readonly number[]): Sequence {
  return new Sequence({ id, prompt, maxTokens: 1 });
}

const prompt = Array.from({ length: 100 }, (_, i) => i);

test('a window keeps what the next query sees, and a prefix is found by it again', () => {
  const { kv, windows } = cachesOf(9);
  const holdings = new KvHoldings(kv, windows);
  const sequence = sequenceOf(1, prompt);
  expect(compute(holdings, sequence)).toBe(0);
  // Position 100 sees from 81 on: blocks 5 and 6.
  expect([sequence.blocks.length, sequence.windowFirst]).toEqual([7, 5]);
  expect(sequence.windowBlocks).toHaveLength(2);
  expect(windows.stats()).toMatchObject({ freeCount: 2, idleCount: 5, evictionCount: 0 });
  const twin = sequenceOf(2, prompt);
  expect(compute(holdings, twin)).toBe(96);
  // Position 96 sees from 77 on, so block 4 was taken up again, and given up afterwards.
  expect(twin.windowBlocks[0]).toBe(sequence.windowBlocks[0]);
  holdings.release(sequence);
  holdings.release(twin);
  expect(windows.stats()).toMatchObject({ freeCount: 3, idleCount: 6 });
});

test('a match is no longer than windows are known, however much the KV cache knows', () => {
  const { kv, windows } = cachesOf(9);
  const holdings = new KvHoldings(kv, windows);
  const first = sequenceOf(1, prompt);
  compute(holdings, first);
  holdings.release(first);
  // Others take up room until the last blocks that the prompt needs are evicted.
  for (const length of [100, 36]) {
    const other = sequenceOf(
      length,
      prompt.slice(0, length).map((token) => token + 1000 * length),
    );
    compute(holdings, other);
    holdings.release(other);
  }
  expect(kv.stats().evictionCount).toBe(0);
  expect(windows.stats().evictionCount).toBeGreaterThan(0);
  const again = sequenceOf(3, prompt);
  expect(holdings.countShared(again, 99)).toBe(0);
  expect(compute(holdings, again)).toBe(0);
});

test('a match ends where all blocks that its next query sees are known', () => {
  const windows = new WindowCache({ blockCount: 9, mask: WINDOW });
  // A query at 16n sees 19 positions before: the last two blocks.
  for (const serial of [1, 2, 3, 5, 7, 8]) windows.publish(windows.take(), serial);
  expect(windows.usableCount([1, 2, 3, 4, 5])).toBe(3);
  expect(windows.usableCount([4, 1, 2, 3, 5, 6])).toBe(5);
  expect(windows.usableCount([4, 1])).toBe(0);
  expect(windows.usableCount([4, 5, 6, 7])).toBe(0);
  expect(windows.usableCount([4, 5, 6, 7, 8])).toBe(5);
});

test('a twin of known contents stays private, and is free when it is given up', () => {
  const windows = new WindowCache({ blockCount: 3, mask: WINDOW });
  const [known, twin] = [windows.take(), windows.take()];
  windows.publish(known, 7);
  windows.publish(twin, 7);
  expect(windows.find(7)).toBe(known);
  windows.release(twin);
  windows.release(known);
  expect(windows.stats()).toMatchObject({ freeCount: 2, idleCount: 1 });
});

test('a window that reaches one position into a block needs that block', () => {
  const windows = new WindowCache({ blockCount: 2, mask: { sees: 'window', windowTokens: 18 } });
  windows.publish(windows.take(), 1);
  expect(windows.usableCount([9, 1])).toBe(0); // position 32 sees from 15 on
});

test('a chunk needs nothing at its start: a match may end there, whatever was evicted', () => {
  const { kv } = cachesOf(1);
  const windows = new WindowCache({ blockCount: 7, mask: { sees: 'chunk', windowTokens: 48 } });
  const holdings = new KvHoldings(kv, windows);
  const first = sequenceOf(1, prompt);
  compute(holdings, first);
  expect([first.windowFirst, first.windowBlocks.length]).toEqual([6, 1]);
  holdings.release(first);
  for (let i = 0; i < 7; i++) windows.take();
  expect(compute(new KvHoldings(kv, undefined), sequenceOf(2, prompt))).toBe(96);
  expect(windows.usableCount([1, 2, 3, 4, 5])).toBe(3);
  expect(windows.usableCount([1, 2])).toBe(0);
});

test('a thousand adapters that come and go find nothing of each other', () => {
  const holdings = new KvHoldings(cachesOf(9).kv, undefined);
  const found = (serial: number, tenant: string): number => {
    const adapter = { slot: 1, serial };
    const sequence = new Sequence({ id: serial, prompt, maxTokens: 1, adapter, tenant });
    const tokenCount = compute(holdings, sequence);
    holdings.release(sequence);
    return tokenCount;
  };
  for (let serial = 1; serial <= 1000; serial++) {
    expect([found(serial, ''), found(serial, 'acme')]).toEqual([0, 0]);
    expect([found(serial, ''), found(serial, 'acme')]).toEqual([96, 96]);
  }
});
