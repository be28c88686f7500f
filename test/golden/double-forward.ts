/**
 * The forward pass of the Llama family in double precision, written from its published definition.
 *
 * Plain nested loops over Float64Array, one token after the other; no op of the project is used,
 * only the bytes of its weights, which are expanded here again. So an error in an op, a kernel or
 * a plan cannot hide in both. It rounds 2^29 times finer than the wafer: the difference is the
 * wafer's.
 *
 * Letters: D model, H heads, K kv heads, F ffn, V vocab.
 * Source: Touvron et al. 2023 (the network), Zhang and Sennrich 2019 (RMSNorm), Shazeer 2020
 * (SwiGLU), Ainslie et al. 2023 (grouped heads); ggml's documentation of its block formats.
 */
import { storedRowBytes } from '@wafer/core';
import type { ModelSpec, WeightType } from '@wafer/core';
import { openReader } from '@wafer/runtime';
import type { Model, WeightReader } from '@wafer/runtime';
import { rotateDouble } from './double-rope.ts';
import { type Expand, EXPAND_BLOCKS } from './expand-blocks.ts';

/**
 * How far a logit of a wafer may be off. Measured over all shapes, weight types and layouts: 4e-6
 * at worst, of logits up to 5, as f32 rounding (6e-8 of each value) adds up over some hundred
 * operations from embedding to logits. Ten times that leaves room for other processors, and is
 * still 50 times below the smallest effect of a wrong option, as a test shows.
 */
export const DOUBLE_TOLERANCE = 4e-5;

type Vector = Float64Array;

interface Linear {
  rows: Vector[];
  bias: Vector | undefined;
}

interface Layer {
  attentionNorm: Vector;
  ffnNorm: Vector;
  q: Linear;
  k: Linear;
  v: Linear;
  o: Linear;
  gate: Linear;
  up: Linear;
  down: Linear;
}

export interface DoubleWeights {
  embed: Vector[]; // [V, D]
  layers: Layer[];
  norm: Vector; // [D]
  head: Vector[]; // [V, D]
}

/** Expands all weights of a model. */
export function readDoubleWeights(model: Model): DoubleWeights {
  const reader = openReader(model.source);
  const matrix = (name: string): Vector[] => readMatrix(model, reader, name);
  const vector = (name: string): Vector => matrix(name)[0] as Vector;
  const linear = (name: string): Linear => ({
    rows: matrix(name),
    bias: Object.hasOwn(model.source.tensors, `${name}.bias`) ? vector(`${name}.bias`) : undefined,
  });
  try {
    const embed = matrix('embed');
    return {
      embed,
      layers: Array.from({ length: model.spec.layerCount }, (_, index) => ({
        attentionNorm: vector(`layers.${index}.attentionNorm`),
        ffnNorm: vector(`layers.${index}.ffnNorm`),
        q: linear(`layers.${index}.q`),
        k: linear(`layers.${index}.k`),
        v: linear(`layers.${index}.v`),
        o: linear(`layers.${index}.o`),
        gate: linear(`layers.${index}.gate`),
        up: linear(`layers.${index}.up`),
        down: linear(`layers.${index}.down`),
      })),
      norm: vector('norm'),
      head: model.spec.hasTiedEmbeddings ? embed : matrix('head'),
    };
  } finally {
    reader.close();
  }
}

/** Logits after each token. Shapes: [T] of [V]. */
export function forwardDouble(
  spec: ModelSpec,
  weights: DoubleWeights,
  tokens: readonly number[],
): Vector[] {
  const keys: Vector[][] = weights.layers.map(() => []); // per layer [T] of [K, headWidth]
  const values: Vector[][] = weights.layers.map(() => []);
  return tokens.map((token, position) => {
    const x = Float64Array.from(weights.embed[token] as Vector); // [D]
    weights.layers.forEach((layer, index) => {
      const past = { keys: keys[index] as Vector[], values: values[index] as Vector[] };
      addTo(x, attend(spec, layer, normalize(x, layer.attentionNorm, spec), past, position));
      addTo(x, feedForward(layer, normalize(x, layer.ffnNorm, spec)));
    });
    return multiply({ rows: weights.head, bias: undefined }, normalize(x, weights.norm, spec));
  });
}

