/**
 * The kernel interface: what a tile computes on its own SRAM.
 *
 * Every address is a byte offset into the tile's memory, 16-byte aligned; strides and counts are
 * in elements (f32). Each kernel is bit-equal to the plain reference of its op in `@wafer/core`.
 * Shape letters: T tokens, N outputs, K inputs.
 */
import type { Int8Type, WeightType } from '@wafer/core';

export type { Rounding } from '@wafer/core';

/** y[t, n] = Σ_k w[n, k] x[t, k], one chain per output. y: [T, yStride], x: [T, xStride]. */
export type LinearKernel = (
  y: number,
  yStride: number,
  weights: number, // packed panels
  x: number,
  xStride: number,
  tokenCount: number,
  rowCount: number, // N; exactly N columns of y are written
  columnCount: number, // K
  scratch: number, // linearScratchBytes(type, K, activations)
) => void;

/**
 * Packs up to `panelRows` stored rows into one panel, zero-padded.
 * `rowBytes` is the distance of two rows at `source`. Returns 0, or 1 where a value is not finite.
 */
export type PackKernel = (
  target: number,
  source: number,
  rowBytes: number,
  rowCount: number,
  columnCount: number,
) => number;

/** y[k] = w[row, k] of a packed matrix, as f32. y: [K]. */
export type EmbedKernel = (y: number, weights: number, row: number, columnCount: number) => void;

export interface Kernels {
  readonly linear: Readonly<Record<WeightType, LinearKernel>>;
  /** The same with 8-bit activations, as the reference `linearInt8` defines them. */
  readonly linearInt8: Readonly<Record<Int8Type, LinearKernel>>;
  readonly pack: Readonly<Record<WeightType, PackKernel>>;
  readonly embed: Readonly<Record<WeightType, EmbedKernel>>;

  /**
   * y[t, n] += Σ_r b[n, r] Σ_k a[r, k] x[t, k], of one adapter's rows. y: [T, yStride],
   * x: [T, xStride].
   */
  lowRank(
    y: number,
    yStride: number,
    a: number, // [R / 16][K][16]
    b: number, // [N / 16][R][16]
    x: number,
    xStride: number,
    tokenCount: number,
    rowCount: number, // N
    columnCount: number, // K
    rank: number, // R, whole panels
    scratch: number, // lowRankScratchBytes(R)
  ): void;

  /** x[t, n] += bias[n]. x: [T, xStride]. */
  addBias(x: number, xStride: number, bias: number, tokenCount: number, count: number): void;

  /** x[i] += y[i], contiguous. */
  add(x: number, y: number, count: number): void;

  /** y[t] = x[t] / rms(x[t]) * gain. x, y: [T, width], contiguous. */
  rmsNorm(
    y: number,
    x: number,
    gain: number,
    tokenCount: number,
    width: number,
    epsilon: number,
  ): void;

  /** Rotates the heads of x in place. x: [T, xStride]; table: [T, rotaryWidth / 2, (cos, sin)]. */
  rope(
    x: number,
    xStride: number,
    table: number,
    tokenCount: number,
    headCount: number,
    headWidth: number,
    rotaryWidth: number,
    isPairs: number, // 0 halves, 1 pairs
  ): void;

  /**
   * Writes k and v of T tokens from `startPosition` on into the paged KV cache.
   * k, v: [T, stride] with kvHeadCount heads. A block of 16 tokens lies at
   * `kv + blockTable[position / 16] * blockStride` (bytes; blockTable: i32), per head:
   * K as [headWidth][16], then V as [16][headWidth]; other types in the order of their kernels.
   */
  kvAppend(
    kv: number,
    blockStride: number,
    blockTable: number,
    k: number,
    v: number,
    stride: number,
    startPosition: number,
    tokenCount: number,
    kvHeadCount: number,
    headWidth: number,
    kvType: number, // index in KV_TYPES
  ): void;

  /**
   * Causal attention of T queries from `startPosition` on, over the paged KV cache, folding
   * whole blocks by absolute position with an online softmax. out: [T, outStride], q: [T, qStride].
   * Blocks before the first position that a query sees are not touched.
   */
  attention(
    out: number,
    outStride: number,
    q: number,
    qStride: number,
    kv: number,
    blockStride: number,
    blockTable: number,
    startPosition: number,
    tokenCount: number,
    headCount: number,
    kvHeadCount: number,
    headWidth: number,
    scale: number, // f32, usually 1 / sqrt(headWidth)
    windowTokens: number, // 0: a query sees all up to its position
    isChunk: number, // 0 a window, 1 a chunk
    sinks: number, // [H]; 0: none
    kvType: number, // index in KV_TYPES
    scratch: number, // attentionScratchBytes(headWidth, kvType)
  ): void;

  /** y[t, n] = silu(gate[t, n]) * up[t, n]. y: [T, yStride]; gate, up: [T, N], contiguous. */
  swiglu(
    y: number,
    yStride: number,
    gate: number,
    up: number,
    tokenCount: number,
    count: number,
  ): void;

  /** The same with min(gate, limit), alpha inside the sigmoid, and up within ±limit, plus 1. */
  clampedSwiglu(
    y: number,
    yStride: number,
    gate: number,
    up: number,
    tokenCount: number,
    count: number,
    alpha: number,
    limit: number,
  ): void;

  // ---- mixture of experts: k experts of E per token, slots t * k + j
  /** Chooses experts, ascending, and weighs them. chosen (i32), weights: [T, k]; logits: [T, E]. */
  route(
    chosen: number,
    weights: number,
    logits: number,
    selectionBias: number, // [E]; 0: none
    scratch: number, // routeScratchWords
    tokenCount: number,
    expertCount: number,
    chosenCount: number,
    score: number, // 0 none, 1 softmax, 2 sigmoid
    weighting: number, // 0 scores, 1 normalized, 2 softmax
    groupCount: number, // 0: none
    keptCount: number,
    scale: number,
  ): void;

  /** Sorts slots by expert, then token. starts: [E + 1]; places, slots, chosen: [slots]; i32. */
  groupSlots(
    starts: number,
    places: number,
    slots: number,
    chosen: number,
    scratch: number, // [E]
    slotCount: number,
    expertCount: number,
  ): void;

  /** y[r] = x[slots[r] / k], times weights[slots[r]] unless weights is 0. y: [count, width]. */
  gatherRows(
    y: number,
    x: number,
    xStride: number,
    slots: number,
    weights: number,
    count: number,
    chosenCount: number,
    width: number,
  ): void;

  /**
   * y[t] = Σ_j weights[t, j] * rows[places[t, j]], ascending j from +0, then + shared[t].
   * weights 0: all count 1; shared 0: nothing is added.
   */
  expertSum(
    y: number,
    yStride: number,
    rows: number,
    rowStride: number,
    places: number,
    weights: number,
    shared: number,
    sharedStride: number,
    tokenCount: number,
    chosenCount: number,
    count: number,
  ): void;

  // ---- over one row of logits, [V]; ties go to the lower id
  /** Index of the largest value. */
  argmax(logits: number, count: number): number;

  /** The k largest in descending order: ids (i32) and values (f32). Returns how many. */
  topK(ids: number, values: number, logits: number, count: number, k: number): number;

  /** sums[b] = Σ exp((logits[i] - max) * scale) over each block b of 1,024 ids; f32. */
  expSums(sums: number, logits: number, count: number, max: number, scale: number): void;

  /** y[i] = exp((logits[i] - max) * scale); f32. */
  expRow(y: number, logits: number, count: number, max: number, scale: number): void;
}
