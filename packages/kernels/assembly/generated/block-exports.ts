/** Kernels of block types, written by scripts/block-exports.ts; do not edit. */

import { linearK } from '../blocks/k-loops';
import { embed, linear, pack } from '../blocks/loops';
import { Q8_0 } from '../blocks/q8-0';
import { Q4_0 } from '../blocks/q4-0';
import { Q4_1 } from '../blocks/q4-1';
import { Q5_0 } from '../blocks/q5-0';
import { Q5_1 } from '../blocks/q5-1';
import { IQ4_NL } from '../blocks/iq4-nl';
import { IQ4_XS } from '../blocks/iq4-xs';
import { MXFP4 } from '../blocks/mxfp4';
import { F8_E4M3 } from '../blocks/f8-e4m3';
import { F8_E5M2 } from '../blocks/f8-e5m2';
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

export function linearQ4_1(
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
  linear<Q4_1>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ4_1(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q4_1>(target, source, rowBytes, rows, columns);
}

export function embedQ4_1(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q4_1>(y, weights, row, columns);
}

export function linearQ5_0(
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
  linear<Q5_0>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ5_0(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q5_0>(target, source, rowBytes, rows, columns);
}

export function embedQ5_0(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q5_0>(y, weights, row, columns);
}

export function linearQ5_1(
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
  linear<Q5_1>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packQ5_1(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<Q5_1>(target, source, rowBytes, rows, columns);
}

export function embedQ5_1(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<Q5_1>(y, weights, row, columns);
}

export function linearIq4_nl(
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
  linear<IQ4_NL>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packIq4_nl(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<IQ4_NL>(target, source, rowBytes, rows, columns);
}

export function embedIq4_nl(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<IQ4_NL>(y, weights, row, columns);
}

export function linearIq4_xs(
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
  linear<IQ4_XS>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packIq4_xs(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<IQ4_XS>(target, source, rowBytes, rows, columns);
}

export function embedIq4_xs(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<IQ4_XS>(y, weights, row, columns);
}

export function linearMxfp4(
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
  linear<MXFP4>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packMxfp4(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<MXFP4>(target, source, rowBytes, rows, columns);
}

export function embedMxfp4(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<MXFP4>(y, weights, row, columns);
}

export function linearF8_e4m3(
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
  linear<F8_E4M3>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packF8_e4m3(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<F8_E4M3>(target, source, rowBytes, rows, columns);
}

export function embedF8_e4m3(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<F8_E4M3>(y, weights, row, columns);
}

export function linearF8_e5m2(
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
  linear<F8_E5M2>(y, yStride, weights, x, xStride, tokens, rows, columns, scratch);
}

export function packF8_e5m2(
  target: usize,
  source: usize,
  rowBytes: usize,
  rows: i32,
  columns: i32,
): i32 {
  return pack<F8_E5M2>(target, source, rowBytes, rows, columns);
}

export function embedF8_e5m2(
  y: usize,
  weights: usize,
  row: i32,
  columns: i32,
): void {
  embed<F8_E5M2>(y, weights, row, columns);
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
