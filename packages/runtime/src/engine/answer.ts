/**
 * One answer on its way: picks its tokens, checks guesses against them, and tells the pieces.
 *
 * A guess is right if it is the token that is picked in its place: draws go by the place in the
 * answer, so that greedy and sampled answers are the same with guesses and without.
 */
import { assert } from '@wafer/core';
import type { GrammarReader } from '@wafer/text';
import type { Consumer, Emit, StepEnd } from './consumer.ts';
import type { Speculation } from './draft/speculation.ts';
import type { PieceEvent } from './messages.ts';
import { PromptLogprobs } from './prompt-logprobs.ts';
import type { FinishReason, GenerateRequest, StopCause, Usage } from './request.ts';
import type { Sampler } from './sampler.ts';
import type { Scheduler } from './scheduler.ts';
import type { Sequence } from './sequence.ts';
import type { TextStream } from './text-stream.ts';
import type { VocabOps } from './vocab-ops.ts';

export interface AnswerParts {
  id: number;
  /** Which of the answers of its request. */
  index: number;
  request: GenerateRequest;
  sequence: Sequence;
  sampler: Sampler;
  text: TextStream;
  stopTokens: ReadonlySet<number>;
  speculation: Speculation | undefined;
  /** Where the answer stands in its format. */
  reader: GrammarReader | undefined;
  ops: VocabOps;
  emit: Emit;
}

export class AnswerConsumer implements Consumer {
  readonly sequence: Sequence;
  readonly #parts: AnswerParts;
  readonly #prompt: PromptLogprobs | undefined;
  /** Tokens picked in this step. */
  readonly #picks: number[] = [];
  #count = 0;
  #finish: FinishReason | undefined;
  #firstTokenAtMs = 0;

  constructor(parts: AnswerParts) {
    const { request, sequence, ops } = parts;
    this.#parts = parts;
    this.sequence = sequence;
    const { promptLogprobs: topCount, prompt } = request;
    if (topCount !== undefined && parts.index === 0) {
      this.#prompt = new PromptLogprobs(prompt, { topCount, ops });
    }
  }

  get index(): number {
    return this.#parts.index;
  }

  get speculation(): Speculation | undefined {
    return this.#parts.speculation;
  }

  /** Tokens picked so far. */
  get count(): number {
    return this.#count;
  }

  get firstTokenAtMs(): number {
    return this.#firstTokenAtMs;
  }

  /** Puts guesses behind its sequence. */
  propose(): void {
    this.#parts.speculation?.propose(this.sequence);
  }

  take(row: Float32Array, position: number, end: StepEnd): boolean {
    const { sequence } = this;
    if (position < sequence.promptCount - 1) {
      this.#prompt?.take(row, position);
      return true;
    }
    const guess = sequence.tokens[sequence.tokenCount + this.#picks.length];
    const isGuessed = this.#picks.length < sequence.plannedDraftCount;
    const token = this.#pick(row, end);
    return this.#finish === undefined && isGuessed && token === guess;
  }

  acceptedCount(): number {
    const { plannedCount, plannedDraftCount } = this.sequence;
    const rightCount = Math.max(0, this.#picks.length - 1);
    this.#parts.speculation?.learn(this.sequence, rightCount);
    return plannedCount - plannedDraftCount + rightCount;
  }

  settle(scheduler: Scheduler): boolean {
    const { sequence } = this;
    const isDone = this.#finish !== undefined;
    if (isDone) scheduler.finish(sequence);
    else for (const token of this.#picks) sequence.push(token);
    this.#picks.length = 0;
    return isDone;
  }

  #pick(row: Float32Array, end: StepEnd): number {
    const { request, sampler, text, stopTokens, sequence, reader } = this.#parts;
    const { token, logprob, top } = sampler.sample(row, this.#count);
    if (this.#finish !== undefined) assert(false, 'nothing follows the end', { token });
    if (this.#count === 0) this.#firstTokenAtMs = end.nowMs;
    this.#count++;
    this.#picks.push(token);
    sequence.credit--;
    const isStopToken = stopTokens.has(token);
    if (!isStopToken) reader?.accept(token);
    let piece = isStopToken ? '' : text.push(token);
    this.#finish = this.#finishAfter(token, end.nowMs);
    if (this.#finish === undefined) sampler.accept(token);
    else piece += text.finish();
    const { id, index } = this.#parts;
    const event: PieceEvent = { kind: 'piece', id, index, token, text: piece };
    if (request.sampling.logprobs !== undefined) Object.assign(event, { logprob, top });
    if (this.#count === 1 && this.#prompt) event.promptLogprobs = this.#prompt.rows;
    if (end.virtualNs !== undefined) event.virtualNs = end.virtualNs;
    if (this.#finish !== undefined) {
      event.finish = this.#finish;
      if (this.#finish === 'stop') event.stop = this.#stopCause(token);
      event.usage = this.#usage(end.nowMs);
    }
    const mayWait = this.#count > 1 && this.#finish === undefined;
    this.#parts.emit(event, mayWait ? request.coalesceMs : 0);
    return token;
  }

  #finishAfter(token: number, nowMs: number): FinishReason | undefined {
    const { request, text, stopTokens, reader } = this.#parts;
    if (stopTokens.has(token) || text.isStopped || reader?.isOver === true) return 'stop';
    if (this.#count === request.maxTokens) return request.endsAtContext ? 'context' : 'length';
    return nowMs >= this.sequence.deadlineAtMs ? 'deadline' : undefined;
  }

  #stopCause(token: number): StopCause {
    const { stopTokens, text } = this.#parts;
    if (stopTokens.has(token)) return { token };
    return text.isStopped ? { text: text.stopString! } : { format: 'complete' };
  }

  #usage(nowMs: number): Usage {
    const { sequence, speculation } = this.#parts;
    const { promptCount, cachedCount, arrivedAtMs, admittedAtMs = arrivedAtMs } = sequence;
    return {
      promptTokens: promptCount,
      cachedTokens: cachedCount,
      generatedTokens: this.#count,
      draftedTokens: speculation?.draftedCount ?? 0,
      acceptedTokens: speculation?.acceptedCount ?? 0,
      queueMs: admittedAtMs - arrivedAtMs,
      prefillMs: this.#firstTokenAtMs - admittedAtMs,
      decodeMs: nowMs - this.#firstTokenAtMs,
    };
  }
}
