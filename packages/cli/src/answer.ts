/**
 * An answer as it arrives, and how fast it came. Clock: wall, as seen by the caller's thread.
 *
 * Prefill ends with the first token; decoding is the tokens after it.
 */
import { formatRate, gridName, plural } from '@wafer/core';
import type {
  FinishReason,
  Piece,
  Quantization,
  ResolvedOptions,
  VirtualFigures,
} from '@wafer/runtime';
import { clockText, virtualSpeed, virtualText } from './described/virtual-flags.ts';
import { arithmeticText, vectorBits } from './wafer-options.ts';
import type { WaferSettings } from './wafer-options.ts';

export class Answer {
  readonly #pieces: Piece[] = [];
  readonly #promptCount: number;
  readonly #startMs: number = performance.now();
  readonly #arrivalsMs: number[] = [];

  /** Starts the clock. */
  constructor(promptCount: number) {
    this.#promptCount = promptCount;
  }

  add(piece: Piece): void {
    this.#arrivalsMs.push(performance.now());
    this.#pieces.push(piece);
  }

  get tokens(): number[] {
    return this.#pieces.map(({ token }) => token);
  }

  get text(): string {
    return this.#pieces.map(({ text }) => text).join('');
  }

  get finish(): FinishReason | undefined {
    return this.#pieces.at(-1)?.finish;
  }

  get prefillMs(): number {
    return (this.#arrivalsMs[0] ?? 0) - this.#startMs;
  }

  get decodeMs(): number {
    return (this.#arrivalsMs.at(-1) ?? 0) - (this.#arrivalsMs[0] ?? 0);
  }

  /** Time from each piece to the next: the latency of every token after the first. */
  get gapsMs(): number[] {
    return this.#arrivalsMs.slice(1).map((ms, i) => ms - this.#arrivalsMs[i]!);
  }

  /** Prompt tokens per second. */
  get prefillRate(): number {
    return rate(this.#promptCount, this.prefillMs);
  }

  /** Tokens per second after the first; 0 if there are none. */
  get decodeRate(): number {
    return rate(this.#pieces.length - 1, this.decodeMs);
  }

  /** One line for people. */
  speedLine(settings: WaferSettings, figures?: VirtualFigures): string {
    const { resolved, options } = settings;
    const { virtual, dice } = resolved;
    const clock = virtual && clockText(virtual.clock, dice);
    const speed = virtualSpeed(this.#pieces, this.#promptCount);
    return [
      `prompt ${this.#promptCount} tokens, ${formatRate(this.prefillRate)}/s`,
      `generated ${this.#pieces.length} tokens, ${formatRate(this.decodeRate)}/s`,
      `grid ${gridName(resolved.plan.grid)}`,
      plural(resolved.threadCount, 'thread'),
      arithmeticText({ ...resolved.plan, rounding: options.rounding }),
      `${vectorBits(options)}-bit vectors`,
      ...(clock === undefined ? [] : [virtualText(speed, { clock, figures })]),
    ].join(' · ');
  }

  /** Everything, for machines. */
  toJson(run: {
    model: string;
    settings: WaferSettings;
    seed: number;
    figures: VirtualFigures | undefined;
    quantization: Quantization | undefined;
    hasExperts: boolean;
  }): object {
    const { resolved, options } = run.settings;
    const logprobs = this.#pieces.flatMap(({ token, logprob, top }) =>
      logprob === undefined ? [] : [{ token, logprob, top }],
    );
    return {
      model: run.model,
      text: this.text,
      tokens: this.tokens,
      finish: this.finish,
      promptTokens: this.#promptCount,
      generatedTokens: this.#pieces.length,
      seed: run.seed,
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
  #virtualJson(resolved: ResolvedOptions, figures: VirtualFigures | undefined): object {
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
        ...virtualSpeed(this.#pieces, this.#promptCount),
        hold: figures?.hold,
      },
    };
  }
}

function rate(count: number, ms: number): number {
  return count > 0 && ms > 0 ? (count / ms) * 1000 : 0;
}