// ---- the network

function attend(
  spec: ModelSpec,
  layer: Layer,
  x: Vector,
  past: { keys: Vector[]; values: Vector[] },
  position: number,
): Vector {
  const { headCount, kvHeadCount, headWidth, rope } = spec;
  const q = multiply(layer.q, x); // [H, headWidth]
  const k = multiply(layer.k, x); // [K, headWidth]
  rotateDouble(q, { rope, headWidth, position });
  rotateDouble(k, { rope, headWidth, position });
  past.keys.push(k);
  past.values.push(multiply(layer.v, x));
  const mixed = new Float64Array(headCount * headWidth);
  for (let head = 0; head < headCount; head++) {
    const start = head * headWidth;
    const shared = Math.floor(head / (headCount / kvHeadCount)) * headWidth;
    const scores = past.keys.map((key) => {
      let sum = 0;
      for (let i = 0; i < headWidth; i++) sum += at(q, start + i) * at(key, shared + i);
      return sum / Math.sqrt(headWidth);
    });
    const largest = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - largest));
    const total = shares.reduce((sum, share) => sum + share, 0);
    past.values.forEach((value, source) => {
      const share = (shares[source] as number) / total;
      for (let i = 0; i < headWidth; i++) {
        mixed[start + i] = at(mixed, start + i) + share * at(value, shared + i);
      }
    });
  }
  return multiply(layer.o, mixed);
}

function feedForward(layer: Layer, x: Vector): Vector {
  const gate = multiply(layer.gate, x); // [F]
  const up = multiply(layer.up, x); // [F]
  return multiply(
    layer.down,
    gate.map((value, i) => (value / (1 + Math.exp(-value))) * at(up, i)),
  );
}

function normalize(x: Vector, weight: Vector, spec: ModelSpec): Vector {
  let squares = 0;
  for (const value of x) squares += value * value;
  const root = Math.sqrt(squares / x.length + spec.normEpsilon);
  return x.map((value, i) => (value / root) * at(weight, i));
}

function multiply({ rows, bias }: Linear, x: Vector): Vector {
  return Float64Array.from(rows, (row, index) => {
    let sum = bias ? at(bias, index) : 0;
    for (let i = 0; i < x.length; i++) sum += at(row, i) * at(x, i);
    return sum;
  });
}

function addTo(x: Vector, more: Vector): void {
  for (let i = 0; i < x.length; i++) x[i] = at(x, i) + at(more, i);
}

function at(x: Vector, index: number): number {
  return x[index] as number;
}

// ---- weights

function readMatrix(model: Model, reader: WeightReader, name: string): Vector[] {
  const tensor = model.source.tensors[name];
  if (tensor === undefined) throw new Error(`the model has no ${name}`);
  const { type, rows, columns } = tensor;
  const rowBytes = storedRowBytes(type, columns);
  const stored = new Uint8Array(rows * rowBytes);
  reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, stored);
  const view = new DataView(stored.buffer);
  return Array.from({ length: rows }, (_, row) =>
    Float64Array.from({ length: columns }, (__, column) =>
      EXPAND[type](view, row * rowBytes, column),
    ),
  );
}

/** A bf16 is the upper half of this. */
const wide = new DataView(new ArrayBuffer(4));

/** The weight of a column in a row that starts at a byte. */
const EXPAND: Readonly<Record<WeightType, Expand>> = {
  f32: (view, start, column) => view.getFloat32(start + 4 * column, true),
  f16: (view, start, column) => view.getFloat16(start + 2 * column, true),
  bf16: (view, start, column) => {
    wide.setUint16(0, view.getUint16(start + 2 * column, true));
    return wide.getFloat32(0);
  },
  ...EXPAND_BLOCKS,
};
