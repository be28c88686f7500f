/**
 * Who serves a command: its sequence, queued with the scheduler, and the consumer that takes its
 * outputs, with all that it works with.
 */
import type { GrammarReader } from '@wafer/text';
import { AnswerConsumer } from './answer.ts';
import type { Emit } from './consumer.ts';
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
import { Sampler } from './sampler.ts';
import type { Scheduler } from './scheduler.ts';
import { Sequence, type SequenceSpec } from './sequence.ts';
import { GrammarDrafter, GrammarMasks, GrammarShelf } from './stages/grammar-masks.ts';
import { ListMasks } from './stages/mask.ts';
import { TextStream } from './text-stream.ts';
import type { VocabOps } from './vocab-ops.ts';

/** What requests are served with. */
export interface IntakeSpec {
  scheduler: Scheduler;
  ops: VocabOps;
  vocabCount: number;
  modelWidth: number;
  decodeToken: (token: number) => Uint8Array;
  emit: Emit;
}

/** A command that wants something of a prompt alone. */
export type PromptCommand = EngineCommand & { kind: 'logits' | 'score' | 'embed' };

export class Intake {
  readonly #spec: IntakeSpec;
  readonly #grammars: GrammarShelf;
  #sequenceCount = 0;
  #promptTokens = 0;

  constructor(spec: IntakeSpec) {
    this.#spec = spec;
    this.#grammars = new GrammarShelf(spec.decodeToken);
  }

  /** Tokens of all prompts so far. */
  get promptTokens(): number {
    return this.#promptTokens;
  }

  /**
   * One answer to a request.
   * Throws: PROMPT_TOO_LONG, KV_EXHAUSTED, OVERLOADED.
   */
  answer(
    request: GenerateRequest,
    { id, index, arrivedAtMs }: { id: number; index: number; arrivedAtMs: number },
  ): AnswerConsumer {
    const { prompt, maxTokens, sampling, deadlineMs, promptLogprobs } = request;
    const { ops, vocabCount, decodeToken, emit } = this.#spec;
    // Before the sequence is queued: what throws here leaves nothing behind.
    const reader = request.grammar && this.#grammars.open(request.grammar, request.stopTokens);
    const list = request.allow && new ListMasks(request.allow, vocabCount);
    const mask = reader ? new GrammarMasks(reader) : list;
    const wantsPrompt = promptLogprobs !== undefined && index === 0;
    const sequence = this.#queue(arrivedAtMs, {
      ...{ prompt, maxTokens, priority: request.priority },
      ...{ tenant: request.tenant, weight: request.weight },
      wants: { rows: wantsPrompt ? 'all' : 'last', output: 'logits' },
      deadlineAtMs: deadlineMs === undefined ? Infinity : arrivedAtMs + deadlineMs,
      credit: request.credit,
      adapter: request.adapter,
    });
    const seed = seedAfter(sampling.seed, index);
    const speculation = speculationOf(request, reader);
    return new AnswerConsumer({
      ...{ id, index, request, sequence, ops, emit, speculation, reader },
      sampler: new Sampler({ ...sampling, seed }, { ...request, prompt, vocabCount, ops, mask }),
      text: new TextStream(decodeToken, request.stop),
      stopTokens: new Set(request.stopTokens),
    });
  }

  /** Who takes what is wanted of a prompt. Throws: as `answer`. */
  prompt(command: PromptCommand, arrivedAtMs: number): PromptConsumer {
    const { tokens } = command;
    // The last token of those that are scored is a target alone.
    const prompt = command.kind === 'score' ? tokens.subarray(0, tokens.length - 1 || 1) : tokens;
    const isEmbedding = command.kind === 'embed';
    const isLast = isEmbedding && command.pooling === 'last';
    const sequence = this.#queue(arrivedAtMs, {
      ...{ prompt, maxTokens: 0, adapter: command.adapter },
      wants: { rows: isLast ? 'last' : 'all', output: isEmbedding ? 'hidden' : 'logits' },
      credit: command.kind === 'logits' ? command.credit : Infinity,
    });
    return new PromptConsumer(sequence, this.#teller(command, sequence));
  }

  #teller(command: PromptCommand, sequence: Sequence): TakeOutput {
    const { emit, ops, modelWidth: width } = this.#spec;
    const { id, tokens } = command;
    if (command.kind === 'embed')
      return tellEmbedding({ id, pooling: command.pooling, width }, emit);
    if (command.kind === 'logits') return tellLogits({ id, from: command.from, sequence }, emit);
    return tellLogprobs(id, new PromptLogprobs(tokens, { topCount: command.topCount, ops }), emit);
  }

  #queue(arrivedAtMs: number, spec: Omit<SequenceSpec, 'id'>): Sequence {
    const sequence = new Sequence({ ...spec, id: this.#sequenceCount++ });
    this.#spec.scheduler.add(sequence, arrivedAtMs);
    this.#promptTokens += sequence.promptCount;
    return sequence;
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
