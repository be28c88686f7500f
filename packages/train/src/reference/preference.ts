/**
 * Pairs of rows forward and back, plainly: their loss, and each row's gradients with its share.
 */
import { assert } from '@wafer/core';
import type { TrainRow } from '../data/rows.ts';
import type { TrainProgram } from '../network/program.ts';
import { pairLoss } from '../preferences.ts';
import type { Arithmetic, Numbers } from './arithmetic.ts';
import type { RowResult } from './pass.ts';
import { referenceRow } from './row-pass.ts';

/** What pairs give; `rows` as they came, better and other in turn. */
export interface PairsResult {
  loss: number;
  rows: RowResult[];
}

/** `references`: log ρ of each row. The loss is the mean over pairs. */
export function referencePairs(
  program: TrainProgram,
  weights: ReadonlyMap<string, Numbers>,
  use: {
    rows: readonly TrainRow[];
    references: readonly number[];
    beta: number;
    arithmetic: Arithmetic;
  },
): PairsResult {
  const { rows, references, beta, arithmetic } = use;
  const pass = (row: TrainRow, share: number): RowResult =>
    referenceRow(program, weights, { row, share, arithmetic });
  const ratios = rows.map((row, index) => -pass(row, 0).loss - references[index]!);
  const pairCount = rows.length / 2;
  assert(Number.isInteger(pairCount), 'rows of preferences are pairs', { rows: rows.length });
  const result: PairsResult = { loss: 0, rows: [] };
  for (let pair = 0; pair < pairCount; pair++) {
    const [better, other] = [2 * pair, 2 * pair + 1];
    const both = { better: ratios[better]!, other: ratios[other]! };
    const { loss, weight } = pairLoss(both, { beta });
    result.loss += loss / pairCount;
    const share = weight / pairCount;
    result.rows.push(pass(rows[better]!, share), pass(rows[other]!, -share));
  }
  return result;
}
