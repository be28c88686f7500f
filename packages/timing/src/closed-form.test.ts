import { B200, customLink, diceGrid, H100, NVLINK4, NVLINK5, WSE3 } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { expect, test } from 'vitest';
import { closedForm } from './closed-form.ts';
import type { ClosedFormInput } from './closed-form.ts';
import { LLAMA_3_70B, LLAMA_3_8B, planShape } from './shapes.ts';
import { decodeStep, prefillStep } from './step.ts';
import { walkPlan } from './walk.ts';
import { closedWaterfall, waterfall } from './waterfall.ts';

const STEP = decodeStep({ batch: 1, contextTokens: 1024 });

function input(more: Partial<ClosedFormInput> = {}): ClosedFormInput {
  return {
    spec: LLAMA_3_8B,
    type: 'bf16',
    machine: H100,
    chipCount: 1,
    link: NVLINK4,
    kind: 'custom',
    step: STEP,
    elementBytes: 2,
    ...more,
  };
}

/** The shape of Mixtral 8x7B, and a variant with everything a layer of experts may have. */
const MIXTRAL: ModelSpec = {
  ...LLAMA_3_8B,
  vocabCount: 32_000,
  layers: { leading: [], repeating: [{ sees: 'all', isRotated: true, ffn: 'experts' }] },
  experts: {
    expertCount: 8,
    chosenCount: 2,
    expertWidth: 14_336,
    sharedWidth: 0,
    router: {
      score: 'none',
      hasBias: false,
      hasSelectionBias: false,
      groups: undefined,
      weights: 'softmax',
      scale: 1,
    },
    weighsInput: false,
    hasBias: false,
  },
};
const SHARED: ModelSpec = {
  ...MIXTRAL,
  layers: { leading: LLAMA_3_8B.layers.repeating, repeating: MIXTRAL.layers.repeating },
  experts: { ...MIXTRAL.experts!, sharedWidth: 2048, expertWidth: 4096 },
};

test.each([
  [MIXTRAL, STEP],
  [SHARED, STEP],
  [MIXTRAL, decodeStep({ batch: 16, contextTokens: 2048 })],
  [SHARED, prefillStep({ promptTokens: 512 })],
  [LLAMA_3_8B, STEP],
  [LLAMA_3_8B, prefillStep({ promptTokens: 512 })],
  [LLAMA_3_8B, decodeStep({ batch: 16, contextTokens: 2048 })],
  [LLAMA_3_70B, STEP],
])('on one chip the walk is the closed form', (spec, step) => {
  for (const machine of [H100, B200, WSE3]) {
    const plan = planShape(spec, { grid: { width: 1, height: 1 }, type: 'bf16', tensor: 'column' });
    const { stepNs } = walkPlan(plan, { machine, step, elementBytes: 2 });
    const { computeNs, communicationNs } = closedForm(input({ spec, machine, step }));
    expect(communicationNs).toBe(0);
    expect(Math.abs(stepNs / computeNs - 1)).toBeLessThan(1e-12);
  }
});

/**
 * The closed form leaves out the hand-out of the embedded row and the mesh below the links: two
 * crossings of a wafer per reduce, 0.35 us each for two chips. Of the 60 to 170 us of a layer that
 * is below 2 % on two chips and below 6 % on eight, and the walk is never the faster one.
 */
test.each([
  [2, 0.02],
  [4, 0.04],
  [8, 0.06],
])('on %i chips walk and closed form agree', (chipCount, tolerance) => {
  for (const spec of [LLAMA_3_8B, LLAMA_3_70B]) {
    const grid = { width: chipCount, height: 1 };
    const plan = planShape(spec, { grid, type: 'bf16', tensor: 'megatron' });
    for (const kind of ['custom', 'nccl'] as const) {
      const walked = walkPlan(plan, {
        machine: H100,
        step: STEP,
        dice: diceGrid(grid, `${chipCount}x1`),
        link: NVLINK4,
        collective: kind,
        elementBytes: 2,
      });
      const form = closedForm(input({ spec, chipCount, kind }));
      const ratio = form.tokensPerS / walked.tokensPerS;
      expect(ratio).toBeGreaterThanOrEqual(1);
      expect(ratio).toBeLessThan(1 + tolerance);
    }
  }
});

