/**
 * Times of kernels: of shapes that were measured as they are, of any other by proportion.
 *
 *   measured         its own time, alone or while all cores run it
 *   another shape    of the same kernel and weights, the one with the nearest T, then the nearest
 *                    work; its time grows with the work
 */
import { WaferError } from '@wafer/core';
import { shapeName, shapeWork } from './kernel-shape.ts';
import type { KernelShape } from './kernel-shape.ts';

/** What a call takes on one core, and on each while all of them run the same. */
export interface KernelTime {
  readonly shape: KernelShape;
  readonly aloneNs: number;
  readonly togetherNs: number;
}

export class KernelTimes {
  readonly #field: 'aloneNs' | 'togetherNs';
  readonly #times: readonly KernelTime[];
  /** By name, those found by proportion among them. */
  readonly #known = new Map<string, number>();

  /** `isTogether`: all cores run at once. */
  constructor(times: readonly KernelTime[], { isTogether }: { isTogether: boolean }) {
    this.#field = isTogether ? 'togetherNs' : 'aloneNs';
    this.#times = times;
    for (const time of times) this.#known.set(shapeName(time.shape), time[this.#field]);
  }

  /** What a call takes, ns. Throws: MACHINE_PARAMETER for a kernel that was never measured. */
  nsOf(shape: KernelShape): number {
    const name = shapeName(shape);
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const nearest = this.#nearest(shape);
    const ns = (nearest[this.#field] * shapeWork(shape)) / shapeWork(nearest.shape);
    this.#known.set(name, ns);
    return ns;
  }

  #nearest(shape: KernelShape): KernelTime {
    const kernel = kernelName(shape);
    let best: KernelTime | undefined;
    let bestDistance = Infinity;
    for (const time of this.#times) {
      if (kernelName(time.shape) !== kernel) continue;
      const distance =
        TOKENS_FIRST * apart(time.shape.tokens, shape.tokens) +
        apart(shapeWork(time.shape), shapeWork(shape));
      if (distance >= bestDistance) continue;
      best = time;
      bestDistance = distance;
    }
    if (best !== undefined) return best;
    const hint = 'measure its kernel first';
    throw new WaferError('MACHINE_PARAMETER', { machine: 'host', parameter: kernel, hint });
  }
}

/** Another T runs other code; it weighs more than any difference of sizes. */
const TOKENS_FIRST = 1000;

function apart(a: number, b: number): number {
  return Math.abs(Math.log(a / b));
}

function kernelName(shape: KernelShape): string {
  return shape.op === 'linear' ? `${shape.op} ${shape.type}` : shape.op;
}
