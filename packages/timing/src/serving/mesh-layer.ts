/**
 * One decoder layer on a square region of PEs of side P, in cycles of what it is made of.
 *
 *   decode    10 all-reduces of (software + hops in and out * P) + a PE's multiply-adds
 *             [1, D] x [D, N] as a mesh GEMV: a partial sum per PE, a tree over a line, a multicast
 *   prefill   P steps of 9 mesh GEMMs, each: a PE's product + both tiles shifted + software
 *
 * Messages of decode are a few elements, so link bandwidth plays no part; more PEs shrink the
 * multiply-adds and lengthen the hops: beyond some P they hurt. Sizes are padded to multiples of P.
 * Letters: D hidden, F ffn, S context, T tokens of a prompt.
 *
 * Source: WaferLLM (OSDI 2025, arXiv 2502.04563v3), its kernels and placements.
 */
import { assert } from '@wafer/core';

/** Widths of a layer: attention of queries Q and keys K columns, and the ffn a token meets. */
export interface LayerWidths {
  readonly hidden: number;
  readonly queries: number;
  readonly keys: number;
  /** Columns of gate (and of up) that one token meets; all chosen experts together. */
  readonly ffn: number;
}

/** All-reduces of a decode layer: norms, q k v, scores, softmax twice, values, o, gate up, down. */
export const DECODE_ALL_REDUCES = 10;
/** Mesh GEMMs of a prefill layer: q, k, v, scores, values, o, gate, up, down. */
export const PREFILL_PRODUCTS = 9;
/** Two halves ride in a wavelet. */
const HALVES_PER_WAVELET = 2;

/** Columns of a width on one PE of a line, the last one padded. */
export function share(width: number, side: number): number {
  assert(width >= 0 && side >= 1, 'a width lies on a line of PEs', { width, side });
  return Math.ceil(width / side);
}

/** Multiply-adds of one PE in one decode step of a layer, for each of the sequences. */
export function decodeMacs(widths: LayerWidths, contextTokens: number, side: number): number {
  return attentionMacs(widths, contextTokens, side) + ffnMacs(widths, side);
}

/** Those of attention and its products. */
export function attentionMacs(widths: LayerWidths, contextTokens: number, side: number): number {
  const d = share(widths.hidden, side);
  const q = share(widths.queries, side);
  const k = share(widths.keys, side);
  const s = share(contextTokens, side);
  return d * (q + 2 * k) + 2 * s * q + q * d;
}

/** Those of gate, up and down. */
export function ffnMacs(
  { hidden, ffn }: Pick<LayerWidths, 'hidden' | 'ffn'>,
  side: number,
): number {
  return 3 * share(hidden, side) * share(ffn, side);
}

/** Wavelets that a further sequence in the same region adds to a line's messages, in and out. */
export function decodeWavelets(widths: LayerWidths, contextTokens: number, side: number): number {
  const d = share(widths.hidden, side);
  const q = share(widths.queries, side);
  const k = share(widths.keys, side);
  const f = share(widths.ffn, side);
  const s = share(contextTokens, side);
  const elements = q + 2 * k + s + q + 2 * f + 2 * d;
  return (2 * elements) / HALVES_PER_WAVELET;
}

/** What each constant of decode multiplies: software, PEs that a message passes, multiply-adds. */
export function decodeFeatures(
  widths: LayerWidths,
  contextTokens: number,
  side: number,
): [software: number, hops: number, macs: number] {
  return [DECODE_ALL_REDUCES, DECODE_ALL_REDUCES * side, decodeMacs(widths, contextTokens, side)];
}

/** Tiles of the products of a prefill layer, [rows, inner, columns] on one PE. */
function prefillTiles(
  widths: LayerWidths,
  tokens: number,
  side: number,
): [rows: number, inner: number, columns: number][] {
  const t = share(tokens, side);
  const d = share(widths.hidden, side);
  const q = share(widths.queries, side);
  const k = share(widths.keys, side);
  const f = share(widths.ffn, side);
  return [
    [t, d, q],
    [t, d, k],
    [t, d, k],
    [t, q, t],
    [t, t, q],
    [t, q, d],
    [t, d, f],
    [t, d, f],
    [t, f, d],
  ];
}

/** Wavelets of the operands of a prefill layer's products on one PE, of all their steps. */
export interface ShiftedWavelets {
  /** Activations. */
  readonly left: number;
  /** Weights; of attention, keys and values. */
  readonly right: number;
}

/** What the products of a prefill layer shift where both of their operands move. */
export function shiftedWavelets(
  widths: LayerWidths,
  tokens: number,
  side: number,
): ShiftedWavelets {
  let [left, right] = [0, 0];
  for (const [rows, inner, columns] of prefillTiles(widths, tokens, side)) {
    left += rows * inner;
    right += inner * columns;
  }
  return { left: (side * left) / HALVES_PER_WAVELET, right: (side * right) / HALVES_PER_WAVELET };
}

/** What each constant of prefill multiplies: multiply-adds, wavelets shifted, steps of products. */
export function prefillFeatures(
  widths: LayerWidths,
  tokens: number,
  side: number,
): [macs: number, wavelets: number, steps: number] {
  const { left, right } = shiftedWavelets(widths, tokens, side);
  const macs = prefillTiles(widths, tokens, side).reduce(
    (sum, [rows, inner, columns]) => sum + rows * inner * columns,
    0,
  );
  return [side * macs, left + right, side * PREFILL_PRODUCTS];
}
