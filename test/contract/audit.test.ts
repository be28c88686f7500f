/**
 * What a run moved equals what its plan predicted: every channel, to the message and the byte.
 */
import { expect, test } from 'vitest';
import { auditSteps } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { greedy, seededTokens, withWafer } from './wafers.ts';

const layouts: Partial<WaferOptions>[] = [
  { grid: '2x1' },
  { grid: '3x2', stages: 2 },
  { grid: '4x1', tensorPlan: 'megatron' },
  { grid: '4x2', tensorPlan: 'megatron', stages: 2, threads: 4 },
  { grid: '2x2', dice: '2x1' },
  { grid: '2x2', stages: 2, tokensPerStep: 16 },
  { grid: '3x1', tensorPlan: 'megatron', tokensPerStep: 16 },
];

test.each(layouts)('counters equal the audit on %o', async (layout) => {
  const model = await openModel('synthetic:tiny');
  await withWafer({ model, recordSteps: true, ...layout }, async (wafer) => {
    await greedy(wafer, seededTokens(model, 44, 1), 2); // alone: nobody asks in between
    const prompts = [5, 17, 40].map((count) => seededTokens(model, count, count));
    await Promise.all(prompts.map((prompt) => greedy(wafer, prompt, 10)));
    const { steps, hostBytes } = await wafer.metrics();
    const ran = new Set(steps?.map(({ program }) => program));
    // Chunks of a prompt whose rows nobody asks about end at the last layer's attention.
    expect([...ran].toSorted()).toEqual(layout.tokensPerStep ? ['extend', 'infer'] : ['infer']);
    const counted = wafer
      .traffic()
      .channels.map(({ channel, messages, payloadBytes }) => ({ channel, messages, payloadBytes }));
    expect(counted).toEqual(auditSteps(wafer.plan, steps ?? []));
    expect(hostBytes).toBeGreaterThan(0);
  });
});

test('only channels that cross a kerf have overhead', async () => {
  await withWafer({ model: 'synthetic:tiny', grid: '4x1', dice: '2x1' }, async (wafer) => {
    await greedy(wafer, [1, 2, 3], 4);
    const isAcross = (tile: number): boolean => tile >= 2;
    for (const { channel, overheadBytes } of wafer.traffic().channels) {
      const { source, target } = wafer.plan.channels[channel]!;
      expect(overheadBytes > 0).toBe(isAcross(source) !== isAcross(target));
    }
  });
});
