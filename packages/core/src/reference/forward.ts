/**
 * The plain forward pass: runs the ops of a network one by one with their references.
 *
 * What a wafer computes must be these bits, whatever its layout. One sequence, all its tokens in
 * one step, every value a whole [T, width] array; nothing is fast here. Letters: T tokens,
 * V vocab, E experts, k chosen.
 */
import { assert } from '../errors.ts';
import { maskOf } from '../model/attention-mask.ts';
import { networkOps } from '../model/network.ts';
import type { NetworkOp, NetworkOpOf, NetworkValue } from '../model/network-op.ts';
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { ModelSpec } from '../model/spec.ts';
import { expertsOf } from '../model/tensors.ts';
import { add, addBias } from '../ops/add.ts';
import { attention, KV_BLOCK_TOKENS, kvAppend, kvBlockFloats } from '../ops/attention.ts';
import { embed } from '../ops/embed.ts';
import { expertSum, gatherRows } from '../ops/expert-sum.ts';
import type { Rounding } from '../ops/fma.ts';
import { linear } from '../ops/linear.ts';
import { rmsNorm } from '../ops/rms-norm.ts';
import { ropeTable, rotate } from '../ops/rope.ts';
import { groupSlots, route } from '../ops/route.ts';
import type { ExpertRows, Routing } from '../ops/route.ts';
import { clampedSwiglu, swiglu } from '../ops/swiglu.ts';
import type { StoredMatrix } from '../ops/weights.ts';

/** Where the reference finds what a model has learned, by canonical name. */
export interface ReferenceTensors {
  matrix(name: string): StoredMatrix;
  vector(name: string): Float32Array;
}

/** Logits after each token: [T] of [V]. */
export function referenceLogits(
  model: { spec: ModelSpec; tensors: ReferenceTensors; rounding: Rounding },
  tokens: readonly number[],
): Float32Array[] {
  const { vocabCount } = model.spec;
  const { embed: first, layers, logits } = networkOps(model.spec);
  const state = new Forward(model, tokens);
  for (const op of [first, ...layers.flat(), logits]) runOp(op, state);
  const rows = state.read(logits.output);
  return tokens.map((_, t) => rows.slice(t * vocabCount, (t + 1) * vocabCount));
}

type Runs = { [Op in NetworkOp['op']]: (op: NetworkOpOf<Op>, state: Forward) => void };

function runOp<Op extends NetworkOp['op']>(op: NetworkOpOf<Op>, state: Forward): void {
  const run = RUNS[op.op as Op];
  run(op, state);
}

/** The values of a pass under way. */
class Forward {
  readonly spec: ModelSpec;
  readonly rounding: Rounding;
  readonly tokens: Int32Array;
  readonly tensors: ReferenceTensors;
  routing: (Routing & ExpertRows) | undefined;
  readonly #values = new Map<string, Float32Array>();

  constructor(
    model: { spec: ModelSpec; tensors: ReferenceTensors; rounding: Rounding },
    tokens: readonly number[],
  ) {
    this.spec = model.spec;
    this.rounding = model.rounding;
    this.tensors = model.tensors;
    this.tokens = Int32Array.from(tokens);
  }

  get tokenCount(): number {
    return this.tokens.length;
  }

  read({ name, width }: NetworkValue): Float32Array {
    const rows = this.#values.get(name);
    assert(rows !== undefined && rows.length % width === 0, 'a value is written first', { name });
    return rows;
  }

  write({ name }: NetworkValue, rows: Float32Array): void {
    this.#values.set(name, rows);
  }

  /** A new value of one row per token, or per token and chosen expert. */
  create(value: NetworkValue): Float32Array {
    const perToken = value.rows === 'slots' ? expertsOf(this.spec).chosenCount : 1;
    const rows = new Float32Array(this.tokenCount * perToken * value.width);
    this.write(value, rows);
    return rows;
  }

  optionalVector(tensor: NetworkTensor | undefined): Float32Array | undefined {
    return tensor && this.tensors.vector(tensor.name);
  }

  get routed(): Routing & ExpertRows {
    assert(this.routing !== undefined, 'experts are chosen before they compute', {});
    return this.routing;
  }
}

