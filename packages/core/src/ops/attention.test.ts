import { expect, test } from 'vitest';
import { firstSeen, type AttentionMask } from '../model/attention-mask.ts';
import { attention, attentionCost, kvAppend, kvBlockFloats, type PagedKv } from './attention.ts';

const HEADS = { headCount: 4, kvHeadCount: 2, headWidth: 8 };
const OPTIONS = { scale: 1 / Math.sqrt(8), rounding: 'fused' } as const;

function wave(count: number, speed: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => Math.sin(i * speed));
}

/** A cache of some tokens, its blocks in the given order, NaN where nothing was written. */
function cacheOf(positions: number, blockTable: number[]): PagedKv {
  const blockStride = kvBlockFloats(HEADS);
  const kv = new Float32Array(blockStride * (Math.max(...blockTable) + 1)).fill(NaN);
  const cache = { kv, blockTable: Int32Array.from(blockTable), blockStride };
  const count = positions * HEADS.kvHeadCount * HEADS.headWidth;
  const shape = { startPosition: 0, tokenCount: positions, ...HEADS };
  kvAppend(cache, wave(count, 0.7), wave(count, 1.3), shape);
  return cache;
}

/** Queries from `startPosition` on; q is the same wave whatever the split. */
function run(
  cache: PagedKv,
  startPosition: number,
  tokenCount: number,
  more: { mask?: AttentionMask; sinks?: Float32Array } = {},
): Float32Array {
  const width = HEADS.headCount * HEADS.headWidth;
  const q = wave((startPosition + tokenCount) * width, 0.37).subarray(startPosition * width);
  const out = new Float32Array(tokenCount * width);
  attention(out, q, cache, { ...HEADS, startPosition, tokenCount }, { ...OPTIONS, ...more });
  return out;
}

/** Softmax attention of one query and head in f64, without blocks; a sink adds to the sum alone. */
function naive(position: number, head: number, first = 0, sink = -Infinity): number[] {
  const { headWidth, kvHeadCount } = HEADS;
  const q = wave(4096, 0.37).subarray((position * HEADS.headCount + head) * headWidth);
  const at = (token: number, d: number): number =>
    (token * kvHeadCount + Math.floor(head / 2)) * headWidth + d;
  const [k, v] = [wave(4096, 0.7), wave(4096, 1.3)];
  const range = Array.from({ length: headWidth }, (_, d) => d);
  const weights = Array.from({ length: position + 1 }, (_, token) => {
    if (token < first) return 0;
    const dot = range.reduce((sum, d) => sum + (q[d] as number) * (k[at(token, d)] as number), 0);
    return Math.exp(dot * OPTIONS.scale);
  });
  const total = weights.reduce((sum, weight) => sum + weight, Math.exp(sink));
  return range.map(
    (d) => weights.reduce((sum, w, token) => sum + w * (v[at(token, d)] as number), 0) / total,
  );
}

test.each([0, 1, 15, 16, 37])('attention at position %i agrees with softmax in f64', (position) => {
  const out = run(cacheOf(position + 1, [0, 1, 2]), position, 1);
  for (let head = 0; head < HEADS.headCount; head++) {
    naive(position, head).forEach((expected, d) => {
      expect(out[head * HEADS.headWidth + d]).toBeCloseTo(expected, 5);
    });
  }
});

test.each([
  { sees: 'window', windowTokens: 1, first: 37 },
  { sees: 'window', windowTokens: 6, first: 32 },
  { sees: 'window', windowTokens: 7, first: 31 },
  { sees: 'window', windowTokens: 38, first: 0 },
  { sees: 'chunk', windowTokens: 10, first: 30 },
  { sees: 'chunk', windowTokens: 37, first: 37 },
  { sees: 'chunk', windowTokens: 38, first: 0 },
] as const)('with $sees $windowTokens a query sees from $first on', ({ first, ...mask }) => {
  expect(firstSeen(37, mask)).toBe(first);
  const cache = cacheOf(38, [2, 0, 1]);
  cache.blockTable.fill(-1, 0, first >> 4); // blocks that no one sees are never looked up
  const out = run(cache, 37, 1, { mask });
  for (let head = 0; head < HEADS.headCount; head++) {
    naive(37, head, first).forEach((expected, d) => {
      expect(out[head * HEADS.headWidth + d]).toBeCloseTo(expected, 5);
    });
  }
});

test('a sink takes its share of the softmax, and gives no value', () => {
  const sinks = Float32Array.of(-3, 0, 0.5, 9);
  const out = run(cacheOf(20, [0, 1]), 19, 1, { sinks });
  sinks.forEach((sink, head) => {
    naive(19, head, 0, sink).forEach((expected, d) => {
      expect(out[head * HEADS.headWidth + d]).toBeCloseTo(expected, 5);
    });
  });
});

test('a window wider than the sequence, and a sink of no weight, change no bit', () => {
  const plain = run(cacheOf(40, [0, 1, 2]), 0, 40);
  const mask = { sees: 'window', windowTokens: 40 } as const;
  expect(run(cacheOf(40, [0, 1, 2]), 0, 40, { mask })).toEqual(plain);
  const sinks = new Float32Array(4).fill(-200);
  expect(run(cacheOf(40, [0, 1, 2]), 0, 40, { sinks })).toEqual(plain);
});

test.each(['window', 'chunk'] as const)('a query with a %s does not see chunking', (sees) => {
  const mask = { sees, windowTokens: 5 };
  const whole = run(cacheOf(40, [0, 1, 2]), 0, 40, { mask });
  const width = HEADS.headCount * HEADS.headWidth;
  for (let position = 0; position < 40; position++) {
    const part = whole.subarray(position * width, (position + 1) * width);
    expect(run(cacheOf(position + 1, [1, 0, 2]), position, 1, { mask })).toEqual(part);
  }
});

test('a query does not see chunking, later tokens or the places of blocks', () => {
  const whole = run(cacheOf(40, [0, 1, 2]), 0, 40);
  const moved = run(cacheOf(40, [2, 0, 1]), 0, 40);
  expect(moved).toEqual(whole);
  const width = HEADS.headCount * HEADS.headWidth;
  for (const [start, count] of [
    [0, 17],
    [17, 1],
    [18, 22],
  ] as const) {
    const seen = cacheOf(start + count, [1, 0, 2]);
    const part = whole.subarray(start * width, (start + count) * width);
    expect(run(seen, start, count)).toEqual(part);
  }
});

test('the cost counts each query with the positions that it sees', () => {
  const cost = attentionCost({ ...HEADS, startPosition: 10, tokenCount: 3 });
  expect(cost.flops).toBe(4 * (11 + 12 + 13) * 4 * 8);
  const shape = { ...HEADS, startPosition: 10, tokenCount: 3 };
  const ofWindow = attentionCost(shape, { mask: { sees: 'window', windowTokens: 4 } });
  expect(ofWindow.flops).toBe(4 * (4 + 4 + 4) * 4 * 8);
  expect(cost.activationBytes - ofWindow.activationBytes).toBe(2 * 7 * 2 * 8 * 4);
  const ofChunk = attentionCost(shape, { mask: { sees: 'chunk', windowTokens: 12 } });
  expect(ofChunk.flops).toBe(4 * (11 + 12 + 1) * 4 * 8);
});
