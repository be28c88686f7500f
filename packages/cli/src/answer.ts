/**
 * An answer as it arrives, as a line for people and as JSON for machines.
 */
import { arithmeticText, TimedAnswer, vectorBits } from '@wafer/bench/common';
import type { WaferSettings } from '@wafer/bench/common';
import { formatRate, gridName, plural } from '@wafer/core';
import type { KvType } from '@wafer/core';
import type { Piece, Quantization, RequestOptions, VirtualFigures } from '@wafer/runtime';
import type { ResolvedOptions } from '@wafer/runtime/internal';
import { clockText, virtualSpeed, virtualText } from './described/virtual-flags.ts';
import type { VirtualSpeed } from './described/virtual-flags.ts';

/** What a request says of how tokens are chosen. */
export type Sampling = Pick<
  RequestOptions,
  | 'temperature'
  | 'topK'
  | 'topP'
  | 'minP'
  | 'repetitionPenalty'
  | 'presencePenalty'
  | 'frequencyPenalty'
  | 'stop'
>;

/** An answer for machines. */
export interface AnswerJson {
  model: string;
  text: string;
  tokens: number[];
  finish: Piece['finish'];
  promptTokens: number;
  generatedTokens: number;
  /** Of the draws: the same seed gives the same answer. */
  seed: number;
  sampling: Sampling;
  /** Natural logarithms of probabilities, with `--logprobs`. */
  logprobs?: Pick<Piece, 'token' | 'logprob' | 'top'>[];
  timings: {
    clock: 'wall';
    /** From the request to the first token. */
    prefillMs: number;
    /** From the first token to the last. */
    decodeMs: number;
    prefillTokensPerSecond: number;
    decodeTokensPerSecond: number;
  };
  /** Tiles, columns x rows. */
  grid: string;
  stages: number;
  plan: 'column' | 'megatron';
  experts?: 'whole' | 'rows';
  threads: number;
  /** Chips that the grid is cut into, columns x rows. */
  chips: string;
  rounding: 'fused' | 'plain' | undefined;
  activations: 'f32' | 'int8';
  kv: KvType;
  quantization?: Quantization;
  vectorBits: number;
  virtual?: VirtualAnswer;
}

/** The same answer on the clock of a described machine. */
export interface VirtualAnswer extends VirtualSpeed {
  clock: 'virtual';
  name: string;
  machine: string;
  link: string | undefined;
  collective: string | undefined;
  elementBytes: number | undefined;
  delays: VirtualFigures['delays'];
}

export class Answer extends TimedAnswer {
  /** That the answer ends where the context does; undefined where it does not. */
  contextEnd(contextTokens: number): string | undefined {
    const isFull = this.promptCount + this.tokens.length >= contextTokens;
    if (this.finish !== 'context' && !(this.finish === 'length' && isFull)) return undefined;
    return `the context of ${plural(contextTokens, 'token')} is full: the answer ends here`;
  }

  /** One line for people. */
  speedLine(settings: WaferSettings, figures?: VirtualFigures): string {
    const { resolved, options } = settings;
    const { virtual, dice } = resolved;
    const clock = virtual && clockText(virtual.clock, dice);
    const speed = virtualSpeed(this.pieces, this.promptCount);
    return [
      `prompt ${plural(this.promptCount, 'token')}, ${formatRate(this.prefillRate)}/s`,
      `generated ${plural(this.pieces.length, 'token')}${this.#decodeText()}`,
      `grid ${gridName(resolved.plan.grid)}`,
      plural(resolved.threadCount, 'thread'),
      arithmeticText({ ...resolved.plan, rounding: options.rounding }),
      `${vectorBits(options)}-bit vectors`,
      ...(clock === undefined ? [] : [virtualText(speed, { clock, figures })]),
    ].join(' · ');
  }

  /** One token has no rate. */
  #decodeText(): string {
    return this.pieces.length < 2 ? '' : `, ${formatRate(this.decodeRate)}/s`;
  }

  /** Everything, for machines. */
  toJson(run: {
    model: string;
    settings: WaferSettings;
    seed: number;
    /** How tokens were chosen, as the request had it. */
    sampling: Sampling;
    figures: VirtualFigures | undefined;
    quantization: Quantization | undefined;
    hasExperts: boolean;
  }): AnswerJson {
    const { resolved, options } = run.settings;
    const logprobs = this.pieces.flatMap(({ token, logprob, top }) =>
      logprob === undefined ? [] : [{ token, logprob, top }],
    );
    return {
      model: run.model,
      text: this.text,
      tokens: this.tokens,
      finish: this.finish,
      promptTokens: this.promptCount,
      generatedTokens: this.pieces.length,
      seed: run.seed,
      sampling: run.sampling,
      ...(logprobs.length > 0 ? { logprobs } : {}),
      timings: {
        clock: 'wall',
        prefillMs: this.prefillMs,
        decodeMs: this.decodeMs,
        prefillTokensPerSecond: this.prefillRate,
        decodeTokensPerSecond: this.decodeRate,
      },
      grid: gridName(resolved.plan.grid),
      stages: resolved.plan.stageCount,
      plan: resolved.plan.tensor,
      ...(run.hasExperts ? { experts: resolved.plan.experts } : {}),
      threads: resolved.threadCount,
      chips: gridName(resolved.dice.chips),
      rounding: options.rounding,
      activations: resolved.plan.activations,
      kv: resolved.plan.kv,
      ...(run.quantization === undefined ? {} : { quantization: run.quantization }),
      vectorBits: vectorBits(options),
      ...this.#virtualJson(resolved, run.figures),
    };
  }

  /** The virtual clock, if there is one. */
  #virtualJson(
    resolved: ResolvedOptions,
    figures: VirtualFigures | undefined,
  ): { virtual?: VirtualAnswer } {
    const { virtual, dice } = resolved;
    if (virtual === undefined) return {};
    const { machine, link, collective, elementBytes } = virtual.clock;
    return {
      virtual: {
        clock: 'virtual',
        name: clockText(virtual.clock, dice),
        machine: machine.name,
        link: link?.name,
        collective,
        elementBytes,
        ...virtualSpeed(this.pieces, this.promptCount),
        delays: figures?.delays,
      },
    };
  }
}
