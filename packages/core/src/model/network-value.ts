/**
 * The values that ops of a network hand on.
 *
 * A value is [T, width] unless it says otherwise. Letters: T tokens.
 */

/** In which unit the columns of a value can be shared out; `whole`: everyone has all of them. */
export type ColumnUnit =
  | 'whole'
  | 'heads'
  | 'kv-heads'
  | 'ffn'
  | 'router'
  | 'experts'
  | 'shared'
  | 'vocab';

/** Rows that ops hand on. */
export interface NetworkValue {
  name: string;
  /** One row per token, per token and chosen expert (grouped by expert), or per row of logits. */
  rows: 'tokens' | 'slots' | 'picked';
  width: number;
  spread: ColumnUnit;
}