const RUNS: Runs = {
  embed: ({ output, table }, state) =>
    embed(state.create(output), state.tensors.matrix(table.name), state.tokens),
  norm: ({ input, output, gain, width }, state) => {
    const x = state.read(input);
    const y = new Float32Array(x.length);
    const gains = state.optionalVector(gain) ?? new Float32Array(width).fill(1);
    rmsNorm(y, x, gains, { tokenCount: x.length / width, ...normOptions(state) });
    state.write(output, y);
  },
  linear: ({ input, output, weights, bias }, state) =>
    state.write(output, linearRows(state, state.read(input), weights, bias)),
  rope: ({ target }, state) => {
    const { rope, headWidth } = state.spec;
    const { tokenCount } = state;
    const angles = ropeTable(rope);
    const table = new Float32Array(tokenCount * rope.rotaryWidth);
    for (let p = 0; p < tokenCount; p++) table.set(angles(p), p * rope.rotaryWidth);
    const headCount = target.width / headWidth;
    rotate(state.read(target), table, { tokenCount, headCount, headWidth }, rope);
  },
  'attention-temperature': ({ target, scale, floorTokens }, state) => {
    const x = state.read(target);
    for (let i = 0; i < x.length; i++) {
      const position = Math.floor(i / target.width);
      const index = Math.floor((position + 1) / floorTokens);
      x[i] = (x[i] as number) * Math.fround(1 + scale * Math.log(1 + index));
    }
  },
  attend: runAttend,
  swiglu: ({ gate, up, output }, state) => {
    activate(state, state.create(output), state.read(gate), state.read(up));
  },
  add: ({ target, input }, state) => add(state.read(target), state.read(input)),
  route: ({ logits, selectionBias }, state) => {
    const spec = expertsOf(state.spec);
    const bias = state.optionalVector(selectionBias);
    const choice = route(state.read(logits), bias, { spec, rounding: state.rounding });
    state.routing = { ...choice, ...groupSlots(choice.chosen, spec.expertCount) };
  },
  expertHidden: ({ input, output, experts }, state) => {
    const { chosenCount, weighsInput } = expertsOf(state.spec);
    const { slots, weights } = state.routed;
    const inputs = new Float32Array(slots.length * input.width);
    const own = { slots, weights: weighsInput ? weights : undefined, chosenCount };
    gatherRows(inputs, state.read(input), own);
    const hidden = state.create(output);
    for (const { expert, gate, up, gateBias, upBias } of experts) {
      const rows = rowsOfExpert(state, expert, inputs, input.width);
      if (rows.length === 0) continue;
      const y = rowsOfExpert(state, expert, hidden, output.width);
      const gated = linearRows(state, rows, gate, gateBias);
      activate(state, y, gated, linearRows(state, rows, up, upBias));
    }
  },
  expertDown: ({ input, output, experts }, state) => {
    const [x, y] = [state.read(input), state.create(output)];
    for (const { expert, down, downBias } of experts) {
      const rows = rowsOfExpert(state, expert, x, input.width);
      if (rows.length === 0) continue;
      const results = linearRows(state, rows, down, downBias);
      rowsOfExpert(state, expert, y, output.width).set(results);
    }
  },
  expertSum: ({ input, output, shared }, state) => {
    const { chosenCount, weighsInput } = expertsOf(state.spec);
    const { places, weights } = state.routed;
    const y = state.create(output);
    const own = { places, weights: weighsInput ? undefined : weights, chosenCount };
    expertSum(y, state.read(input), own, state.rounding);
    if (shared) add(y, state.read(shared));
  },
  logits: ({ input, output, gain, weights }, state) => {
    const x = state.read(input);
    const normed = new Float32Array(x.length);
    const gains = state.tensors.vector(gain.name);
    rmsNorm(normed, x, gains, { tokenCount: state.tokenCount, ...normOptions(state) });
    state.write(output, linearRows(state, normed, weights, undefined));
  },
};

function runAttend(op: NetworkOpOf<'attend'>, state: Forward): void {
  const { headWidth, contextMax } = state.spec;
  const { tokenCount, rounding } = state;
  const [headCount, kvHeadCount] = [op.q.width / headWidth, op.k.width / headWidth];
  const blockStride = kvBlockFloats({ kvHeadCount, headWidth });
  const blockCount = Math.ceil(tokenCount / KV_BLOCK_TOKENS);
  const cache = {
    kv: new Float32Array(blockCount * blockStride),
    blockTable: Int32Array.from({ length: blockCount }, (_, i) => i),
    blockStride,
  };
  const shape = { headCount, kvHeadCount, headWidth, startPosition: 0, tokenCount };
  kvAppend(cache, state.read(op.k), state.read(op.v), shape);
  const scale = Math.fround(1 / Math.sqrt(headWidth));
  const mask = maskOf(state.spec, op.layer, contextMax);
  const sinks = state.optionalVector(op.sinks);
  const out = state.create(op.output);
  attention(out, state.read(op.q), cache, shape, { scale, rounding, mask, sinks });
}

/** weights · x (+ bias), [rows of x, rows of weights]. */
function linearRows(
  { tensors, rounding }: Forward,
  x: Float32Array,
  weights: NetworkTensor,
  bias: NetworkTensor | undefined,
): Float32Array {
  const tokenCount = x.length / weights.columns;
  const y = new Float32Array(tokenCount * weights.rows);
  linear(y, tensors.matrix(weights.name), x, { tokenCount, rounding });
  if (bias) addBias(y, tensors.vector(bias.name));
  return y;
}

function activate(
  { spec, rounding }: Forward,
  y: Float32Array,
  gate: Float32Array,
  up: Float32Array,
): void {
  const { activation } = spec;
  if (activation.kind === 'silu') swiglu(y, gate, up, rounding);
  else clampedSwiglu(y, gate, up, { ...activation, rounding });
}

/** The rows of one expert in a value of slots. */
function rowsOfExpert(
  { routed }: Forward,
  expert: number,
  rows: Float32Array,
  width: number,
): Float32Array {
  const { starts } = routed;
  return rows.subarray(starts[expert]! * width, starts[expert + 1]! * width);
}

function normOptions({ spec, rounding }: Forward): { epsilon: number; rounding: Rounding } {
  return { epsilon: spec.normEpsilon, rounding };
}
