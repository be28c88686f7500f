/**
 * How long an answer takes beside so many others, learned from those that ended.
 *
 *     ms │        · ·╱·      A point for those that ended together: how many ran on average since
 *        │     ·  ╱ ·        the last that ended, and for how long each (Little's law). Old points
 *        │  · ╱·             fade. The line through them tells of more at once than there were.
 *        │ ╱
 *        └──────────── answers at once
 *
 * Answers share a step's cost and add their own rows to it, so the line rises, but never faster
 * than in proportion. Where all points lie close together, its slope is what is usual.
 *
 * Source: Little 1961, "A proof for the queuing formula L = λW".
 */
import { assert } from '@wafer/core';

/** Answers that a point is worth less for each that ended since. */
const MEMORY_ANSWERS = 200;
/** What a step costs by itself, in answers that it could have run for that. */
const SHARED_ANSWERS = 4;
/** Weight of the usual slope, as if points were spread so much, in answers squared. */
const USUAL_SPREAD = 16;

export class ServiceTime {
  readonly #slotCount: number;
  #answerCount = 0;
  #atMs = 0;
  /** Since the last point: milliseconds in which any ran, and those of all together. */
  #busyMs = 0;
  #runMs = 0;
  #endCount = 0;
  /** Faded sums over answers that ended: of one, x, y, x², xy. x: at once, y: milliseconds. */
  #weight = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #xy = 0;

  /** `slotCount`: answers that run at once; others wait. */
  constructor(slotCount: number) {
    this.#slotCount = slotCount;
  }

  /** Takes note that answers came, or that some went without having run. */
  change(answerCount: number, nowMs: number): void {
    const running = Math.min(this.#answerCount, this.#slotCount);
    const ms = nowMs - this.#atMs;
    if (running > 0) this.#busyMs += ms;
    this.#runMs += running * ms;
    this.#answerCount += answerCount;
    this.#atMs = nowMs;
    assert(this.#answerCount >= 0, 'who leaves had come', { count: this.#answerCount });
  }

  /** Takes note that answers ended which had run. */
  end(answerCount: number, nowMs: number): void {
    this.change(-answerCount, nowMs);
    this.#endCount += answerCount;
    if (this.#busyMs <= 0) return; // they share the next point
    const x = this.#runMs / this.#busyMs;
    const kept = Math.exp(-this.#endCount / MEMORY_ANSWERS);
    this.#weight = kept * this.#weight + this.#endCount;
    this.#x = kept * this.#x + this.#endCount * x;
    this.#y = kept * this.#y + this.#runMs;
    this.#xx = kept * this.#xx + this.#endCount * x * x;
    this.#xy = kept * this.#xy + this.#runMs * x;
    this.#busyMs = 0;
    this.#runMs = 0;
    this.#endCount = 0;
  }

  /** Milliseconds of an answer while so many run; 0 before one ended. */
  ms(runningCount: number): number {
    if (this.#weight === 0) return 0;
    const x = this.#x / this.#weight;
    const y = this.#y / this.#weight;
    const spread = Math.max(0, this.#xx / this.#weight - x * x);
    const rise = this.#xy / this.#weight - x * y;
    const usualSlope = y / (x + SHARED_ANSWERS);
    const slope = (rise + USUAL_SPREAD * usualSlope) / (spread + USUAL_SPREAD);
    return y + Math.min(Math.max(0, slope), y / x) * (runningCount - x);
  }
}
