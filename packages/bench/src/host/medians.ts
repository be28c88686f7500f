/**
 * The median of each number of plain samples of one shape, round by round measured: a second in
 * which the machine was busy touches few of them, and each of them once.
 */
import { assert } from '@wafer/core';
import { medianOf } from '../statistics.ts';

/** A number, or an object of such. */
export type Figured = number | { readonly [name: string]: Figured };

/** Medians by name. */
export function mediansOf<Sample>(samples: readonly Sample[]): Sample {
  return mediansOfAny(samples as readonly Figured[]) as Sample;
}

function mediansOfAny(samples: readonly Figured[]): Figured {
  const [first] = samples;
  assert(first !== undefined, 'there are samples');
  if (typeof first === 'number') return medianOf(samples as readonly number[]);
  const objects = samples as readonly Readonly<Record<string, Figured>>[];
  return Object.fromEntries(
    Object.keys(first).map((name) => [name, mediansOfAny(objects.map((each) => each[name]!))]),
  );
}
