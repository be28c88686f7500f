/** Kernels of block types, written by scripts/block-exports.ts; do not edit. */

import { linearK } from '../blocks/k-loops';
import { embed, linear, pack } from '../blocks/loops';
import { Q8_0 } from '../blocks/q8-0';
import { Q4_0 } from '../blocks/q4-0';
import { Q2_K } from '../blocks/q2-k';
import { Q3_K } from '../blocks/q3-k';
import { Q4_K } from '../blocks/q4-k';
import { Q5_K } from '../blocks/q5-k';
import { Q6_K } from '../blocks/q6-k';

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

export function linearQ2_k(
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
  linearK<Q2_K>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ2_k(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q2_K>(target, source, rowBytes, rows, columns);
}

export function embedQ2_k(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q2_K>(y, weights, row, columns);
}

export function linearQ3_k(
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
  linearK<Q3_K>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ3_k(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q3_K>(target, source, rowBytes, rows, columns);
}

export function embedQ3_k(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q3_K>(y, weights, row, columns);
}

export function linearQ4_k(
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
  linearK<Q4_K>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ4_k(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q4_K>(target, source, rowBytes, rows, columns);
}

export function embedQ4_k(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q4_K>(y, weights, row, columns);
}

export function linearQ5_k(
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
  linearK<Q5_K>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ5_k(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q5_K>(target, source, rowBytes, rows, columns);
}

export function embedQ5_k(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q5_K>(y, weights, row, columns);
}

export function linearQ6_k(
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
  linearK<Q6_K>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ6_k(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q6_K>(target, source, rowBytes, rows, columns);
}

export function embedQ6_k(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q6_K>(y, weights, row, columns);
}
