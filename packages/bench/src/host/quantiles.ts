/**
 * The median, or another quantile, of each number of plain samples of one shape, round by round
 * measured: a second in which the machine was busy touches few of them, and each of them once.
 * Where others never leave a machine alone, the fastest tenth says what it gives a thread that has
 * a core.
 */
import { assert } from '@wafer/core';
import { medianOf, quantileOf } from '../statistics.ts';

/** A number, or a list or an object of such; names and what is absent stay as they are. */
export type Figured =
  | number
  | string
  | undefined
  | readonly Figured[]
  | { readonly [name: string]: Figured };

/** Of times: the share `quantile` of them is as fast, or faster. */
export function timeAt(times: readonly number[], quantile: number): number {
  assert(quantile > 0 && quantile <= MEDIAN, 'a quantile is of the faster half', { quantile });
  return quantile === MEDIAN ? medianOf(times) : quantileOf(times, quantile);
}

export const MEDIAN = 0.5;

/** By name and place; every number is a time, or grows with one. */
export function quantilesOf<Sample>(samples: readonly Sample[], quantile: number): Sample {
  return quantilesOfAny(samples as readonly Figured[], quantile) as Sample;
}

function quantilesOfAny(samples: readonly Figured[], quantile: number): Figured {
  assert(samples.length > 0, 'there are samples');
  const [first] = samples;
  if (typeof first === 'number') return timeAt(samples as readonly number[], quantile);
  if (typeof first !== 'object') return first;
  if (Array.isArray(first)) {
    const lists = samples as readonly (readonly Figured[])[];
    return first.map((_, i) =>
      quantilesOfAny(
        lists.map((list) => list[i]),
        quantile,
      ),
    );
  }
  const objects = samples as readonly Readonly<Record<string, Figured>>[];
  return Object.fromEntries(
    Object.keys(first).map((name) => [
      name,
      quantilesOfAny(
        objects.map((each) => each[name]),
        quantile,
      ),
    ]),
  );
}
