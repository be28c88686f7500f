/**
 * The requests of an engine: each has one sequence or more, whose outputs go to consumers.
 *
 * Several answers to one prompt: the first reads the prompt, the others follow when it is in the
 * cache, and share its KV blocks.
 */
import { WaferError } from '@wafer/core';
import { AnswerConsumer } from './answer.ts';
import type { Consumer, StepEnd } from './consumer.ts';
import { Intake, type IntakeSpec, type PromptCommand } from './intake.ts';
import type { EngineCommand } from './messages.ts';
import type { GenerateRequest } from './request.ts';
import { countAnswer, createFigures, addTo, type RequestFigures } from './request-figures.ts';
import type { Sequence } from './sequence.ts';

/** What is under way of a request. */
interface ActiveRequest {
  id: number;
  consumers: Set<Consumer>;
  /** Answers that follow the first, by their index. */
  following: { request: GenerateRequest; first: AnswerConsumer; next: number } | undefined;
  arrivedAtMs: number;
}

export class Requests {
  readonly figures: RequestFigures = createFigures();
  readonly #spec: IntakeSpec;
  readonly #intake: Intake;
  readonly #active = new Map<number, ActiveRequest>();
  /** By the id of their sequence. */
  readonly #consumers = new Map<number, { consumer: Consumer; active: ActiveRequest }>();
  readonly #speculative = new Set<AnswerConsumer>();
  #generatedTokens = 0;

  constructor(spec: IntakeSpec) {
    this.#spec = spec;
    this.#intake = new Intake(spec);
  }

  /** Sequences that are under way. */
  get sequenceCount(): number {
    return this.#consumers.size;
  }

  /** Nothing is kept of any request. */
  get isEmpty(): boolean {
    return this.#active.size === 0 && this.#consumers.size === 0 && this.#speculative.size === 0;
  }

  get promptTokens(): number {
    return this.#intake.promptTokens;
  }

  get generatedTokens(): number {
    return this.#generatedTokens;
  }

  // ---- begin and end

