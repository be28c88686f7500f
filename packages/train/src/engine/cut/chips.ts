/**
 * The chips of a run that is cut, as the run has them: memories like its own, elsewhere.
 *
 * The run's own memory is the image: inputs of a step go from it to the chips, reports of a step
 * and, when asked, weights and moments come back to it, always at the same address.
 */
import { CHANNEL_LINE } from '@wafer/core';
import type { TrainCut } from './plan-cut.ts';

export interface TrainChips {
  /** Starts them, with the weights and moments of the image. */
  begin(): Promise<void>;
  /** One step, or one evaluation, of all chips: inputs there, reports back. */
  step(use: { isEvaluation: boolean }): Promise<void>;
  /** Weights and moments back to the image. */
  gather(): Promise<void>;
  close(): Promise<void>;
}

/** What went over the cut from one chip to another. */
export interface CutTraffic {
  source: number;
  target: number;
  messages: number;
  payloadBytes: number;
  /** Headers, checks and credits. */
  overheadBytes: number;
}

/** Reads what has gone over the cut so far, by pair of chips. */
export function readTraffic(cut: TrainCut, memory: WebAssembly.Memory): CutTraffic[] {
  const pairs = new Map<string, CutTraffic>();
  const view = new DataView(memory.buffer);
  for (const channel of cut.channels) {
    const [source = 0, target = 0] = [cut.chipOf[channel.source], cut.chipOf[channel.target]];
    const key = `${source} ${target}`;
    const none = { source, target, messages: 0, payloadBytes: 0, overheadBytes: 0 };
    const pair = pairs.get(key) ?? none;
    for (const count of ['messages', 'payloadBytes', 'overheadBytes'] as const) {
      pair[count] += view.getFloat64(channel.control + CHANNEL_LINE[count], true);
    }
    pairs.set(key, pair);
  }
  return [...pairs.values()];
}
