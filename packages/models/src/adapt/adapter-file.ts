/**
 * What a file of a low-rank adapter says, whichever its format: names, shapes and factor.
 */
import { WaferError } from '@wafer/core';
import type { RopeLayout } from '../families/family.ts';
import type { NameTable } from '../families/tensor-places.ts';
import type { StoredTensor } from '../source/source.ts';

/** The largest alpha that is read. */
export const ALPHA_MAX: number = 2 ** 20;

/** An adapter as its file has it. */
export interface AdapterFile {
  /** Where its tensors lie. */
  path: string;
  stored: ReadonlyMap<string, StoredTensor>;
  /** What its format calls matrices. */
  names: NameTable;
  /** Which rows of queries and keys are rotated together in it. */
  layout: RopeLayout;
  /** Names of A and B of a matrix whose tensor is called so. */
  partsOf(tensor: string): { a: string; b: string };
  /** What B A counts. */
  scaleOf(rank: number): number;
}

/** The error of a setting that Wafer does not read. */
export function invalid(path: string, field: string, value: string, expected: string): WaferError {
  return new WaferError('CONFIG_INVALID', { path, field, value, expected });
}

/** The error of an adapter of another model, or of one that is to be had otherwise. */
export function unfit(
  path: string,
  what: string,
  hint: string = 'take the base of this adapter',
): WaferError {
  return new WaferError('MODEL_KIND', { path, what, hint });
}
