/** Kernels of block types, written by scripts/block-exports.ts; do not edit. */

import { embed, linear, pack } from '../blocks/loops';
import { Q8_0 } from '../blocks/q8-0';
import { Q4_0 } from '../blocks/q4-0';

export function linearQ8_0(
  y: usize,
  yStride: usize,
  weights: usize,
  x: usize,
  xStride: usize,
  tokens: i32,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  linear<Q8_0>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ8_0(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q8_0>(target, source, rowBytes, rows, columns);
}

export function embedQ8_0(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q8_0>(y, weights, row, columns);
}

export function linearQ4_0(
  y: usize,
  yStride: usize,
  weights: usize,
  x: usize,
  xStride: usize,
  tokens: i32,
  rows: i32,
  columns: i32,
  scratch: usize,
): void {
  linear<Q4_0>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ4_0(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q4_0>(target, source, rowBytes, rows, columns);
}

export function embedQ4_0(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q4_0>(y, weights, row, columns);
}
