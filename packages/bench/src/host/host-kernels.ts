/**
 * Rates of this host's kernels at the shapes of one model: its weights where they lie in a run,
 * few rows and many. One thread; what reading together costs is measured beside it.
 */
import { assert, isVector, KV_BLOCK_TOKENS, packedBytes } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import type { Model } from '@wafer/runtime';
import type { HostFigures, KernelRate } from '@wafer/timing';
import { attentionCase, linearCase, normCase } from '../micro/kernel-cases.ts';
import type { MicroCase } from '../micro/micro-case.ts';
import { stepWeightBytes } from '../speed/model-cost.ts';
import { medianOf } from '../statistics.ts';

/** Rates by kernel. */
export type KernelFigures = Pick<HostFigures, 'callNs' | 'linear' | 'attention' | 'rowBytesPerNs'>;

export interface KernelUse {
  model: Model;
  /** Rows of a step that reads a prompt. */
  promptTokens: number;
  /** Positions before a decoded token. */
  contextTokens: number;
}

const SAMPLE_NS = 15e6;
const CALLS_MIN = 5;

/** Cases of a model's kernels, each on memory of its own. */
export class HostKernels {
  readonly #linear: readonly { type: WeightType; one: MicroCase; many: MicroCase }[];
  readonly #attention: { one: MicroCase; many: MicroCase };
  readonly #norm: { one: MicroCase; many: MicroCase };

  constructor({ model, promptTokens, contextTokens }: KernelUse) {
    const { modelWidth: columns, ffnWidth, headCount: heads, headWidth } = model.spec;
    const heldBytes = stepWeightBytes(model);
    this.#linear = typesOf(model).map((type) => {
      // As many rows as make the weights of a step: read again only after all the others.
      const held = Math.ceil(heldBytes / packedBytes(type, 16, columns)) * 16;
      const one = linearCase({ type, rows: held, columns, tokens: 1 });
      return {
        type,
        one,
        many: linearCase({ type, rows: ffnWidth, columns, tokens: promptTokens }),
      };
    });
    const at = (positions: number, tokens: number): MicroCase =>
      attentionCase({ shapes: [], rowCount: tokens, heads, headWidth, positions }, tokens);
    const context = Math.ceil(contextTokens / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
    this.#attention = { one: at(context, 1), many: at(promptTokens, promptTokens) };
    this.#norm = { one: normCase(columns, 1), many: normCase(columns, promptTokens) };
  }

  /** Rates of this moment. */
  sample(): KernelFigures {
    const linear = this.#linear.map(({ type, one, many }) => [type, rateOf(one, many)] as const);
    const { one, many } = this.#attention;
    return {
      linear: Object.fromEntries(linear),
      attention: rateOf(one, many),
      rowBytesPerNs: this.#norm.many.bytes / callNs(this.#norm.many),
      callNs: callNs(this.#norm.one),
    };
  }
}

function rateOf(one: MicroCase, many: MicroCase): KernelRate {
  return { bytesPerNs: one.bytes / callNs(one), flopsPerNs: many.flops / callNs(many) };
}

/** Median of the calls of a short time. */
function callNs(each: MicroCase): number {
  const times: number[] = [];
  let spentNs = 0;
  while (spentNs < SAMPLE_NS || times.length < CALLS_MIN) {
    const startNs = process.hrtime.bigint();
    each.run();
    const ns = Number(process.hrtime.bigint() - startNs);
    times.push(ns);
    spentNs += ns;
  }
  return medianOf(times);
}

function typesOf({ source }: Model): WeightType[] {
  const matrices = Object.values(source.tensors).filter((tensor) => !isVector(tensor));
  assert(matrices.length > 0, 'a model has matrices');
  return [...new Set(matrices.map(({ type }) => type))];
}
