/**
 * The forward pass of a model with experts from the plain references of `@wafer/core`, in the
 * canonical order: what a wafer computes must be these bits.
 *
 * One sequence, all tokens in one step; every layer rotated, seeing all. Letters: T tokens,
 * D model, F hidden, k chosen.
 */
import {
  add,
  addBias,
  attention,
  clampedSwiglu,
  embed,
  expertsOf,
  expertSum,
  gatherRows,
  groupSlots,
  isVectorName,
  kvAppend,
  kvBlockFloats,
  layerOf,
  linear,
  rmsNorm,
  ropeTable,
  rotate,
  route,
  storedRowBytes,
  swiglu,
} from '@wafer/core';
import type { PagedKv, Rounding, StoredMatrix } from '@wafer/core';
import { openReader } from '@wafer/models';
import type { Model } from '@wafer/runtime';

/** Logits after each token: [T] of [V]. */
export function plainLogits(model: Model, tokens: readonly number[]): Float32Array[] {
  return new PlainForward(model, 'fused').run(tokens);
}

class PlainForward {
  readonly #model: Model;
  readonly #rounding: Rounding;
  readonly #matrices = new Map<string, StoredMatrix>();
  readonly #vectors = new Map<string, Float32Array>();

  constructor(model: Model, rounding: Rounding) {
    this.#model = model;
    this.#rounding = rounding;
    const reader = openReader(model.source);
    for (const { name, type, rows, columns } of Object.values(model.source.tensors)) {
      if (isVectorName(name)) {
        this.#vectors.set(name, reader.readVector(name));
        continue;
      }
      const stored = new Uint8Array(rows * storedRowBytes(type, columns));
      const range = { row: 0, rowCount: rows, column: 0, columnCount: columns };
      reader.readRows(name, range, stored);
      this.#matrices.set(name, { type, rows, columns, stored });
    }
    reader.close();
  }

  run(tokens: readonly number[]): Float32Array[] {
    const { spec } = this.#model;
    const x = new Float32Array(tokens.length * spec.modelWidth);
    embed(x, this.#matrices.get('embed')!, Int32Array.from(tokens));
    for (let layer = 0; layer < spec.layerCount; layer++) {
      const prefix = `layers.${layer}`;
      add(x, this.#attend(prefix, this.#norm(`${prefix}.attentionNorm`, x)));
      const normed = this.#norm(`${prefix}.ffnNorm`, x);
      const isDense = layerOf(spec, layer).ffn === 'dense';
      add(x, isDense ? this.#feedForward(prefix, normed) : this.#experts(prefix, normed));
    }
    const head = spec.hasTiedEmbeddings ? 'embed' : 'head';
    const logits = this.#linear(head, this.#norm('norm', x));
    return tokens.map((_, t) => logits.slice(t * spec.vocabCount, (t + 1) * spec.vocabCount));
  }

  #attend(prefix: string, x: Float32Array): Float32Array {
    const { rope, ...shape } = this.#model.spec;
    const { headCount, kvHeadCount, headWidth } = shape;
    const tokenCount = x.length / shape.modelWidth;
    const [q, k, v] = ['q', 'k', 'v'].map((name) => this.#linear(`${prefix}.${name}`, x));
    const angles = ropeTable(rope);
    const table = Float32Array.from(
      Array.from({ length: tokenCount }, (_, position) => [...angles(position)]).flat(),
    );
    rotate(q!, table, { tokenCount, headCount, headWidth }, rope);
    rotate(k!, table, { tokenCount, headCount: kvHeadCount, headWidth }, rope);
    const blockStride = kvBlockFloats({ kvHeadCount, headWidth });
    const blockCount = Math.ceil(tokenCount / 16);
    const cache: PagedKv = {
      kv: new Float32Array(blockCount * blockStride),
      blockTable: Int32Array.from({ length: blockCount }, (_, i) => i),
      blockStride,
    };
    const heads = { headCount, kvHeadCount, headWidth, startPosition: 0, tokenCount };
    kvAppend(cache, k!, v!, heads);
    const mixed = new Float32Array(q!.length);
    const scale = Math.fround(1 / Math.sqrt(headWidth));
    attention(mixed, q!, cache, heads, { scale, rounding: this.#rounding });
    return this.#linear(`${prefix}.o`, mixed);
  }

  #feedForward(prefix: string, x: Float32Array): Float32Array {
    const gate = this.#linear(`${prefix}.gate`, x);
    const hidden = this.#activate(gate, this.#linear(`${prefix}.up`, x));
    return this.#linear(`${prefix}.down`, hidden);
  }

  #experts(prefix: string, x: Float32Array): Float32Array {
    const spec = expertsOf(this.#model.spec);
    const { expertCount, chosenCount, weighsInput } = spec;
    const rounding = this.#rounding;
    const { modelWidth: d } = this.#model.spec;
    const logits = this.#linear(`${prefix}.router`, x);
    const bias = this.#vectors.get(`${prefix}.router.selectionBias`);
    const { chosen, weights } = route(logits, bias, { spec, rounding });
    const { starts, places, slots } = groupSlots(chosen, expertCount);
    const inputs = new Float32Array(slots.length * d);
    const inputWeights = weighsInput ? weights : undefined;
    gatherRows(inputs, x, { slots, weights: inputWeights, chosenCount });
    const outputs = new Float32Array(inputs.length);
    for (let expert = 0; expert < expertCount; expert++) {
      const [start, end] = [starts[expert]! * d, starts[expert + 1]! * d];
      if (start === end) continue;
      const own = inputs.subarray(start, end);
      outputs.set(this.#feedForward(`${prefix}.experts.${expert}`, own), start);
    }
    const y = new Float32Array(x.length);
    const outputWeights = weighsInput ? undefined : weights;
    expertSum(y, outputs, { places, weights: outputWeights, chosenCount }, rounding);
    if (spec.sharedWidth > 0) add(y, this.#feedForward(`${prefix}.shared`, x));
    return y;
  }

  #activate(gate: Float32Array, up: Float32Array): Float32Array {
    const { activation } = this.#model.spec;
    const rounding = this.#rounding;
    const hidden = new Float32Array(gate.length);
    if (activation.kind === 'silu') swiglu(hidden, gate, up, rounding);
    else clampedSwiglu(hidden, gate, up, { ...activation, rounding });
    return hidden;
  }

  #linear(name: string, x: Float32Array): Float32Array {
    const matrix = this.#matrices.get(name)!;
    const tokenCount = x.length / matrix.columns;
    const y = new Float32Array(tokenCount * matrix.rows);
    linear(y, matrix, x, { tokenCount, rounding: this.#rounding });
    const bias = this.#vectors.get(`${name}.bias`);
    if (bias) addBias(y, bias);
    return y;
  }

  #norm(name: string, x: Float32Array): Float32Array {
    const gain = this.#vectors.get(name)!;
    const y = new Float32Array(x.length);
    const epsilon = this.#model.spec.normEpsilon;
    rmsNorm(y, x, gain, { tokenCount: x.length / gain.length, epsilon, rounding: this.#rounding });
    return y;
  }
}
