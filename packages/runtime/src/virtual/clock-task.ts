/**
 * What a thread needs to carry virtual clocks: plain data and shared words.
 */
import type { Plan } from '@wafer/core';
import { createDelayWords } from '@wafer/fabric';
import type { ClockOptions } from '@wafer/timing';
import { ClockBoard } from './clock-board.ts';
import type { VirtualSetup } from './virtual-options.ts';

export interface ClockTask {
  /** The whole plan: costs of a tile depend on who shares its chip. */
  plan: Plan;
  options: ClockOptions;
  /** Of the clock board. */
  words: Float64Array;
  /** Undefined where messages are not held. */
  delayWords: Float64Array | undefined;
}

/** One task for all threads of a wafer; undefined without a virtual clock. */
export function createClockTask(
  plan: Plan,
  use: { virtual: VirtualSetup | undefined; threadCount: number },
): ClockTask | undefined {
  const { virtual, threadCount } = use;
  if (virtual === undefined) return undefined;
  const channelCount = plan.channels.length;
  return {
    plan,
    options: virtual.clock,
    words: ClockBoard.create(plan),
    delayWords: virtual.injectDelays ? createDelayWords({ channelCount, threadCount }) : undefined,
  };
}
