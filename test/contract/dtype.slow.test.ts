/**
 * Weights quantized at load: the bits of a file of that type, on every grid and across processes,
 * and the same error reported wherever they were quantized.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { logitBits, seededTokens, withWafer } from './wafers.ts';

const synthetic = await openModel('synthetic:tiny:f16');
const prompt = seededTokens(synthetic, 9);

const wafers: Partial<WaferOptions>[] = [
  { grid: '3x2', stages: 2, tensorPlan: 'megatron' },
  { grid: '2x1', dice: '2x1', link: 'unix' },
];

test.each(['q8_0', 'q4_0'] as const)('%s at load is the file of that type', async (dtype) => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-dtype-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const [stored, written] = ['stored.gguf', 'written.gguf'].map((name) => join(folder, name));
  writeModel({ model: synthetic, format: 'gguf', path: stored! });
  const model = await openModel(stored!);
  writeModel({ model, format: 'gguf', path: written!, type: dtype });
  const wanted = await withWafer({ model: written!, grid: '2x1' }, (wafer) =>
    logitBits(wafer, prompt),
  );
  const whole = await withWafer({ model, dtype, grid: '1x1' }, async (wafer) => {
    expect(await logitBits(wafer, prompt)).toEqual(wanted);
    return wafer.quantization!;
  });
  expect(whole).toMatchObject({ type: dtype, tensorCount: 15, kept: [] });
  const options = wafers[dtype === 'q8_0' ? 0 : 1]!;
  await withWafer({ model, dtype, ...options }, async (wafer) => {
    const cut = wafer.quantization!;
    // The megatron plan splits sums, so its bits are its own.
    if (options.tensorPlan === undefined) expect(await logitBits(wafer, prompt)).toEqual(wanted);
    expect(cut.worst?.tensor).toBe(whole.worst?.tensor);
    expect(cut.relativeRmsError / whole.relativeRmsError).toBeCloseTo(1, 10);
    expect(wafer.plan.tensors['embed']?.type).toBe(dtype);
  });
});

test('routers are kept, as in a file of the type', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-dtype-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const random = await openModel('synthetic:moe-tiny');
  const stored = writeModel({ model: random, format: 'gguf', path: join(folder, 'f.gguf') });
  const model = await openModel(stored);
  const path = writeModel({ model, format: 'gguf', path: join(folder, 'q.gguf'), type: 'q8_0' });
  const [wanted, found] = await Promise.all([
    withWafer({ model: path, grid: '1x1' }, (wafer) => logitBits(wafer, [1, 2, 3])),
    withWafer({ model, dtype: 'q8_0', grid: '1x1' }, (wafer) => logitBits(wafer, [1, 2, 3])),
  ]);
  expect(found).toEqual(wanted);
});

test('a wafer that quantizes nothing has no error to report', async () => {
  const model = synthetic;
  expect(await withWafer({ model, grid: '1x1' }, async (wafer) => wafer.quantization)).toBe(
    undefined,
  );
});
