import { H100, NVLINK4 } from '@wafer/core';
import type { KvType, ModelSpec, Plan } from '@wafer/core';
import { expect, test } from 'vitest';
import { closedForm } from './closed-form.ts';
import { LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep } from './step.ts';
import { walkPlan } from './walk.ts';

const STEP = decodeStep({ batch: 1, contextTokens: 8000 });
const ONE = { grid: { width: 1, height: 1 }, type: 'bf16', tensor: 'column' } as const;

function walkNs(plan: Plan): number {
  return walkPlan(plan, { machine: H100, step: STEP, elementBytes: 2 }).stepNs;
}

test('windows shorten attention, in the walk as in the closed form', () => {
  const layer = { isRotated: true, ffn: 'dense' } as const;
  const spec: ModelSpec = {
    ...LLAMA_3_8B,
    layers: {
      leading: [],
      repeating: [
        { sees: 'window', ...layer },
        { sees: 'all', ...layer },
      ],
    },
    attention: { ...LLAMA_3_8B.attention, windowTokens: 128 },
  };
  const shared = { type: 'bf16', machine: H100, chipCount: 1, step: STEP } as const;
  const given = { ...shared, link: NVLINK4, kind: 'custom' } as const;
  const [plain, windowed] = [LLAMA_3_8B, spec].map((shape) => {
    const ns = closedForm({ ...given, spec: shape, elementBytes: 2 }).computeNs;
    expect(walkNs(planShape(shape, ONE)) / ns).toBeCloseTo(1, 9);
    return ns;
  });
  // Half of the layers read 128 positions instead of 8,001.
  const { bandwidthBytesPerS, efficiency } = H100.memory;
  const bytes = (spec.layerCount / 2) * 2 * (8001 - 128) * spec.kvHeadCount * spec.headWidth * 2;
  const savedNs = (bytes / (bandwidthBytesPerS.value * efficiency.value)) * 1e9;
  expect(plain! - windowed!).toBeCloseTo(savedNs, 0);
});

test('a narrow KV cache is read faster; f16 is as wide as activations of two bytes', () => {
  const plan = planShape(LLAMA_3_8B, ONE);
  const ofType = (kvType: KvType): number =>
    walkNs({
      ...plan,
      tiles: plan.tiles.map((tile) => ({ ...tile, constants: { ...tile.constants, kvType } })),
    });
  const [f32, f16, q8] = (['f32', 'f16', 'q8_0'] as const).map(ofType);
  expect(f16! / f32!).toBeCloseTo(1, 9);
  const ratio = (2 - 34 / 32) / 2; // of the bytes of all keys and values
  const bytes = LLAMA_3_8B.layerCount * 2 * 8002 * LLAMA_3_8B.kvHeadCount * 128 * 2 * ratio;
  const { bandwidthBytesPerS, efficiency } = H100.memory;
  const savedNs = (bytes / (bandwidthBytesPerS.value * efficiency.value)) * 1e9;
  expect((f32! - q8!) / savedNs).toBeCloseTo(1, 3);
});
