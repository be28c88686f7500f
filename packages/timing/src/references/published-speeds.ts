/**
 * What services publish of a model, beside what is projected of hardware: tokens/s of one user by
 * system, with speculation and without.
 */
import { maxOf, minOf } from '@wafer/core';
import { numberAt, textAt } from '../published/published-table.ts';
import { VENDOR_SPEEDS } from '../published/vendor-speeds.ts';
import { tryModel } from '../serving/models.ts';

/** Rows of one system, alike in whether guesses are known to be made. */
export interface PublishedSpeed {
  readonly system: string;
  /** As published: yes, no or not stated. */
  readonly speculation: string;
  readonly lowTokensPerS: number;
  readonly highTokensPerS: number;
}

/** Speeds of a model by name; none where nobody published it. */
export function publishedSpeeds(model: string): PublishedSpeed[] {
  const wanted = tryModel(model);
  if (wanted === undefined) return [];
  const own = VENDOR_SPEEDS.rows.filter((row) => tryModel(textAt(row, 'model')) === wanted);
  const nameOf = (row: (typeof own)[number]): string =>
    JSON.stringify([textAt(row, 'system'), textAt(row, 'speculative_decoding')]);
  return [...Map.groupBy(own, nameOf).values()].map((rows) => {
    const speeds = rows.map((row) => numberAt(row, 'tokens_per_second_per_user'));
    return {
      system: textAt(rows[0]!, 'system'),
      speculation: textAt(rows[0]!, 'speculative_decoding'),
      lowTokensPerS: minOf(speeds),
      highTokensPerS: maxOf(speeds),
    };
  });
}
