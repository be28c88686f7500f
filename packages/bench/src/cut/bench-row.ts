/**
 * One row of the bench: a wafer, asked the same question again and again.
 *
 * Clock: wall, in the caller's thread. Prefill is the time to the first token, decoding the tokens
 * after it. Every repetition must give the same tokens, and the counters of all channels must equal
 * what the plan says of the recorded steps, message by message and byte by byte.
 */
import { assert, auditSteps } from '@wafer/core';
import type { Wafer, WaferTraffic } from '@wafer/runtime';
import { TimedAnswer } from './timed-answer.ts';

export interface BenchTask {
  prompt: readonly number[];
  maxTokens: number;
  signal: AbortSignal;
}

/** Shares of the tiles' time; they add up to 1. */
export interface TimeShares {
  compute: number;
  send: number;
  wait: number;
  /** Between steps: the engine's turn. */
  idle: number;
}

/** What one repetition took. */
export interface Repetition {
  prefillRate: number; // tokens per second
  decodeRate: number; // tokens per second
  shares: TimeShares;
  /** Payload across kerfs per computed token, by the channels' counters. */
  kerfBytesPerToken: number;
  /** What links added to it: headers, packing, credits. */
  kerfOverheadBytesPerToken: number;
  /** Time from each piece to the next, in the caller's thread. */
  gapsMs: readonly number[];
}

export class BenchRow {
  readonly name: string;
  /** What carries channels across kerfs; undefined where there are none. */
  readonly link: string | undefined;
  readonly wafer: Wafer;
  readonly repetitions: Repetition[] = [];
  readonly #kerfChannels: ReadonlySet<number>;
  #tokens: number[] | undefined;

  /** `chipOf` says which chip each tile is on. */
  constructor(row: {
    name: string;
    link: string | undefined;
    wafer: Wafer;
    chipOf: readonly number[];
  }) {
    const { name, link, wafer, chipOf } = row;
    this.name = name;
    this.link = link;
    this.wafer = wafer;
    const crossing = wafer.plan.channels.filter(
      ({ source, target }) => chipOf[source] !== chipOf[target],
    );
    this.#kerfChannels = new Set(crossing.map(({ index }) => index));
  }

  /** The answer, once it was asked for. */
  get tokens(): readonly number[] {
    return this.#tokens ?? [];
  }

  /** Asks once without writing down the time. */
  async warmUp(task: BenchTask): Promise<void> {
    await this.#ask(task);
  }

  /** Asks once more. */
  async repeat(task: BenchTask): Promise<void> {
    const before = this.wafer.traffic();
    const answer = await this.#ask(task);
    const after = this.wafer.traffic();
    const computed = task.prompt.length + answer.tokens.length - 1;
    this.repetitions.push({
      prefillRate: answer.prefillRate,
      decodeRate: answer.decodeRate,
      shares: timeShares(before, after, answer.prefillMs + answer.decodeMs),
      kerfBytesPerToken: this.#kerfBytes('payloadBytes', before, after) / computed,
      kerfOverheadBytesPerToken: this.#kerfBytes('overheadBytes', before, after) / computed,
      gapsMs: answer.gapsMs,
    });
  }

  /** Compares all counters since the start with the plan. */
  async audit(): Promise<void> {
    const { steps } = await this.wafer.metrics();
    assert(steps !== undefined, 'steps are recorded', { row: this.name });
    const { channels, tiles } = this.wafer.traffic();
    const expertRows = tiles.map((tile) => tile.expertRows);
    for (const wanted of auditSteps(this.wafer.plan, steps, expertRows)) {
      const { messages, payloadBytes } = channels[wanted.channel]!;
      const isEqual = messages === wanted.messages && payloadBytes === wanted.payloadBytes;
      const values = { row: this.name, messages, payloadBytes, wanted };
      assert(isEqual, 'counters equal the plan', values);
    }
  }

  async #ask(task: BenchTask): Promise<TimedAnswer> {
    const { prompt, maxTokens, signal } = task;
    const answer = new TimedAnswer(prompt.length);
    const options = { maxTokens, temperature: 0, signal };
    for await (const piece of this.wafer.generate(prompt, options)) answer.add(piece);
    this.#tokens ??= answer.tokens;
    const values = { row: this.name, first: this.#tokens.join(), now: answer.tokens.join() };
    assert(values.first === values.now, 'every repetition gives the same tokens', values);
    return answer;
  }

  #kerfBytes(
    field: 'payloadBytes' | 'overheadBytes',
    before: WaferTraffic,
    after: WaferTraffic,
  ): number {
    return after.channels.reduce(
      (sum, counters, i) =>
        this.#kerfChannels.has(counters.channel)
          ? sum + counters[field] - before.channels[i]![field]
          : sum,
      0,
    );
  }
}

/** Idle is the rest of the answer's time: the tiles' own count spans the turns of other rows. */
function timeShares(before: WaferTraffic, after: WaferTraffic, answerMs: number): TimeShares {
  const spent = (field: 'computeNs' | 'sendNs' | 'waitNs'): number =>
    after.tiles.reduce((sum, tile, i) => sum + tile[field] - before.tiles[i]![field], 0);
  const [compute, send, wait] = [spent('computeNs'), spent('sendNs'), spent('waitNs')];
  const total = Math.max(answerMs * 1e6 * after.tiles.length, compute + send + wait, 1);
  const idle = total - compute - send - wait;
  return { compute: compute / total, send: send / total, wait: wait / total, idle: idle / total };
}
