/**
 * What services publish of a model, beside what is projected of hardware: tokens/s of one user by
 * system, with speculation and without.
 */
import { maxOf, minOf } from '@wafer/core';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { VENDOR_SPEEDS } from '../published/vendor-speeds.ts';
import { tryModel } from '../serving/models.ts';
import type { ModelShape } from '../serving/model-shape.ts';
import { isPlainService } from '../serving/wafer-service.ts';

/** Rows of one system, alike in whether guesses are known to be made and in their year. */
export interface PublishedSpeed {
  readonly system: string;
  /** As published: yes, no or not stated. */
  readonly speculation: string;
  /** Of the first and the last of them, as published; empty where no row has one. */
  readonly dates: readonly string[];
  readonly vendors: readonly string[];
  /** Of all rows, where they say. */
  readonly weightBits?: number;
  /** They set a constant that is projected with, so that they check nothing. */
  readonly isFitted: boolean;
  readonly lowTokensPerS: number;
  readonly highTokensPerS: number;
}

/** Names of announcements that carry their size in parameters. */
const LONG_NAMES: Readonly<Record<string, string>> = {
  'Mistral Large 2 123B': 'mistral-large-2',
  'Llama 4 Scout 109B-A17B': 'llama-4-scout',
};

/** The model of a row of services; undefined where its sizes are not known. */
export function servedModel(row: PublishedRow): ModelShape | undefined {
  const name = textAt(row, 'model');
  return tryModel(LONG_NAMES[name] ?? name);
}

/** Speeds of a model by name, the earliest first; none where nobody published it to us. */
export function publishedSpeeds(model: string): PublishedSpeed[] {
  const wanted = tryModel(model);
  if (wanted === undefined) return [];
  const own = VENDOR_SPEEDS.rows.filter((row) => servedModel(row) === wanted);
  const nameOf = (row: PublishedRow): string =>
    JSON.stringify([
      textAt(row, 'system'),
      textAt(row, 'speculative_decoding'),
      textAt(row, 'date').slice(0, YEAR_LENGTH),
    ]);
  return [...Map.groupBy(own, nameOf).values()]
    .map((rows) => speedOf(rows))
    .toSorted((a, b) => (a.dates[0] ?? '').localeCompare(b.dates[0] ?? ''));
}

const YEAR_LENGTH = 4;

/** The one row that Groq's constant is of. */
export function setsGroq(row: PublishedRow): boolean {
  return textAt(row, 'model') === 'Llama 2 70B' && textAt(row, 'vendor') === 'Groq';
}

function speedOf(rows: readonly PublishedRow[]): PublishedSpeed {
  const speeds = rows.map((row) => numberAt(row, 'tokens_per_second_per_user'));
  const bits = [...new Set(rows.map((row) => numberAt(row, 'weight_bits')))];
  const [only = Number.NaN] = bits.length === 1 ? bits : [];
  const dates = rows.map((row) => textAt(row, 'date')).filter((date) => date !== '');
  return {
    system: textAt(rows[0]!, 'system'),
    speculation: textAt(rows[0]!, 'speculative_decoding'),
    dates: [...new Set(dates)].toSorted(),
    vendors: [...new Set(rows.map((row) => textAt(row, 'vendor')))],
    ...(only > 0 ? { weightBits: only } : {}),
    isFitted: rows.every((row) => isPlainService(row) || setsGroq(row)),
    lowTokensPerS: minOf(speeds),
    highTokensPerS: maxOf(speeds),
  };
}
