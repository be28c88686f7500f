/**
 * Experts: the bits of logits do not depend on who holds which expert, and what tiles send each
 * other is what the plan says. Every family and type: `test/full/experts.test.ts`.
 */
import { auditSteps } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { MOE_SPECS } from './moe-specs.ts';
import { greedy, logitBits, seededTokens, withWafer } from './wafers.ts';

const glm: Model = syntheticModel({ name: 'glm', spec: MOE_SPECS.glm, type: 'q8_0', seed: 5 });
const prompt = seededTokens(glm, 21);

test('logits of experts are the same bits on any tiles, whole or by rows', async () => {
  const run = (layout: Partial<WaferOptions>): Promise<Uint32Array[]> =>
    withWafer({ model: glm, ...layout }, (wafer) => logitBits(wafer, prompt));
  const one = await run({ grid: '1x1' });
  for (const layout of [
    { grid: '2x2', experts: 'rows', prefillChunk: 1, threads: 1 },
    { grid: '3x1', experts: 'whole', prefillChunk: 7 },
    { grid: '4x1', experts: 'whole', stages: 2, dice: '2x1' },
  ] as const) {
    expect(await run(layout), JSON.stringify(layout)).toEqual(one);
  }
});

test('a Megatron plan of experts with biases is near the others: each is added once', async () => {
  const model = syntheticModel({ name: 'gpt-oss', spec: MOE_SPECS.gptOss, type: 'f32', seed: 5 });
  const run = (layout: Partial<WaferOptions>): Promise<Float32Array> =>
    withWafer({ model, ...layout }, async (wafer) => {
      const rows = await logitBits(wafer, prompt);
      return new Float32Array(rows.at(-1)!.buffer);
    });
  const [wanted, actual] = [
    await run({ grid: '1x1' }),
    await run({ grid: '3x1', tensorPlan: 'megatron' }),
  ];
  // Sums in another order: a few ulp of values near 1, grown over two layers.
  actual.forEach((value, id) => expect(Math.abs(value - wanted[id]!)).toBeLessThan(1e-4));
});

const layouts: Partial<WaferOptions>[] = [
  { grid: '2x2', experts: 'rows' },
  { grid: '3x2', experts: 'whole', stages: 2, dice: '3x1' },
];

test.each(layouts)('counters equal the audit on %o', async (layout) => {
  await withWafer({ model: glm, recordSteps: true, ...layout }, async (wafer) => {
    await Promise.all([5, 17].map((n) => greedy(wafer, seededTokens(glm, n, n), 6)));
    const { steps = [] } = await wafer.metrics();
    const { channels, tiles } = wafer.traffic();
    const counted = channels.map(({ channel, messages, payloadBytes }) => ({
      channel,
      messages,
      payloadBytes,
    }));
    const rows = tiles.map(({ expertRows }) => expertRows);
    expect(counted).toEqual(auditSteps(wafer.plan, steps, rows));
    // Whatever the routing, the bytes of all channels together are known before the run.
    const sum = (list: readonly { payloadBytes: number }[]): number =>
      list.reduce((total, { payloadBytes }) => total + payloadBytes, 0);
    expect(sum(counted)).toBeCloseTo(sum(auditSteps(wafer.plan, steps)), 3);
    // The last layer alone has experts, and a token meets four of them if it gets that far;
    const ran = steps.filter(({ program }) => program === 'infer');
    const tokenCount = ran.reduce((total, { tokens }) => total + tokens.length, 0);
    // by rows, every tile has a share of each row.
    const holders = layout.experts === 'rows' ? 4 : 1;
    expect(rows.reduce((a, b) => a + b)).toBe(tokenCount * 4 * holders);
    // What was counted by expert is what was chosen, and by tile what its experts computed.
    const { layers, chosenCount } = wafer.expertTally()!;
    expect(layers.map(({ layer }) => layer)).toEqual([glm.spec.layerCount - 1]);
    const sumOf = (counts: readonly number[]): number => counts.reduce((a, b) => a + b);
    for (const { counts } of layers) expect(sumOf(counts)).toBe(tokenCount * chosenCount);
    for (const { index, experts, stage } of wafer.plan.tiles) {
      const isLast = stage === wafer.plan.options.stageCount - 1;
      const own = layers[0]!.counts.slice(experts.start, experts.start + experts.count);
      if (isLast && layout.experts === 'whole') expect(sumOf([0, ...own])).toBe(rows[index]);
    }
  });
});
