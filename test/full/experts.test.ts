/**
 * Experts of every family and weight type: the plain references, every layout, batches and clocks
 * agree to the bit.
 */
import { auditSteps, diceGrid, H100, NVLINK4, parseGrid, WSE3 } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { Model, VirtualOptions, WaferOptions } from '@wafer/runtime';
import { walkPlan } from '@wafer/timing';
import type { ClockOptions } from '@wafer/timing';
import { expect, test } from 'vitest';
import { MOE_FAMILIES, MOE_SPECS } from '../contract/moe-specs.ts';
import type { MoeFamily } from '../contract/moe-specs.ts';
import { referenceOf } from '../contract/reference.ts';
import { greedy, logitBits, seededTokens, withWafer } from '../contract/wafers.ts';

const TYPES = ['f32', 'f16', 'bf16', 'q8_0', 'q4_0'] as const;

function modelOf(family: MoeFamily, type: (typeof TYPES)[number] = 'f32'): Model {
  return syntheticModel({ name: `${family} ${type}`, spec: MOE_SPECS[family], type, seed: 3 });
}

function run(model: Model, layout: Partial<WaferOptions>): Promise<Uint32Array[]> {
  const prompt = seededTokens(model, 37);
  return withWafer({ model, rounding: 'fused', ...layout }, (wafer) => logitBits(wafer, prompt));
}

test.each(MOE_FAMILIES)(
  '%s gives the bits of the plain references, in f32 and q8_0',
  async (family) => {
    for (const type of ['f32', 'q8_0'] as const) {
      const model = modelOf(family, type);
      const wanted = referenceOf(model, seededTokens(model, 37));
      const bits = wanted.map((row) => new Uint32Array(row.buffer));
      expect(await run(model, { grid: '2x1', experts: 'whole' }), type).toEqual(bits);
    }
  },
);

const layouts: Partial<WaferOptions>[] = (['whole', 'rows'] as const).flatMap((experts) => [
  { grid: '1x1', experts, prefillChunk: 1 },
  { grid: '2x1', experts },
  { grid: '3x1', experts, prefillChunk: 7, threads: 1 },
  { grid: '4x1', experts, stages: 2 },
  { grid: '2x2', experts, prefillChunk: 5 },
  { grid: '3x2', experts, dice: '3x1' },
  { grid: '16x1', experts, threads: 2 },
  { grid: '4x1', experts, dice: '2x1', link: 'unix' },
]);

test.each(MOE_FAMILIES)('%s gives the same bits on every layout', async (family) => {
  const model = modelOf(family);
  const one = await run(model, { grid: '1x1' });
  // Families and layouts take turns: every layout meets some family, every family half of them.
  const turn = MOE_FAMILIES.indexOf(family) % 2;
  for (const layout of layouts.filter((_, index) => index % 2 === turn)) {
    expect(await run(model, layout), JSON.stringify(layout)).toEqual(one);
  }
});

test.each(TYPES)('%s experts give the same bits on tiles and stages', async (type) => {
  const model = modelOf('gptOss', type);
  const one = await run(model, { grid: '1x1' });
  for (const experts of ['whole', 'rows'] as const) {
    expect(await run(model, { grid: '3x1', experts, prefillChunk: 7 })).toEqual(one);
    expect(await run(model, { grid: '2x2', stages: 2, experts })).toEqual(one);
  }
});

test('8-bit activations and plain rounding are as independent of the layout', async () => {
  const model = modelOf('glm', 'q8_0');
  const reference = await run(model, { grid: '1x1' });
  for (const options of [{ activations: 'int8' }, { rounding: 'plain' }] as const) {
    const one = await run(model, { grid: '1x1', ...options });
    expect(one).not.toEqual(reference);
    for (const layout of layouts.slice(2, 5)) {
      expect(await run(model, { ...layout, ...options })).toEqual(one);
    }
  }
});

test.each(['whole', 'rows'] as const)(
  '%s experts on chips are audited to the byte',
  async (experts) => {
    const model = modelOf('qwen3');
    const options = { model, experts, grid: '3x2', dice: '3x1', link: 'unix' } as const;
    await withWafer({ ...options, recordSteps: true }, async (wafer) => {
      await Promise.all([5, 17].map((n) => greedy(wafer, seededTokens(model, n, n), 6)));
      const { steps = [] } = await wafer.metrics();
      const { channels, tiles } = wafer.traffic();
      const counted = channels.map(({ channel, messages, payloadBytes }) => ({
        channel,
        messages,
        payloadBytes,
      }));
      const rows = tiles.map(({ expertRows }) => expertRows);
      expect(counted).toEqual(auditSteps(wafer.plan, steps, rows));
    });
  },
);

test('requests at once answer as requests alone', async () => {
  const model = modelOf('llama4', 'q8_0');
  const prompts = Array.from({ length: 12 }, (_, i) => seededTokens(model, 3 + (i % 7), i + 1));
  for (const experts of ['whole', 'rows'] as const) {
    await withWafer({ model, grid: '2x1', experts }, async (wafer) => {
      const alone: number[][] = [];
      for (const tokens of prompts) alone.push(await greedy(wafer, tokens, 8));
      const together = await Promise.all(prompts.map((tokens) => greedy(wafer, tokens, 8)));
      expect(together).toEqual(alone);
    });
  }
});

test.each(MOE_FAMILIES)(
  'a Megatron plan of %s is near the column plan, and the same from run to run',
  async (family) => {
    const model = modelOf(family, 'f16');
    const wanted = await run(model, { grid: '1x1' });
    const options = { grid: '3x1', tensorPlan: 'megatron' } as const;
    const first = await run(model, options);
    expect(await run(model, { ...options, threads: 1, dice: '3x1' })).toEqual(first);
    first.forEach((row, position) => {
      const reference = new Float32Array(wanted[position]!.buffer);
      // Sums of up to 224 terms in another order: some ulp of values near 1, over two layers.
      new Float32Array(row.buffer).forEach((value, id) =>
        expect(Math.abs(value - reference[id]!)).toBeLessThan(1e-4),
      );
    });
  },
);

const clocks: (Partial<WaferOptions> & { virtual: VirtualOptions })[] = [
  { grid: '1x1', virtual: { machine: H100 } },
  { grid: '2x1', experts: 'whole', virtual: { machine: WSE3 } },
  { grid: '2x2', experts: 'whole', dice: '2x1', virtual: { machine: H100, link: NVLINK4 } },
  { grid: '2x2', experts: 'rows', dice: '2x1', virtual: { machine: H100, link: NVLINK4 } },
  {
    grid: '4x1',
    tensorPlan: 'megatron',
    dice: '2x1',
    virtual: { machine: H100, link: NVLINK4, collective: 'nccl' },
  },
];

test.each(clocks)('each step takes the time of its walk on %o', async (layout) => {
  const model = modelOf('glm');
  await withWafer({ model, recordSteps: true, ...layout }, async (wafer) => {
    const prompts = [21, 5].map((count) => seededTokens(model, count, count));
    await Promise.all(prompts.map((prompt) => greedy(wafer, prompt, 6)));
    const { virtual } = await wafer.metrics();
    const dice = diceGrid(parseGrid(layout.grid!), layout.dice ?? '1x1');
    const clock = { ...layout.virtual, dice } as ClockOptions;
    const steps = virtual?.steps ?? [];
    expect(steps.length).toBeGreaterThan(5);
    for (const { shape, stepVirtualNs } of steps) {
      expect(stepVirtualNs).toBe(walkPlan(wafer.plan, { ...clock, step: shape }).stepNs);
    }
  });
});
