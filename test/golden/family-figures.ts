/**
 * Compares logits with what llama.cpp computed for a family, as committed.
 */
import { expect } from 'vitest';
import { argmax, worstDifference } from './compare.ts';
import type { LogitRows } from './compare.ts';
import { FAMILY_POSITIONS, NO_CHOICE, readFamilyFigures } from './family-llama-cpp.ts';
import { keptLogits } from './llama-cpp.ts';

const { families } = readFamilyFigures();

/** Checks kept logits to a tolerance, and every choice that rounding cannot turn. */
export function checkFamilyFigures(name: string, rows: LogitRows, tolerance: number): void {
  const wanted = families[name];
  if (wanted === undefined) throw new Error(`no figures of ${name}`);
  const kept = keptLogits(rows, FAMILY_POSITIONS).map(({ values }) => values);
  const expected = wanted.logits.map(({ values }) => values);
  expect(worstDifference(kept, expected)).toBeLessThanOrEqual(tolerance);
  const choices = rows.map((row, position) =>
    wanted.choices[position] === NO_CHOICE ? NO_CHOICE : argmax(row),
  );
  expect(choices).toEqual(wanted.choices);
}
