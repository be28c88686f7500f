/**
 * Tiny shapes that together use every option of the family, for comparison with numbers from
 * outside. Uneven on purpose: 3 KV heads, widths that are no multiple of a panel or of the heads.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ModelSpec, RopeScaling } from '@wafer/core';
import { SYNTHETIC_SPECS, writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';

const TINY = SYNTHETIC_SPECS['tiny'] as ModelSpec;
const ALL_BIASES = { qkv: true, attentionOutput: true, ffn: true };

const LINEAR: RopeScaling = { kind: 'linear', factor: 4 };
const LLAMA3: RopeScaling = {
  kind: 'llama3',
  factor: 8,
  lowFrequencyFactor: 1,
  highFrequencyFactor: 4,
  originalContext: 32,
};
const YARN: RopeScaling = {
  kind: 'yarn',
  factor: 4,
  originalContext: 64,
  betaFast: 8,
  betaSlow: 1,
  attentionFactor: 0.1 * Math.log(4) + 1,
  truncate: true,
};

/** Shapes by name; every option of the spec is used by at least one. */
export const GOLDEN_SPECS: Readonly<Record<string, ModelSpec>> = {
  'grouped heads': shape({
    modelWidth: 96,
    headCount: 6,
    kvHeadCount: 3,
    headWidth: 16,
    ffnWidth: 224,
  }),
  'untied, biases, linear': shape(
    { hasTiedEmbeddings: false, biases: ALL_BIASES, headCount: 4, kvHeadCount: 1, headWidth: 16 },
    LINEAR,
  ),
  'wide heads, llama3': shape(
    { hasTiedEmbeddings: false, headCount: 3, kvHeadCount: 3, headWidth: 32 },
    LLAMA3,
  ),
  'biases of q, k, v, yarn': shape(
    { biases: { ...ALL_BIASES, attentionOutput: false, ffn: false }, normEpsilon: 1e-3 },
    YARN,
  ),
};

/** A shape that blocks of 128 and 256 inputs fit. */
export const WIDE_SPEC: ModelSpec = shape({
  modelWidth: 256,
  layerCount: 1,
  headCount: 8,
  kvHeadCount: 4,
  headWidth: 32,
  ffnWidth: 512,
});

/** Opens a model as the GGUF file that is written of it; its rotary layout becomes `pairs`. */
export async function withGguf<Result>(
  model: Model,
  use: (gguf: Model, path: string) => Promise<Result>,
): Promise<Result> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-golden-'));
  try {
    const path = join(folder, 'model.gguf');
    writeModel({ model, format: 'gguf', path });
    return await use(await openModel(path), path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function shape(changes: Partial<ModelSpec>, scaling: RopeScaling = { kind: 'none' }): ModelSpec {
  const spec = { ...TINY, vocabCount: 509, ...changes };
  return { ...spec, rope: { ...TINY.rope, scaling, rotaryWidth: spec.headWidth } };
}
