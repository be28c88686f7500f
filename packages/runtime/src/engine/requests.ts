/**
 * The requests of an engine: each has one sequence or more, whose outputs go to consumers.
 *
 * Several answers to one prompt: the first reads the prompt, the others follow when it is in the
 * cache, and share its KV blocks.
 */
import { WaferError } from '@wafer/core';
import type { GrammarReader } from '@wafer/text';
import { AnswerConsumer } from './answer.ts';
import type { Consumer, Emit, StepEnd } from './consumer.ts';
import { LookupDrafter } from './draft/lookup-drafter.ts';
import { Speculation } from './draft/speculation.ts';
import type { EngineCommand } from './messages.ts';
import {
  PromptConsumer,
  tellEmbedding,
  tellLogits,
  tellLogprobs,
  type TakeOutput,
} from './prompt-consumers.ts';
import { PromptLogprobs } from './prompt-logprobs.ts';
import { seedAfter } from './random.ts';
import type { GenerateRequest } from './request.ts';
import { addTo, createFigures, type RequestFigures } from './request-figures.ts';
import { Sampler } from './sampler.ts';
import type { Scheduler } from './scheduler.ts';
import { Sequence, type SequenceSpec } from './sequence.ts';
import { GrammarDrafter, GrammarMasks, GrammarShelf } from './stages/grammar-masks.ts';
import { ListMasks } from './stages/mask.ts';
import { TextStream } from './text-stream.ts';
import type { VocabOps } from './vocab-ops.ts';

