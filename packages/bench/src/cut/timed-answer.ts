/**
 * An answer as it arrives, and how fast it came. Clock: wall, as seen by the caller's thread.
 *
 * Prefill ends with the first token; decoding is the tokens after it.
 */
import type { FinishReason, Piece } from '@wafer/runtime';

export class TimedAnswer {
  readonly pieces: Piece[] = [];
  readonly promptCount: number;
  readonly #startMs: number = performance.now();
  readonly #arrivalsMs: number[] = [];

  /** Starts the clock. */
  constructor(promptCount: number) {
    this.promptCount = promptCount;
  }

  add(piece: Piece): void {
    this.#arrivalsMs.push(performance.now());
    this.pieces.push(piece);
  }

  get tokens(): number[] {
    return this.pieces.map(({ token }) => token);
  }

  get text(): string {
    return this.pieces.map(({ text }) => text).join('');
  }

  get finish(): FinishReason | undefined {
    return this.pieces.at(-1)?.finish;
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
    return rate(this.promptCount, this.prefillMs);
  }

  /** Tokens per second after the first; 0 if there are none. */
  get decodeRate(): number {
    return rate(this.pieces.length - 1, this.decodeMs);
  }
}

function rate(count: number, ms: number): number {
  return count > 0 && ms > 0 ? (count / ms) * 1000 : 0;
}
