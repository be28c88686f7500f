/**
 * The weights of a model, expanded to double precision by the reference's own reading of blocks.
 *
 * Tensors are asked for by canonical name where the spec says there must be one; only biases of
 * linear layers are taken if they are there.
 */
import { layerOf, storedRowBytes } from '@wafer/core';
import type { ExpertSpec, ModelSpec } from '@wafer/core';
import { openReader } from '@wafer/models';
import type { WeightReader } from '@wafer/models';
import type { Model } from '@wafer/runtime';
import { expandRow } from './double-blocks.ts';
import type { Linear, Vector } from './double-math.ts';

/** A gated hidden layer: dense, of one expert, or shared by all tokens. */
export interface DoubleFfn {
  gate: Linear;
  up: Linear;
  down: Linear;
}

export interface DoubleExperts {
  router: Linear;
  selectionBias: Vector | undefined; // [E]
  experts: DoubleFfn[]; // [E]
  shared: DoubleFfn | undefined;
}

export interface DoubleLayer {
  attentionNorm: Vector;
  ffnNorm: Vector;
  attentionPostNorm: Vector | undefined;
  ffnPostNorm: Vector | undefined;
  q: Linear;
  k: Linear;
  v: Linear;
  o: Linear;
  queryNorm: Vector | undefined; // [headWidth]
  keyNorm: Vector | undefined; // [headWidth]
  sinks: Vector | undefined; // [H]
  ffn: DoubleFfn | DoubleExperts;
}

export interface DoubleWeights {
  embed: Vector[]; // [V, D]
  layers: DoubleLayer[];
  norm: Vector; // [D]
  head: Vector[]; // [V, D]
}

/** Expands all weights of a model. */
export function readDoubleWeights(model: Model): DoubleWeights {
  const reader = openReader(model.source);
  try {
    return new DoubleReader(model, reader).read();
  } finally {
    reader.close();
  }
}

class DoubleReader {
  readonly #model: Model;
  readonly #reader: WeightReader;

  constructor(model: Model, reader: WeightReader) {
    this.#model = model;
    this.#reader = reader;
  }

  read(): DoubleWeights {
    const { spec } = this.#model;
    const embed = this.#matrix('embed');
    return {
      embed,
      layers: Array.from({ length: spec.layerCount }, (_, index) => this.#layer(spec, index)),
      norm: this.#vector('norm'),
      head: spec.hasTiedEmbeddings ? embed : this.#matrix('head'),
    };
  }

  #layer(spec: ModelSpec, index: number): DoubleLayer {
    const prefix = `layers.${index}`;
    const { queryKeyNorm, hasSinks } = spec.attention;
    const vectorIf = (isThere: boolean, name: string): Vector | undefined =>
      isThere ? this.#vector(`${prefix}.${name}`) : undefined;
    return {
      attentionNorm: this.#vector(`${prefix}.attentionNorm`),
      ffnNorm: this.#vector(`${prefix}.ffnNorm`),
      attentionPostNorm: vectorIf(spec.hasPostNorms, 'attentionPostNorm'),
      ffnPostNorm: vectorIf(spec.hasPostNorms, 'ffnPostNorm'),
      q: this.#linear(`${prefix}.q`),
      k: this.#linear(`${prefix}.k`),
      v: this.#linear(`${prefix}.v`),
      o: this.#linear(`${prefix}.o`),
      queryNorm: vectorIf(queryKeyNorm === 'learned', 'queryNorm'),
      keyNorm: vectorIf(queryKeyNorm === 'learned', 'keyNorm'),
      sinks: vectorIf(hasSinks, 'sinks'),
      ffn:
        layerOf(spec, index).ffn === 'dense'
          ? this.#ffn(prefix)
          : this.#experts(spec.experts as ExpertSpec, prefix),
    };
  }

  #experts(spec: ExpertSpec, prefix: string): DoubleExperts {
    const { expertCount, sharedWidth, router } = spec;
    return {
      router: this.#linear(`${prefix}.router`),
      selectionBias: router.hasSelectionBias
        ? this.#vector(`${prefix}.router.selectionBias`)
        : undefined,
      experts: Array.from({ length: expertCount }, (_, expert) =>
        this.#ffn(`${prefix}.experts.${expert}`),
      ),
      shared: sharedWidth > 0 ? this.#ffn(`${prefix}.shared`) : undefined,
    };
  }

  #ffn(prefix: string): DoubleFfn {
    return {
      gate: this.#linear(`${prefix}.gate`),
      up: this.#linear(`${prefix}.up`),
      down: this.#linear(`${prefix}.down`),
    };
  }

  #linear(name: string): Linear {
    const hasBias = Object.hasOwn(this.#model.source.tensors, `${name}.bias`);
    return { rows: this.#matrix(name), bias: hasBias ? this.#vector(`${name}.bias`) : undefined };
  }

  #vector(name: string): Vector {
    return this.#matrix(name)[0] as Vector;
  }

  #matrix(name: string): Vector[] {
    const tensor = this.#model.source.tensors[name];
    if (tensor === undefined) throw new Error(`the model has no ${name}`);
    const { type, rows, columns } = tensor;
    const rowBytes = storedRowBytes(type, columns);
    const stored = new Uint8Array(rows * rowBytes);
    const range = { row: 0, rowCount: rows, column: 0, columnCount: columns };
    this.#reader.readRows(name, range, stored);
    return Array.from({ length: rows }, (_, row) =>
      expandRow(type, stored.subarray(row * rowBytes, (row + 1) * rowBytes), columns),
    );
  }
}