test('experts on chips: walk and closed form agree, and only chosen experts are read', () => {
  const grid = { width: 2, height: 1 };
  const plan = planShape(MIXTRAL, { grid, type: 'bf16', tensor: 'megatron' });
  const options = { machine: H100, link: NVLINK4, elementBytes: 2 as const };
  const dice = diceGrid(grid, '2x1');
  const walked = walkPlan(plan, { ...options, step: STEP, dice, collective: 'custom' });
  const form = closedForm(input({ spec: MIXTRAL, chipCount: 2 }));
  // Beside embedding and mesh, the closed form leaves out gathering the router's logits.
  expect(form.tokensPerS / walked.tokensPerS).toBeGreaterThanOrEqual(1);
  expect(form.tokensPerS / walked.tokensPerS).toBeLessThan(1.08);
  const msOf = (batch: number): number =>
    closedForm(input({ spec: MIXTRAL, step: decodeStep({ batch, contextTokens: 1 }) })).computeNs;
  // Two of eight experts for one token, nearly all of them for sixteen.
  expect(msOf(16) / msOf(1)).toBeGreaterThan(2.5);
  expect(msOf(64) / msOf(16)).toBeLessThan(1.3);
});

test('the share of compute is C / (C + communication)', () => {
  const { computeNs, communicationNs, computeShare, tokensPerS } = closedForm(
    input({ chipCount: 8, kind: 'nccl' }),
  );
  expect(computeShare).toBeCloseTo(computeNs / (computeNs + communicationNs), 12);
  expect(tokensPerS).toBeCloseTo(1e9 / (computeNs + communicationNs), 9);
});

test('every knob moves the closed form', () => {
  const base = input({ chipCount: 4 });
  const rates = [
    base,
    { ...base, spec: LLAMA_3_70B },
    { ...base, type: 'q8_0' as const },
    { ...base, machine: B200 },
    { ...base, chipCount: 8 },
    { ...base, link: NVLINK5 },
    { ...base, kind: 'nccl' as const },
    { ...base, step: decodeStep({ batch: 4, contextTokens: 1024 }) },
    { ...base, elementBytes: 4 as const },
    { ...base, link: customLink({ latencyNs: 1, bandwidthBytesPerS: 1e9, overheadNs: 1 }) },
  ].map((one) => closedForm(one).tokensPerS);
  expect(new Set(rates).size).toBe(rates.length);
});

const SMALL: ModelSpec = { ...LLAMA_3_8B, layerCount: 2 };

test('each stair of the waterfall goes down, and the cut alone costs nothing', () => {
  const grid = { width: 4, height: 1 };
  const plan = planShape(SMALL, { grid, type: 'bf16', tensor: 'megatron' });
  const options = { machine: H100, step: STEP, link: NVLINK4, elementBytes: 2 as const };
  const dice = diceGrid(grid, '4x1');
  for (const collective of ['messages', 'custom', 'nccl'] as const) {
    const rows = waterfall(plan, { ...options, dice, collective });
    expect(rows.map(({ name }) => name)).toEqual([
      'uncut wafer 4x1',
      'cut',
      'link bandwidth',
      'wire latency',
      'software overhead',
      'memory',
    ]);
    expect(rows[1]!.tokensPerS).toBe(rows[0]!.tokensPerS);
    for (const { factor } of rows.slice(2)) expect(factor).toBeLessThan(1);
    const last = walkPlan(plan, { ...options, dice, collective });
    expect(rows.at(-1)!.tokensPerS).toBe(last.tokensPerS);
    expect(rows.reduce((product, { factor }) => product * factor, 1)).toBeCloseTo(
      rows.at(-1)!.kept,
      12,
    );
  }
});

test('a diced wafer keeps its SRAM: memory takes nothing from it', () => {
  const grid = { width: 2, height: 1 };
  const plan = planShape(SMALL, { grid, type: 'bf16', tensor: 'column' });
  const dice = diceGrid(grid, '2x1');
  const rows = waterfall(plan, { machine: WSE3, step: STEP, link: NVLINK4, dice });
  expect(rows.at(-1)!.factor).toBe(1);
  expect(rows.at(-2)!.factor).toBeLessThan(1);
});

test('the closed waterfall has the same stairs', () => {
  const rows = closedWaterfall(input({ spec: LLAMA_3_70B, chipCount: 8 }));
  expect(rows).toHaveLength(6);
  expect(rows[1]!.factor).toBe(1);
  for (const { factor } of rows.slice(2)) expect(factor).toBeLessThan(1);
});
