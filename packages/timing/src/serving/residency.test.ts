import { tryGpuFacts, tryWaferFacts } from '@wafer/core';
import { expect, test } from 'vitest';
import { kvBytes, weightBytes } from './model-shape.ts';
import { findModel, MODELS, tryModel } from './models.ts';
import { gpuResidency, waferBytes, waferResidency } from './residency.ts';

const wse3 = tryWaferFacts('wse3')!;
const held = (
  name: string,
  contextTokens = 1024,
  batch = 1,
): Parameters<typeof waferResidency>[0] => ({
  shape: findModel(name),
  contextTokens,
  batch,
});

test('models have the sizes that their names say', () => {
  const billions = (name: string): number =>
    weightBytes(
      { ...findModel(name), bits: { attention: 8, ffn: 8, experts: 8, vocabulary: 8 } },
      'all',
    ) / 1e9;
  const sizes = [
    ['llama-3.1-8b', 8.0],
    ['llama-3.1-70b', 70.6],
    ['llama-3.1-405b', 406],
    ['llama-4-scout', 109],
    ['llama-4-maverick', 400],
    ['qwen3-32b', 32.8],
    ['qwen3-235b-a22b', 235],
    ['qwen3-coder-480b', 480],
    ['gpt-oss-20b', 20.9],
    ['gpt-oss-120b', 117],
    ['glm-4.5', 355],
    ['mixtral-8x7b', 46.7],
    ['mistral-large-2', 123],
    ['llama-2-7b', 6.7],
    ['llama-2-13b', 13.0],
    ['codellama-34b', 33.7],
    ['qwen2-7b', 7.6],
    ['qwen2-72b', 72.7],
  ] as const;
  for (const [name, size] of sizes) expect(billions(name) / size, name).toBeCloseTo(1, 1.4);
  expect(new Set(MODELS.map(({ name }) => name)).size).toBe(MODELS.length);
  expect(tryModel('Llama 3.1 70B')).toBe(findModel('llama-3.1-70b'));
  expect(() => findModel('gpt-2')).toThrow('config.json');
  expect(findModel('Qwen3 235B').name).toBe('qwen3-235b-a22b');
  expect(() => findModel('llama-3.1')).toThrow('config.json');
});

test('8B lives on one wafer, 70B on four, and a wafer of 44 GB does not hold 141 GB', () => {
  expect(waferResidency(held('llama-3.1-8b'), wse3)).toMatchObject({ mode: 'resident', chips: 1 });
  expect(waferResidency(held('llama-3.1-70b'), wse3)).toMatchObject({ mode: 'several', chips: 4 });
  const one = waferResidency(held('llama-3.1-70b'), wse3, { wafers: 1 });
  expect(one).toMatchObject({ mode: 'refused', chips: 4 });
  expect(one.reason).toMatch(/GB more than a wafer has; 4 wafers hold it/);
  expect(waferBytes(wse3)).toBeLessThan(44e9);
});

test('a stream keeps state only, and is refused where state does not fit', () => {
  const streamed = waferResidency(held('llama-3.1-405b'), wse3, { wafers: 1, streams: true });
  expect(streamed).toMatchObject({ mode: 'streamed', chips: 1 });
  const long = held('llama-3.1-405b', 131_072, 64);
  expect(waferResidency(long, wse3, { wafers: 1, streams: true }).mode).toBe('refused');
});

test('every wafer holds what it is given, and longer contexts never need fewer wafers', () => {
  for (const { name } of MODELS) {
    let before = 0;
    for (const contextTokens of [1, 1024, 16_384, 131_072]) {
      const found = waferResidency(held(name, contextTokens), wse3);
      expect(found.chips, name).toBeGreaterThanOrEqual(before);
      before = found.chips;
      if (found.mode !== 'refused') expect(found.fullestBytes).toBeLessThanOrEqual(found.chipBytes);
      expect(found.fullestBytes * found.chips).toBeGreaterThanOrEqual(found.weightBytes);
    }
  }
});

test('GPUs share all bytes, and say how many hold a model', () => {
  const gpu = tryGpuFacts('H100')!;
  expect(gpuResidency(held('llama-3.1-70b'), gpu, 8).mode).toBe('resident');
  expect(gpuResidency(held('llama-3.1-70b'), gpu, 1)).toMatchObject({ mode: 'refused', chips: 2 });
  expect(kvBytes(findModel('llama-3.1-8b'), 1)).toBe(32 * 2 * 8 * 128 * 2);
});
