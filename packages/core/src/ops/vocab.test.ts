import { expect, test } from 'vitest';
import { argmax, expSums, topK } from './vocab.ts';

test('ties go to the lower id, and NaN is never chosen', () => {
  const logits = Float32Array.from([NaN, 1, 3, -Infinity, 3, 2]);
  expect(argmax(logits)).toBe(2);
  expect([...topK(logits, 3).ids]).toEqual([2, 4, 5]);
  expect([...topK(logits, 9).ids]).toEqual([2, 4, 5, 1, 3]);
  expect(argmax(new Float32Array(3).fill(NaN))).toBe(0);
});

test('sums of exponentials do not depend on where blocks of 1,024 are cut from the row', () => {
  const logits = Float32Array.from({ length: 2500 }, (_, i) => Math.sin(i) * 4);
  const options = { max: 4, scale: 0.7, rounding: 'fused' } as const;
  const whole = expSums(logits, options);
  expect(whole).toHaveLength(3);
  const shards = [logits.subarray(0, 1024), logits.subarray(1024)];
  expect(shards.flatMap((shard) => [...expSums(shard, options)])).toEqual([...whole]);
  const exact = logits.reduce((sum, logit) => sum + Math.exp((logit - 4) * 0.7), 0);
  expect(whole.reduce((sum, block) => sum + block, 0)).toBeCloseTo(exact, 3);
});
