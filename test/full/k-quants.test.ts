/**
 * K-quants beside llama.cpp, beside double precision and on every layout.
 */
import { beforeAll, describe, expect, test } from 'vitest';
import { dequantizeRow, quantizeBlocks, storedRowBytes } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { logitBits, seededTokens, withWafer } from '../contract/wafers.ts';
import { differentChoices, waferLogits, worstDifference } from '../golden/compare.ts';
import { DOUBLE_TOLERANCE, forwardDouble, readDoubleWeights } from '../golden/double-forward.ts';
import { K_SPEC, MIXED_MODEL } from '../golden/mixed-types.ts';
import { withGguf } from '../golden/specs.ts';
import { LlamaCpp } from './peers.ts';

const TYPES = ['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k'] as const;

/**
 * Largest difference of a logit from llama.cpp's, which rounds activations to 8 bits per 256 (ours
 * stay f32): 0.06 to 0.16 measured, of logits that spread by 1 and reach 4. A wrong reading of a
 * block moves them by that spread.
 */
const LLAMA_TOLERANCE = 0.3;
const TOKEN_COUNT = 60;

let llama: LlamaCpp;
beforeAll(async () => {
  llama = await LlamaCpp.start();
  return () => llama.close();
});

/** Writes a model, runs the file here and there, and in double precision. */
async function compare(model: Model): Promise<void> {
  const tokens = seededTokens(model, TOKEN_COUNT);
  await withGguf(model, async (gguf, path) => {
    const ours = await waferLogits(gguf, tokens);
    const exact = forwardDouble(gguf.spec, readDoubleWeights(gguf), tokens);
    expect(worstDifference(ours, exact)).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
    const theirs = await llama.withModel(path, (peer) => peer.logits(tokens, K_SPEC.vocabCount));
    const worst = worstDifference(ours, theirs);
    expect(worst).toBeLessThanOrEqual(LLAMA_TOLERANCE);
    const { differing, comparedCount } = differentChoices(ours, theirs, LLAMA_TOLERANCE);
    expect(differing).toEqual([]);
    expect(comparedCount).toBeGreaterThan(0);
  });
}

describe('logits are those of double precision and near those of llama.cpp', () => {
  test.each(TYPES)('%s', async (type) => {
    await compare(syntheticModel({ name: type, spec: K_SPEC, type, seed: 11 }));
  });

  test('types that differ from tensor to tensor', async () => {
    await compare(MIXED_MODEL);
  });
});

describe('mixed types', () => {
  const prompt = seededTokens(MIXED_MODEL, 40);
  const bitsOf = (layout: Partial<WaferOptions>): Promise<Uint32Array[]> =>
    withWafer({ model: MIXED_MODEL, ...layout }, (wafer) => logitBits(wafer, prompt));

  test('logits are the same bits on every layout', async () => {
    const one = await bitsOf({ grid: '1x1' });
    const layouts: Partial<WaferOptions>[] = [
      { grid: '3x1' },
      { grid: '8x1', threads: 8 },
      { grid: '2x2', stages: 2, dice: '2x1' },
      { grid: '1x1', prefillChunk: 1 },
      { grid: '2x1', prefillChunk: 7 },
    ];
    for (const layout of layouts) expect(await bitsOf(layout)).toEqual(one);
  });

  test('Megatron sums parts of whole blocks', async () => {
    const exact = forwardDouble(K_SPEC, readDoubleWeights(MIXED_MODEL), prompt);
    const rows = await bitsOf({ grid: '2x1', tensorPlan: 'megatron' });
    const logits = rows.map((row) => new Float32Array(row.buffer));
    expect(worstDifference(logits, exact)).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
  });
});

test.each(TYPES)('quantizers of %s err by a few steps of the type at most', (type) => {
  const values = Float32Array.from({ length: 4096 }, (_, i) => Math.sin(i * i * 0.37) * 0.05);
  const stored = new Uint8Array(storedRowBytes(type, values.length));
  quantizeBlocks(type, stored, 0, values);
  const back = new Float32Array(values.length);
  dequantizeRow(back, { type, rows: 1, columns: values.length, stored }, 0);
  const squares = values.reduce((sum, value, i) => sum + (value - back[i]!) ** 2, 0);
  const relative = Math.sqrt(squares / values.reduce((sum, value) => sum + value ** 2, 0));
  expect(relative).toBeLessThan({ q2_k: 0.3, q3_k: 0.2, q4_k: 0.06, q5_k: 0.03, q6_k: 0.02 }[type]);
});