  /** Begins a request, or refuses it. */
  begin(command: PromptCommand | (EngineCommand & { kind: 'generate' }), nowMs: number): void {
    const { id } = command;
    const active: ActiveRequest = {
      id,
      consumers: new Set(),
      following: undefined,
      arrivedAtMs: nowMs,
    };
    this.#active.set(id, active);
    this.#refusing(active, () => {
      if (command.kind === 'generate') {
        const { request } = command;
        const first = this.#addAnswer(active, request, 0);
        if (request.answerCount > 1) active.following = { request, first, next: 1 };
      } else {
        this.#add(active, this.#intake.prompt(command, nowMs));
      }
    });
  }

  /** Ends a request by its caller's wish. */
  abort(id: number): void {
    const active = this.#active.get(id);
    if (active === undefined) return;
    this.figures.aborted++;
    this.#end(active);
    this.#spec.emit({ kind: 'refused', id, error: { code: 'ABORTED', details: {} } });
  }

  /** The consumer of an answer takes `count` pieces more. */
  grant(id: number, index: number, count: number): void {
    for (const consumer of this.#active.get(id)?.consumers ?? []) {
      const isIt = !(consumer instanceof AnswerConsumer) || consumer.index === index;
      if (isIt) consumer.sequence.credit += count;
    }
  }

  /** Gives up requests whose time is over before a token of them is about to come. */
  expire(nowMs: number): void {
    for (const { id, arrivedAtMs, deadlineAtMs } of this.#spec.scheduler.expired(nowMs)) {
      const { active } = this.#consumers.get(id) ?? {};
      if (active === undefined) continue; // of a request that was given up just now
      const deadlineMs = Math.round(deadlineAtMs - arrivedAtMs);
      this.#refuse(active, new WaferError('DEADLINE_EXCEEDED', { deadlineMs }));
    }
  }

  // ---- steps

  /** Puts guesses behind sequences that speculate, before a step is filled. */
  propose(): void {
    for (const answer of this.#speculative) answer.propose();
  }

  /** Hands the outputs of a step out: row i is that of output i. */
  takeOutputs(rows: readonly Float32Array[], end: StepEnd): void {
    const { outputOwners, outputPositions } = this.#spec.scheduler;
    let ended: Sequence | undefined;
    for (let i = 0; i < outputOwners.length; i++) {
      const sequence = outputOwners[i]!;
      if (sequence === ended || sequence.state === 'done') continue;
      const { consumer, active } = this.#consumers.get(sequence.id)!;
      try {
        if (!consumer.take(rows[i]!, outputPositions[i]!, end)) ended = sequence;
      } catch (error) {
        this.#refuse(active, error);
        ended = sequence;
      }
      const isPick =
        consumer instanceof AnswerConsumer && outputPositions[i]! >= sequence.promptCount - 1;
      if (isPick) this.#generatedTokens++;
    }
  }

  /** Rows of each segment of the step that are accepted. */
  acceptedCounts(counts: Int32Array): Int32Array {
    const { segmentOwners } = this.#spec.scheduler;
    for (let i = 0; i < segmentOwners.length; i++) {
      counts[i] = this.#consumers.get(segmentOwners[i]!.id)?.consumer.acceptedCount() ?? 0;
    }
    return counts;
  }

  /** After the step is complete: sequences go on or end, answers that waited for a prompt begin. */
  settle(end: StepEnd): void {
    const { scheduler } = this.#spec;
    const { segmentOwners } = scheduler;
    for (let i = 0; i < segmentOwners.length; i++) {
      const known = this.#consumers.get(segmentOwners[i]!.id);
      if (known === undefined) continue;
      const { consumer, active } = known;
      if (consumer.settle(scheduler)) this.#finish(consumer, active, end);
      const { following } = active;
      if (following !== undefined && following.first.count > 0) this.#follow(active, following);
    }
  }

  // ---- parts

  #follow(active: ActiveRequest, following: NonNullable<ActiveRequest['following']>): void {
    active.following = undefined;
    const { request } = following;
    this.#refusing(active, () => {
      for (let i = following.next; i < request.answerCount; i++)
        this.#addAnswer(active, request, i);
    });
    if (active.consumers.size === 0) this.#active.delete(active.id);
  }

  #addAnswer(active: ActiveRequest, request: GenerateRequest, index: number): AnswerConsumer {
    const { id, arrivedAtMs } = active;
    const answer = this.#intake.answer(request, { id, index, arrivedAtMs });
    this.#add(active, answer);
    if (answer.speculation) this.#speculative.add(answer);
    return answer;
  }

  #add(active: ActiveRequest, consumer: Consumer): void {
    active.consumers.add(consumer);
    this.#consumers.set(consumer.sequence.id, { consumer, active });
  }

  #finish(consumer: Consumer, active: ActiveRequest, { nowMs }: StepEnd): void {
    this.#drop(active, consumer);
    const { arrivedAtMs, admittedAtMs = arrivedAtMs } = consumer.sequence;
    addTo(this.figures.queue, admittedAtMs - arrivedAtMs);
    if (consumer instanceof AnswerConsumer) countAnswer(this.figures, consumer, nowMs);
    if (active.consumers.size > 0 || active.following !== undefined) return;
    this.#active.delete(active.id);
    this.figures.finished++;
  }

  #drop(active: ActiveRequest, consumer: Consumer): void {
    active.consumers.delete(consumer);
    this.#consumers.delete(consumer.sequence.id);
    if (consumer instanceof AnswerConsumer) this.#speculative.delete(consumer);
  }

  #refusing(active: ActiveRequest, serve: () => void): void {
    try {
      serve();
    } catch (error) {
      this.#refuse(active, error);
    }
  }

  /** A request that cannot go on ends with its error; the engine does not. */
  #refuse(active: ActiveRequest, error: unknown): void {
    if (!(error instanceof WaferError)) throw error;
    this.figures.refused++;
    this.#end(active);
    const { code, details } = error.toJSON();
    this.#spec.emit({ kind: 'refused', id: active.id, error: { code, details } });
  }

  #end(active: ActiveRequest): void {
    active.following = undefined;
    for (const consumer of active.consumers) {
      this.#spec.scheduler.abort(consumer.sequence.id);
      this.#drop(active, consumer);
    }
    this.#active.delete(active.id);
  }
}
