/**
 * Weights streamed over the I/O of a system, layer by layer: time is the longer of work and I/O.
 *
 * One user's decode reads every weight for one token, so it takes what the I/O takes; a prompt or a
 * training batch reads them once for all its tokens. Gradients go back the same way, reduced over
 * systems on the way, so systems share the batch and the stream.
 */
import type { WaferFacts } from '@wafer/core';
import { weightBytes } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';
import { prefillFlops } from './prefill-flops.ts';

/** Share of the half-precision peak that whole layers reach: prefill of 72B on 480 x 480 PEs. */
export const WAFER_EFFICIENCY = 0.23;
/** Forward, and backward twice as much. */
const TRAINING_WORK = 3;
/** Weights forward and backward, gradients back. */
const TRAINING_TRIPS = 3;

/** Multiply-adds and adds per second of a wafer in half precision. */
export function waferPeak({ pesAcross, pesDown, halfLanes, clockHz }: WaferFacts): number {
  return pesAcross.value * pesDown.value * halfLanes.value * 2 * clockHz.value;
}

/** Seconds of `tokens` through all layers: work, I/O, and the longer of both. */
export function streamedSeconds(
  { shape, wafer, tokens, systems = 1 }: StreamedWork,
  kind: 'inference' | 'training' = 'inference',
): { workS: number; ioS: number; wholeS: number } {
  const isTraining = kind === 'training';
  const flops = prefillFlops(shape, tokens) * (isTraining ? TRAINING_WORK : 1);
  const workS = flops / systems / (waferPeak(wafer) * WAFER_EFFICIENCY);
  const bytes = weightBytes(shape, tokens === 1 ? 'met' : 'all');
  const ioS = (bytes * (isTraining ? TRAINING_TRIPS : 1)) / wafer.ioBytesPerS.value;
  return { workS, ioS, wholeS: Math.max(workS, ioS) };
}

export interface StreamedWork {
  readonly shape: ModelShape;
  readonly wafer: WaferFacts;
  readonly tokens: number;
  /** Systems that share the tokens and the stream. */
  readonly systems?: number;
}

/** Tokens from which on the stream is no longer waited for: a power of two. */
export function streamingBreakEven(
  work: Omit<StreamedWork, 'tokens'>,
  kind: 'inference' | 'training' = 'inference',
): number {
  let tokens = 2;
  for (; tokens < 2 ** 40; tokens *= 2) {
    const { workS, ioS } = streamedSeconds({ ...work, tokens }, kind);
    if (workS >= ioS) break;
  }
  return tokens;
}
