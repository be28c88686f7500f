/**
 * Picks the tokens of one request from its logits.
 *
 *     logits ─ logprobs are reported of these ─▶ stages (bias, penalties, mask) ▶ temperature
 *            ▶ top-k ▶ top-p ▶ min-p ▶ draw
 *
 * Each filter works on what the one before left over; equals go to the lower id; at least one token
 * is always left. The draw is number `tokenIndex` of the request's seed, so a token that is picked
 * again after a crash or a preemption is the same one. Temperature 0 takes the likeliest token.
 *
 * Sums over the vocabulary fold blocks of 1,024 ids in ascending order, and nothing here depends on
 * shards, on the batch or on which implementation of `VocabOps` runs. Greedy picking without
 * stages reads the logits once and allocates nothing.
 */
import { assert, VOCAB_BLOCK_IDS, WaferError } from '@wafer/core';
import { BIN_COUNT, dropBelow, findCut } from './cut.ts';
import { uniform } from './random.ts';
import type { SamplingOptions } from './sampling-options.ts';
import { MaskStage, type MaskSource } from './stages/mask.ts';
import { MinTokensStage } from './stages/min-tokens.ts';
import { Penalties } from './stages/penalties.ts';
import type { LogitsStage } from './stages/stage.ts';
import { type ExpOptions, SHORT_LIST_MAX, type VocabOps } from './vocab-ops.ts';

/** Below, 1 / temperature is so large that only the likeliest token is left: no division by it. */
export const GREEDY_BELOW = 1e-5;

/** A token and how likely the model itself found it. */
export interface TokenLogprob {
  token: number;
  /** Natural logarithm of the model's own probability: no bias, penalty, temperature or filter. */
  logprob: number;
}

/** One picked token; the object is the sampler's and holds until its next pick. */
export interface Sampled {
  token: number;
  /** Undefined unless the request asks for logprobs. */
  logprob: number | undefined;
  /** The likeliest tokens, as many as asked for; a fresh array. */
  top: TokenLogprob[];
}

export interface SamplerSpec {
  prompt: ArrayLike<number>;
  vocabCount: number; // V
  ops: VocabOps;
  /** Which tokens may be picked. Default: all. */
  mask?: MaskSource | undefined;
  /** Tokens that may not be picked before token `minTokens` of the answer. */
  stopTokens?: readonly number[] | undefined;
  minTokens?: number | undefined;
}

export class Sampler {
  readonly #options: SamplingOptions;
  readonly #ops: VocabOps;
  readonly #vocabCount: number;
  readonly #stages: readonly LogitsStage[];
  readonly #sampled: Sampled = { token: 0, logprob: undefined, top: [] };
  /** Logits before the stages, where they changed. */
  readonly #raw = new Map<number, number>();
  readonly #keepRaw = (token: number, logit: number): void => {
    if (!this.#raw.has(token)) this.#raw.set(token, logit);
  };
  /** Scratch of `findCut`, made when first needed. */
  #bins: Float64Array | undefined;

  constructor(options: SamplingOptions, spec: SamplerSpec) {
    this.#options = options;
    this.#ops = spec.ops;
    this.#vocabCount = spec.vocabCount;
    this.#stages = stagesOf(options, spec);
  }

