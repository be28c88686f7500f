/**
 * Every family under every placement: what tiles send each other, what the plan says of it and what
 * the walk charges are the same messages and bytes, and the virtual clock of a step is its walk.
 */
import { auditSteps, diceGrid, H100, NVLINK4, parseGrid } from '@wafer/core';
import type { ChannelTraffic, Plan } from '@wafer/core';
import { syntheticModel } from '@wafer/models';
import type { WaferOptions } from '@wafer/runtime';
import { walkPlan } from '@wafer/timing';
import type { ClockOptions } from '@wafer/timing';
import { expect, test } from 'vitest';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import { greedy, seededTokens, withWafer } from './wafers.ts';

type Placement = Pick<WaferOptions, 'grid' | 'dice' | 'tensorPlan' | 'experts' | 'stages'> & {
  grid: string;
  dice: string;
};

const DENSE: Placement[] = [
  { grid: '3x1', dice: '3x1', tensorPlan: 'column' },
  { grid: '4x1', dice: '2x1', tensorPlan: 'megatron', stages: 2 },
];
const ROUTED: Placement[] = [
  { grid: '2x2', dice: '2x1', experts: 'rows' },
  { grid: '3x1', dice: '3x1', experts: 'whole' },
  { grid: '4x1', dice: '2x1', experts: 'whole', stages: 2 },
  { grid: '2x1', dice: '2x1', tensorPlan: 'megatron' },
];
/** Shapes that differ from their family in masks and routing alone send what it sends. */
const VARIANTS = ['gpt-oss, tight clamp', 'glm4-moe, groups', 'llama4, dense between'];
const FAMILIES = Object.entries(FAMILY_GOLDEN_SPECS).filter(([name]) => !VARIANTS.includes(name));
const CASES = FAMILIES.flatMap(([family, spec]) =>
  (spec.experts ? ROUTED : DENSE).map((placement) => ({ family, spec, placement })),
);

const sumOf = (traffic: readonly ChannelTraffic[]): number =>
  traffic.reduce((sum, { payloadBytes }) => sum + payloadBytes, 0);

test.each(CASES)('$family on $placement: one traffic, one clock', async (one) => {
  const { family, spec, placement } = one;
  const model = syntheticModel({ name: family, spec, type: 'q8_0', seed: 7 });
  const clock: ClockOptions = {
    machine: H100,
    link: NVLINK4,
    elementBytes: 4,
    dice: diceGrid(parseGrid(placement.grid), placement.dice),
  };
  const virtual = { machine: H100, link: NVLINK4, elementBytes: 4 } as const;
  const options = { model, ...placement, threads: 1, recordSteps: true, virtual };
  await withWafer(options, async (wafer) => {
    await Promise.all([5, 9].map((count) => greedy(wafer, seededTokens(model, count, count), 3)));
    const { plan } = wafer;
    const { virtual: told, steps = [] } = await wafer.metrics();
    const { channels, tiles } = wafer.traffic();
    const ran = channels.map(({ channel, messages, payloadBytes }) => ({
      channel,
      messages,
      payloadBytes,
    }));
    const rows = tiles.map(({ expertRows }) => expertRows);
    expect(ran).toEqual(auditSteps(plan, steps, rows));
    const charged: ChannelTraffic[] = plan.channels.map(({ index: channel }) => ({
      channel,
      messages: 0,
      payloadBytes: 0,
    }));
    expect(told?.steps?.length).toBeGreaterThan(2);
    for (const { shape, stepVirtualNs } of told!.steps!) {
      const walk = walkPlan(plan, { ...clock, step: shape }, ({ channel, cost }) => {
        charged[channel]!.messages += 1;
        charged[channel]!.payloadBytes += cost.bytes;
      });
      expect(stepVirtualNs).toBe(walk.stepNs);
    }
    expectSame(plan, ran, charged);
  });
});

/** Whole experts send the rows that a run chose: their sum is known, of the rest every byte. */
function expectSame(
  plan: Plan,
  ran: readonly ChannelTraffic[],
  charged: readonly ChannelTraffic[],
): void {
  const messages = (traffic: readonly ChannelTraffic[]): number[] =>
    traffic.map((one) => one.messages);
  const fixed = (traffic: readonly ChannelTraffic[]): ChannelTraffic[] =>
    traffic.filter(({ channel }) => plan.channels[channel]!.kind !== 'routed');
  expect(messages(charged)).toEqual(messages(ran));
  expect(fixed(charged)).toEqual(fixed(ran));
  expect(fixed(ran).length).toBeGreaterThan(0);
  expect(sumOf(charged)).toBeCloseTo(sumOf(ran), 3);
}
