/**
 * The plain forward pass: runs the ops of a network one by one with their references.
 *
 * What a wafer computes must be these bits, whatever its layout. One sequence, all its tokens in
 * one step, every value a whole [T, width] array; nothing is fast here. Letters: T tokens,
 * V vocab.
 */
import { assert } from '../errors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import type { ModelSpec } from '../model/spec.ts';
import { expertsOf } from '../model/tensors.ts';
import { networkOps } from '../network/network.ts';
import type { Rounding } from '../ops/fma.ts';
import type { ReferencePass, ReferenceTensors } from '../ops/op.ts';
import { runReference } from '../ops/ops.ts';
import type { ExpertRows, Routing } from '../ops/routing.ts';

/** A model as the reference takes it. */
export interface ReferenceModel {
  spec: ModelSpec;
  tensors: ReferenceTensors;
  rounding: Rounding;
}

/** Logits after each token: [T] of [V]. */
export function referenceLogits(model: ReferenceModel, tokens: readonly number[]): Float32Array[] {
  const { vocabCount } = model.spec;
  const { embed, layers, logits } = networkOps(model.spec);
  const pass = new ForwardPass(model, tokens);
  for (const op of [embed, ...layers.flat(), logits]) runReference(op, pass);
  const rows = pass.read(logits.output);
  return tokens.map((_, t) => rows.slice(t * vocabCount, (t + 1) * vocabCount));
}

/** The values of a pass under way. */
export class ForwardPass implements ReferencePass {
  readonly spec: ModelSpec;
  readonly rounding: Rounding;
  readonly tokens: Int32Array;
  readonly tensors: ReferenceTensors;
  #routing: (Routing & ExpertRows) | undefined;
  readonly #values = new Map<string, Float32Array>();

  constructor(model: ReferenceModel, tokens: readonly number[]) {
    this.spec = model.spec;
    this.rounding = model.rounding;
    this.tensors = model.tensors;
    this.tokens = Int32Array.from(tokens);
  }

  read({ name, width }: NetworkValue): Float32Array {
    const rows = this.#values.get(name);
    assert(rows !== undefined && rows.length % width === 0, 'a value is written first', { name });
    return rows;
  }

  create(value: NetworkValue): Float32Array {
    const perToken = value.rows === 'slots' ? expertsOf(this.spec).chosenCount : 1;
    const rows = new Float32Array(this.tokens.length * perToken * value.width);
    this.#values.set(value.name, rows);
    return rows;
  }

  get routing(): Routing & ExpertRows {
    assert(this.#routing !== undefined, 'experts are chosen before they compute', {});
    return this.#routing;
  }

  set routing(routing: Routing & ExpertRows) {
    this.#routing = routing;
  }
}