  /**
   * Picks token number `tokenIndex` of the answer; the logits may be changed. Shapes: logits: [V].
   * Throws: LOGITS_NOT_FINITE.
   */
  sample(logits: Float32Array, tokenIndex: number): Sampled {
    const isRow = logits.length === this.#vocabCount;
    if (!isRow) assert(false, 'logits are one row', { length: logits.length });
    const { logprobs } = this.#options;
    if (logprobs === undefined) {
      for (let i = 0; i < this.#stages.length; i++) this.#stages[i]!.apply(logits, tokenIndex);
      this.#sampled.token = this.#pick(logits, tokenIndex);
      return this.#sampled;
    }
    const logTotal = logSumExp(this.#ops, logits, tokenIndex);
    this.#sampled.top = likeliest(this.#ops, logits, { count: logprobs, logTotal });
    this.#raw.clear();
    for (const stage of this.#stages) stage.apply(logits, tokenIndex, this.#keepRaw);
    const token = this.#pick(logits, tokenIndex);
    this.#sampled.token = token;
    this.#sampled.logprob = (this.#raw.get(token) ?? logits[token]!) - logTotal;
    return this.#sampled;
  }

  /** Takes note of a token of the answer, for the stages. */
  accept(token: number): void {
    for (let i = 0; i < this.#stages.length; i++) this.#stages[i]!.accept(token);
  }

  #pick(logits: Float32Array, tokenIndex: number): number {
    const { temperature, topK, seed } = this.#options;
    const likeliest = this.#ops.argmax(logits);
    const max = logits[likeliest]!;
    if (!Number.isFinite(max)) throw new WaferError('LOGITS_NOT_FINITE', { tokenIndex });
    if (temperature < GREEDY_BELOW || topK === 1) return likeliest;
    const exp = { max, scale: Math.fround(1 / temperature) };
    const share = uniform(seed, tokenIndex);
    const token = this.#drawShort(logits, exp, share) ?? this.#drawRow(logits, exp, share);
    if (token === undefined) throw new WaferError('LOGITS_NOT_FINITE', { tokenIndex });
    return token;
  }

  // ---- from a short list of the likeliest, in descending order

  /** Draws from the list if all that the filters leave is in it; else undefined. */
  #drawShort(logits: Float32Array, exp: ExpOptions, share: number): number | undefined {
    const { topK, topP, minP } = this.#options;
    const isFiltered = topK > 0 || topP < 1 || minP > 0;
    if (!isFiltered || topK > SHORT_LIST_MAX) return undefined;
    const { ids, values, weights } = this.#ops;
    const isWhole = topK > 0; // nothing beyond the list is left by top-k
    const rowTotal = isWhole || topP === 1 ? 0 : this.#ops.expSum(logits, exp);
    const count = this.#ops.topK(logits, isWhole ? topK : SHORT_LIST_MAX);
    this.#ops.expRow(values.subarray(0, count), exp);
    const total = isWhole ? sumRange(weights, 0, count) : rowTotal;
    const nucleus = topP === 1 ? Infinity : total * topP;
    const minWeight = Math.fround(minP);
    let keptCount = 0;
    let kept = 0;
    while (keptCount < count && weights[keptCount]! >= minWeight) {
      if (keptCount > 0 && kept >= nucleus) break;
      kept += weights[keptCount]!;
      keptCount++;
    }
    const isCut = keptCount < count || kept >= nucleus;
    if (!isCut && !isWhole) return undefined;
    const target = kept * share;
    let sum = 0;
    for (let i = 0; i < keptCount; i++) {
      sum += weights[i]!;
      if (sum > target) return ids[i]!;
    }
    return ids[0]!; // rounding met the end exactly
  }

  // ---- from the whole vocabulary, in ascending id

  /** Undefined if a weight is not finite. */
  #drawRow(logits: Float32Array, exp: ExpOptions, share: number): number | undefined {
    const { topK, topP, minP } = this.#options;
    const { weights } = this.#ops;
    const row = { logits, weights };
    this.#ops.expRow(logits, exp);
    if (!Number.isFinite(foldBlocks(weights))) return undefined;
    if (topK > 0 && topK < this.#vocabCount) this.#keepLargest(row, exp);
    if (topP < 1) {
      const total = foldBlocks(weights);
      dropBelow(row, findCut(row, total * topP, this.#binsOf()));
    }
    if (minP > 0) {
      const minWeight = Math.fround(minP);
      for (let id = 0; id < weights.length; id++) if (weights[id]! < minWeight) weights[id] = 0;
    }
    return drawId(weights, share);
  }

  #keepLargest(row: { logits: Float32Array; weights: Float32Array }, exp: ExpOptions): void {
    row.weights.fill(1); // counts tokens
    const cut = findCut(row, this.#options.topK, this.#binsOf());
    this.#ops.expRow(row.logits, exp);
    dropBelow(row, cut);
  }

  #binsOf(): Float64Array {
    this.#bins ??= new Float64Array(BIN_COUNT);
    return this.#bins;
  }
}

/** The stages that a request asks for, in their order. */
function stagesOf(options: SamplingOptions, spec: SamplerSpec): LogitsStage[] {
  const { prompt, mask, stopTokens = [], minTokens = 0 } = spec;
  const penalties = new Penalties(options, prompt);
  const stages: LogitsStage[] = penalties.isActive ? [penalties] : [];
  if (mask !== undefined) stages.push(new MaskStage(mask));
  if (minTokens > 0) stages.push(new MinTokensStage(stopTokens, minTokens));
  return stages;
}

/** The likeliest tokens and their logprobs, in descending order. */
export function likeliest(
  ops: VocabOps,
  logits: Float32Array,
  want: { count: number; logTotal: number },
): TokenLogprob[] {
  if (want.count === 0) return [];
  const count = ops.topK(logits, want.count);
  return Array.from({ length: count }, (_, i) => ({
    token: ops.ids[i]!,
    logprob: ops.values[i]! - want.logTotal,
  }));
}

/** ln Σ exp(logits): what to subtract from a logit for its logprob. Throws: LOGITS_NOT_FINITE. */
export function logSumExp(ops: VocabOps, logits: Float32Array, tokenIndex: number): number {
  const max = logits[ops.argmax(logits)]!;
  const sum = ops.expSum(logits, { max, scale: 1 });
  if (!Number.isFinite(max + sum)) throw new WaferError('LOGITS_NOT_FINITE', { tokenIndex });
  return max + Math.log(sum);
}

/** Draws an id by its weight: the first at which the running sum exceeds the share of the whole. */
function drawId(weights: Float32Array, share: number): number {
  const target = foldBlocks(weights) * share;
  let before = 0;
  let last = 0; // of some weight: rounding may meet the end exactly
  for (let start = 0; start < weights.length; start += VOCAB_BLOCK_IDS) {
    const sum = sumBlock(weights, start);
    if (sum === 0) continue;
    const end = Math.min(start + VOCAB_BLOCK_IDS, weights.length);
    const isHere = before + sum > target;
    let inside = before;
    for (let id = start; id < end; id++) {
      if (weights[id]! === 0) continue;
      last = id;
      inside += weights[id]!;
      if (isHere && inside > target) return id;
    }
    if (isHere) return last;
    before += sum;
  }
  return last;
}

function foldBlocks(weights: Float32Array): number {
  let total = 0;
  for (let start = 0; start < weights.length; start += VOCAB_BLOCK_IDS) {
    total += sumBlock(weights, start);
  }
  return total;
}

function sumBlock(weights: Float32Array, start: number): number {
  return sumRange(weights, start, Math.min(start + VOCAB_BLOCK_IDS, weights.length));
}

function sumRange(weights: Float32Array, start: number, end: number): number {
  let sum = 0;
  for (let id = start; id < end; id++) sum += weights[id]!;
  return sum;
}
