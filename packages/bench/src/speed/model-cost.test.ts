import { expect, test } from 'vitest';
import { openModel } from '@wafer/runtime';
import { heldWeightBytes, kvBytesPerPosition, stepWeightBytes, taskCost } from './model-cost.ts';

const model = await openModel('synthetic:110m:f32');

test('a token of a 110M model costs what its shapes say', () => {
  const layer = 4 * 768 * 768 + 3 * 768 * 2048;
  const weights = 12 * layer + 32_000 * 768;
  const norms = 25 * 768;
  expect(stepWeightBytes(model)).toBe(4 * (weights + norms));
  expect(kvBytesPerPosition(model)).toBe(2 * 12 * 768 * 4);
  const task = { kind: 'decode', sequences: 1, promptTokens: 7, tokens: 2 } as const;
  expect(taskCost(model, task)).toEqual({
    bytes: 4 * (weights + norms) + 16 * 2 * 12 * 768 * 4, // position 8 lies in the first block
    flops: 2 * weights + 8 * 4 * 12 * 768,
    tokens: 1,
  });
});

test('weights are read once for all sequences, the cache by each', () => {
  const of = (sequences: number): { bytes: number; flops: number; tokens: number } =>
    taskCost(model, { kind: 'decode', sequences, promptTokens: 16, tokens: 9 })!;
  const [one, eight] = [of(1), of(8)];
  expect(eight.flops).toBe(8 * one.flops);
  expect(eight.tokens).toBe(8 * one.tokens);
  const weights = 8 * stepWeightBytes(model);
  expect(eight.bytes - weights).toBe(8 * (one.bytes - weights));
});

test('of experts a token reads those it chooses, a step of many nearly all', async () => {
  const moe = await openModel('synthetic:moe:f32');
  const expert = 3 * 512 * 256 * 4;
  const others = heldWeightBytes(moe) - 6 * 64 * expert;
  expect(stepWeightBytes(moe)).toBeCloseTo(others + 6 * 8 * expert, 3);
  expect(stepWeightBytes(moe, 128)).toBeLessThan(heldWeightBytes(moe));
  expect(stepWeightBytes(moe, 128) / heldWeightBytes(moe)).toBeGreaterThan(0.999);
  const flops = (sequences: number): number =>
    taskCost(moe, { kind: 'decode', sequences, promptTokens: 16, tokens: 9 })!.flops;
  expect(flops(8)).toBeCloseTo(8 * flops(1), 3);
});

test('a longer prompt and a smaller type change the cost', () => {
  const prefill = (promptTokens: number): number =>
    taskCost(model, { kind: 'prefill', promptTokens })!.flops / promptTokens;
  expect(prefill(512)).toBeLessThan(prefill(1)); // the head is computed once
  expect(prefill(512)).toBeGreaterThan(prefill(256) - 2 * 32_000 * 768);
  expect(taskCost(model, { kind: 'start', promptTokens: 1 })).toBeUndefined();
});