export interface RequestsSpec {
  scheduler: Scheduler;
  ops: VocabOps;
  vocabCount: number;
  modelWidth: number;
  decodeToken: (token: number) => Uint8Array;
  emit: Emit;
}

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
  readonly #spec: RequestsSpec;
  readonly #active = new Map<number, ActiveRequest>();
  /** By the id of their sequence. */
  readonly #consumers = new Map<number, { consumer: Consumer; active: ActiveRequest }>();
  readonly #grammars: GrammarShelf;
  readonly #speculative = new Set<AnswerConsumer>();
  #sequenceCount = 0;
  #promptTokens = 0;
  #generatedTokens = 0;

  constructor(spec: RequestsSpec) {
    this.#spec = spec;
    this.#grammars = new GrammarShelf(spec.decodeToken);
  }

  /** Sequences that are under way. */
  get sequenceCount(): number {
    return this.#consumers.size;
  }

  get promptTokens(): number {
    return this.#promptTokens;
  }

  get generatedTokens(): number {
    return this.#generatedTokens;
  }

  // ---- begin and end

  /** Begins a request, or refuses it. */
  begin(
    command: EngineCommand & { kind: 'generate' | 'logits' | 'score' | 'embed' },
    nowMs: number,
  ): void {
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
        this.#addPrompt(active, command);
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
      let goesOn = false;
      this.#refusing(active, () => {
        goesOn = consumer.take(rows[i]!, outputPositions[i]!, end);
      });
      if (!goesOn) ended = sequence;
      const isPick =
        consumer instanceof AnswerConsumer && outputPositions[i]! >= sequence.promptCount - 1;
      if (isPick) this.#generatedTokens++;
    }
  }

  /** Rows of each segment of the step that are accepted. */
  acceptedCounts(counts: Int32Array): Int32Array {
    const { segmentOwners } = this.#spec.scheduler;
    for (let i = 0; i < segmentOwners.length; i++) {
      const known = this.#consumers.get(segmentOwners[i]!.id);
      counts[i] = known === undefined ? 0 : known.consumer.acceptedCount();
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
      const isDone = consumer.settle(scheduler);
      if (isDone) this.#finish(consumer, active, end);
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
    const { prompt, maxTokens, sampling, deadlineMs, promptLogprobs } = request;
    const { ops, vocabCount, decodeToken, emit } = this.#spec;
    const wantsPrompt = promptLogprobs !== undefined && index === 0;
    const sequence = this.#sequence(active, {
      ...{ prompt, maxTokens, priority: request.priority },
      ...{ tenant: request.tenant, weight: request.weight },
      wants: { rows: wantsPrompt ? 'all' : 'last', output: 'logits' },
      deadlineAtMs: deadlineMs === undefined ? Infinity : active.arrivedAtMs + deadlineMs,
      credit: request.credit,
    });
    const seed = seedAfter(sampling.seed, index);
    const reader = request.grammar && this.#grammars.open(request.grammar, request.stopTokens);
    const list = request.allow && new ListMasks(request.allow, vocabCount);
    const mask = reader ? new GrammarMasks(reader) : list;
    const speculation = speculationOf(request, reader);
    const answer = new AnswerConsumer({
      ...{ id: active.id, index, request, sequence, ops, emit, speculation, reader },
      sampler: new Sampler({ ...sampling, seed }, { ...request, prompt, vocabCount, ops, mask }),
      text: new TextStream(decodeToken, request.stop),
      stopTokens: new Set(request.stopTokens),
    });
    this.#add(active, answer);
    if (speculation) this.#speculative.add(answer);
    return answer;
  }

  #addPrompt(
    active: ActiveRequest,
    command: EngineCommand & { kind: 'logits' | 'score' | 'embed' },
  ): void {
    const { tokens: prompt } = command;
    const isEmbedding = command.kind === 'embed';
    const isLast = isEmbedding && command.pooling === 'last';
    const sequence = this.#sequence(active, {
      ...{ prompt, maxTokens: 0 },
      wants: { rows: isLast ? 'last' : 'all', output: isEmbedding ? 'hidden' : 'logits' },
      credit: command.kind === 'logits' ? command.credit : Infinity,
    });
    this.#add(active, new PromptConsumer(sequence, this.#teller(command, sequence)));
  }

  #teller(
    command: EngineCommand & { kind: 'logits' | 'score' | 'embed' },
    sequence: Sequence,
  ): TakeOutput {
    const { emit, ops, modelWidth: width } = this.#spec;
    const { id, tokens } = command;
    if (command.kind === 'embed')
      return tellEmbedding({ id, pooling: command.pooling, width }, emit);
    if (command.kind === 'logits') return tellLogits({ id, from: command.from, sequence }, emit);
    return tellLogprobs(id, new PromptLogprobs(tokens, { topCount: command.topCount, ops }), emit);
  }

  #sequence({ arrivedAtMs }: ActiveRequest, spec: Omit<SequenceSpec, 'id'>): Sequence {
    const sequence = new Sequence({ ...spec, id: this.#sequenceCount++ });
    this.#spec.scheduler.add(sequence, arrivedAtMs);
    this.#promptTokens += sequence.promptCount;
    return sequence;
  }

  #add(active: ActiveRequest, consumer: Consumer): void {
    active.consumers.add(consumer);
    this.#consumers.set(consumer.sequence.id, { consumer, active });
  }

  #finish(consumer: Consumer, active: ActiveRequest, { nowMs }: StepEnd): void {
    this.#drop(active, consumer);
    const { arrivedAtMs, admittedAtMs = arrivedAtMs } = consumer.sequence;
    addTo(this.figures.queue, admittedAtMs - arrivedAtMs);
    if (consumer instanceof AnswerConsumer) {
      const { count, firstTokenAtMs, speculation } = consumer;
      addTo(this.figures.firstToken, firstTokenAtMs - arrivedAtMs);
      addTo(this.figures.perToken, (nowMs - firstTokenAtMs) / Math.max(1, count - 1), count - 1);
      this.figures.draftedTokens += speculation?.draftedCount ?? 0;
      this.figures.acceptedTokens += speculation?.acceptedCount ?? 0;
    }
    if (active.consumers.size > 0 || active.following !== undefined) return;
    this.#active.delete(active.id);
    this.figures.finished++;
  }

  #drop(active: ActiveRequest, consumer: Consumer): void {
    active.consumers.delete(consumer);
    this.#consumers.delete(consumer.sequence.id);
    if (consumer instanceof AnswerConsumer) this.#speculative.delete(consumer);
  }

  /** A request that cannot go on ends with its error; the engine does not. */
  #refusing(active: ActiveRequest, serve: () => void): void {
    try {
      serve();
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      this.#refuse(active, error);
    }
  }

  #refuse(active: ActiveRequest, error: WaferError): void {
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

/** What guesses for an answer: what is forced, and what repeats. */
function speculationOf(
  { mayGuess, isSpeculative, prompt, prediction }: GenerateRequest,
  reader: GrammarReader | undefined,
): Speculation | undefined {
  const forced = reader && mayGuess ? new GrammarDrafter(reader) : undefined;
  if (!isSpeculative && forced === undefined) return undefined;
  const lookup = isSpeculative ? new LookupDrafter(prompt.length, prediction) : undefined;
  return new Speculation(lookup, forced);
}
