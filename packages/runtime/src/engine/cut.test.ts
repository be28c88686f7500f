import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BIN_COUNT, dropBelow, findCut } from './cut.ts';

/** Sorts, the plain way: ids in the order of the cut. */
function descending(logits: Float32Array): number[] {
  return [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
}

function keep(logits: Float32Array, weights: Float32Array, target: number): number[] {
  const row = { logits, weights: weights.slice() };
  dropBelow(row, findCut(row, target, new Float64Array(BIN_COUNT)));
  return descending(logits).filter((id) => row.weights[id]! > 0);
}

const logit = fc.oneof(
  fc.integer({ min: -3, max: 3 }), // ties
  fc.constantFrom(-0, 0),
  fc.float({ noNaN: true, noDefaultInfinity: true, min: -100, max: 100 }),
  fc.nat({ max: 3 }).map((ulps) => 1 + ulps * 2 ** -23), // neighbors
);
const row = fc.array(logit, { minLength: 1, maxLength: 60 }).map((list) => Float32Array.from(list));

test('a cut by count keeps as many as a sort would, ties by ascending id', () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 1, max: 70 }), (logits, count) => {
      const ones = new Float32Array(logits.length).fill(1);
      expect(keep(logits, ones, count)).toEqual(descending(logits).slice(0, count));
    }),
    { numRuns: 1000 },
  );
});

test('a cut by weight keeps the shortest beginning of the order that reaches the target', () => {
  fc.assert(
    fc.property(row, fc.integer({ min: 0, max: 64 }), (logits, sixtyFourths) => {
      // Small whole weights: every sum is exact, in any order.
      const weights = logits.map((_, id) => ((id * 7) % 5) + 1);
      const target = (weights.reduce((a, b) => a + b) * sixtyFourths) / 64;
      const order = descending(logits);
      let sum = 0;
      const expected = order.filter((_, i) => {
        const isKept = i === 0 || sum < target;
        sum += weights[order[i]!]!;
        return isKept;
      });
      expect(keep(logits, weights, target)).toEqual(expected);
    }),
    { numRuns: 1000 },
  );
});

test('what weighs nothing is not in the way, and an unreachable target keeps the rest', () => {
  const logits = Float32Array.of(5, 4, 3, 2);
  expect(keep(logits, Float32Array.of(0, 1, 0, 1), 1)).toEqual([1]);
  expect(keep(logits, Float32Array.of(0, 1, 0, 1), 9)).toEqual([1, 3]);
});

test('infinite logits have their place in the order', () => {
  const logits = Float32Array.of(-Infinity, 1, Infinity, -Infinity);
  expect(keep(logits, new Float32Array(4).fill(1), 3)).toEqual([2, 1, 0]);
});
