/**
 * The kernels of training: both ways of one sequence's rows, and the optimizers.
 *
 * Addresses are bytes, 16-byte aligned. Values lie in panels of 16 tokens, [panels][width][16],
 * weights row by row; what each kernel computes, to the bit, is in `@wafer/train`, reference.
 * Letters: N outputs, K inputs, D model, V vocab, E experts, k chosen, W width of a head or piece.
 */
import { assert } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import { FUSED, PLAIN } from './generated/train-kernels.wasm.ts';
import { moduleOf, withWideSection } from './module.ts';
import { isRevectorized } from './revectorize.ts';
import { WIDE_SECTION } from './instantiate.ts';

/** Tokens of a panel. */
export const PANEL_TOKENS = 16;

/** What the module exports; ranges [0, 1) share an op out among tiles. */
export interface TrainKernels {
  linearForward(
    y: number,
    w: number,
    x: number,
    panels: number,
    N: number,
    K: number,
    n0: number,
    n1: number,
  ): void;
  linearInputs(
    dx: number,
    w: number,
    dy: number,
    panels: number,
    N: number,
    K: number,
    k0: number,
    k1: number,
    adds: number,
  ): void;
  linearWeights(
    dw: number,
    dy: number,
    xt: number,
    tokens: number,
    N: number,
    K: number,
    n0: number,
    n1: number,
    joins: number,
    edge: number,
  ): void;
  biasForward(y: number, bias: number, panels: number, N: number, n0: number, n1: number): void;
  biasGradient(
    db: number,
    dy: number,
    panels: number,
    N: number,
    n0: number,
    n1: number,
    joins: number,
  ): void;
  embedPanels(x: number, table: number, tokens: number, panels: number, D: number): void;
  transposePanels(xt: number, x: number, panels: number, K: number, b0: number, b1: number): void;
  rowsOfPanels(rows: number, x: number, tokens: number, D: number): void;
  scatterRows(
    table: number,
    tokens: number,
    rows: number,
    count: number,
    D: number,
    e0: number,
    e1: number,
  ): void;
  normForward(
    y: number,
    x: number,
    gain: number,
    inverse: number,
    pieces: number,
    W: number,
    epsilon: number,
  ): void;
  normInputs(
    dx: number,
    dy: number,
    x: number,
    gain: number,
    inverse: number,
    pieces: number,
    W: number,
    adds: number,
  ): void;
  normGain(
    dgain: number,
    dy: number,
    x: number,
    inverse: number,
    pieces: number,
    W: number,
    d0: number,
    d1: number,
    joins: number,
  ): void;
  rotatePanels(
    x: number,
    table: number,
    panels: number,
    heads: number,
    headWidth: number,
    half: number,
    isPairs: number,
    isBack: number,
    h0: number,
    h1: number,
  ): void;
  swigluForward(y: number, gate: number, up: number, count: number): void;
  swigluBackward(
    dgate: number,
    dup: number,
    gate: number,
    up: number,
    dy: number,
    count: number,
  ): void;
  clampedForward(
    y: number,
    gate: number,
    up: number,
    count: number,
    alpha: number,
    limit: number,
  ): void;
  clampedBackward(
    dgate: number,
    dup: number,
    gate: number,
    up: number,
    dy: number,
    count: number,
    alpha: number,
    limit: number,
  ): void;
  attendForward(
    out: number,
    q: number,
    k: number,
    v: number,
    stats: number,
    firsts: number,
    sinks: number,
    panels: number,
    H: number,
    KV: number,
    W: number,
    scale: number,
    h0: number,
    h1: number,
    scratch: number,
  ): void;
  attendBackward(
    dq: number,
    dk: number,
    dv: number,
    q: number,
    k: number,
    v: number,
    out: number,
    dOut: number,
    stats: number,
    firsts: number,
    panels: number,
    H: number,
    KV: number,
    W: number,
    scale: number,
    g0: number,
    g1: number,
    scratch: number,
  ): void;
  sinksBack(
    dsinks: number,
    sinks: number,
    stats: number,
    out: number,
    dOut: number,
    panels: number,
    H: number,
    W: number,
    h0: number,
    h1: number,
    joins: number,
  ): void;
  crossEntropy(
    logits: number,
    targets: number,
    shares: number,
    stats: number,
    V: number,
    p0: number,
    p1: number,
    z: number,
  ): void;
  dropRows(
    y: number,
    x: number,
    count: number,
    index: number,
    key0: number,
    key1: number,
    threshold: number,
    factor: number,
  ): void;
  routeForward(
    probabilities: number,
    weights: number,
    chosen: number,
    logits: number,
    tokens: number,
    E: number,
    k: number,
    weighting: number,
    p0: number,
    p1: number,
    scores: number,
    bias: number,
    scale: number,
    groups: number,
    kept: number,
  ): void;
  routeBack(
    dlogits: number,
    dweights: number,
    probabilities: number,
    weights: number,
    chosen: number,
    counts: number,
    tokens: number,
    E: number,
    k: number,
    weighting: number,
    p0: number,
    p1: number,
    balance: number,
    scores: number,
    scale: number,
  ): void;
  sortSlots(
    starts: number,
    counts: number,
    slots: number,
    places: number,
    chosen: number,
    tokens: number,
    E: number,
    k: number,
  ): void;
  gatherSlots(
    rows: number,
    x: number,
    slots: number,
    k: number,
    D: number,
    q0: number,
    q1: number,
  ): void;
  gatherBack(
    dx: number,
    drows: number,
    places: number,
    tokens: number,
    k: number,
    D: number,
    p0: number,
    p1: number,
    adds: number,
  ): void;
  combineSlots(
    y: number,
    rows: number,
    weights: number,
    places: number,
    shared: number,
    k: number,
    D: number,
    p0: number,
    p1: number,
  ): void;
  combineBack(
    drows: number,
    dweights: number,
    dy: number,
    rows: number,
    weights: number,
    slots: number,
    k: number,
    D: number,
    q0: number,
    q1: number,
  ): void;
  loadOf(probabilities: number, counts: number, tokens: number, E: number): number;
  addInto(left: number, right: number, count: number): void;
  scaleBy(x: number, count: number, factor: number): void;
  addRows(c: number, a: number, b: number, count: number): void;
  adamW(w: number, g: number, m: number, v: number, count: number, scalars: number): void;
  sgdMomentum(
    w: number,
    g: number,
    u: number,
    count: number,
    lr: number,
    decay: number,
    momentum: number,
    scale: number,
  ): void;
  squaresOfBlocks(sums: number, x: number, count: number): void;
  roundWeights(target: number, source: number, count: number): void;
}

/** The module of training, compiled at the first call for a rounding and width of vectors. */
export function compileTrainKernels(rounding: Rounding): WebAssembly.Module {
  const isWide = isRevectorized();
  return moduleOf(`train-${rounding}-${isWide ? 'wide' : 'narrow'}`, () => {
    const bytes = Buffer.from(rounding === 'fused' ? FUSED : PLAIN, 'base64');
    return isWide ? withWideSection(bytes) : new Uint8Array(bytes);
  });
}

/** Binds the module to a shared memory of at most `MEMORY_PAGES_MAX` pages. */
export function instantiateTrainKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
): TrainKernels {
  const isWide = WebAssembly.Module.customSections(module, WIDE_SECTION).length > 0;
  const { exports } = new WebAssembly.Instance(module, { env: { memory, wide: isWide ? 1 : 0 } });
  const isBound = typeof exports['linearForward'] === 'function';
  assert(isBound, 'the module is that of training');
  return exports as unknown as TrainKernels;
}
