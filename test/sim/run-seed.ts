/**
 * One random life of a wafer: layout, cache and traffic from a seed, every stream checked.
 *
 * Requests arrive in the middle of steps, share prefixes or not, are aborted at any moment, or only
 * have their prompt scored; pieces of some wait for each other; caches are so small that sequences
 * lose their blocks and are computed again. Whatever happens, a stream is what the model apart
 * says, or a beginning of it if aborted.
 */
import { assert } from '@wafer/core';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { checkExtras, SAMPLING_DEFAULTS } from '@wafer/runtime/internal';
import type {
  EngineCommand,
  EngineEvent,
  EngineMetrics,
  SamplingOptions,
} from '@wafer/runtime/internal';
import { ExpectedStreams } from './expected-streams.ts';
import { OneThreadWafer } from './one-thread-wafer.ts';
import type { World } from './one-thread-wafer.ts';
import { Random } from './random.ts';

const VOCAB = 40;
const CONTEXT = 64;
const ANSWER_MAX = 30;

const TINY = SYNTHETIC_SPECS['tiny']!;
const MODEL: Model = syntheticModel({
  name: 'sim',
  spec: {
    ...TINY,
    ...{ vocabCount: VOCAB, modelWidth: 16, headCount: 2, kvHeadCount: 1, headWidth: 8 },
    ...{ ffnWidth: 32, contextMax: CONTEXT },
    rope: { ...TINY.rope, rotaryWidth: 8 },
  },
  type: 'f32',
  seed: 11,
});
const EXPECTED = new ExpectedStreams(MODEL);

/** Layouts and caches: from one tile with room for all to a pipeline with room for one. */
const WAFERS: readonly Partial<WaferOptions>[] = [
  { grid: '1x1', kvTokens: 512, tokensPerStep: 64 },
  { grid: '2x1', kvTokens: 64, tokensPerStep: 16, sequences: 8 },
  { grid: '3x1', kvTokens: 80, tokensPerStep: 8, sequences: 4, prefillChunk: 3 },
  { grid: '2x2', stages: 2, kvTokens: 96, tokensPerStep: 32, prefillChunk: 5 },
  { grid: '2x1', kvTokens: 64, tokensPerStep: 16, reusePrefixes: false },
];

const wafers = new Map<number, OneThreadWafer>();

function waferOf(index: number): OneThreadWafer {
  let wafer = wafers.get(index);
  if (wafer === undefined) {
    wafer = new OneThreadWafer({ contextTokens: CONTEXT, ...WAFERS[index] }, MODEL);
    wafers.set(index, wafer);
  }
  return wafer;
}

function tokenAt(index: number): number {
  return (index * 7 + 3) % VOCAB;
}

/** Prompts that begin alike, one short of a KV block, one just over, and some that part later. */
const PROMPTS: readonly (readonly number[])[] = [
  ...[1, 15, 16, 26].map((count) => Array.from({ length: count }, (_, i) => tokenAt(i))),
  ...[26].map((count) => Array.from({ length: count }, (_, i) => tokenAt(i < 17 ? i : i + 9))),
];
const SAMPLINGS: readonly Partial<SamplingOptions>[] = [
  { temperature: 0 },
  { temperature: 1.2, seed: 5, presencePenalty: 1.5 },
  { temperature: 0.8, topK: 5, topP: 0.9, seed: 6 },
];

/** A request as the world keeps it: what was asked, what must come, what came. */
interface Request {
  kind: 'generate' | 'score';
  prompt: readonly number[];
  expected: readonly number[];
  /** Whether the world will abort it, if it is still open then. */
  isDoomed: boolean;
  isAborted: boolean;
  isEnded: boolean;
  tokens: number[];
  /** Batches with pieces after the abort was sent: of the step under way and of the one before. */
  lateCount: number;
}

const LATE_MAX = 2;

class Traffic implements World {
  readonly #random: Random;
  readonly #requests = new Map<number, Request>();
  readonly turnChance: number;
  #unsent: number;
  #isMeasured = false;
  metrics: EngineMetrics | undefined;

  constructor(random: Random) {
    this.#random = random;
    this.#unsent = 1 + random.below(14);
    this.turnChance = random.pick([0.05, 0.3, 0.9]);
  }

  turn(send: (command: EngineCommand) => void): void {
    const open = [...this.#requests].filter(([, { isAborted, isEnded }]) => !isAborted && !isEnded);
    const doomed = open.filter(([, { isDoomed }]) => isDoomed);
    if (doomed.length > 0 && this.#random.chance(0.2)) {
      const [id, request] = this.#random.pick(doomed);
      request.isAborted = true;
      send({ kind: 'abort', id });
    } else if (this.#unsent > 0) {
      this.#unsent--;
      this.#ask(send);
    } else if (open.length === 0 && !this.#isMeasured) {
      this.#isMeasured = true;
      send({ kind: 'metrics', id: this.#requests.size });
    }
  }

  hasMore(): boolean {
    return !this.#isMeasured;
  }

  hear(events: readonly EngineEvent[]): void {
    // The events of one step come in one batch, however many tokens were guessed.
    for (const id of new Set(
      events.flatMap((event) => (event.kind === 'piece' ? [event.id] : [])),
    )) {
      const request = this.#requests.get(id)!;
      if (request.isAborted) request.lateCount++;
      assert(request.lateCount <= LATE_MAX, 'an aborted stream stops', { id });
    }
    for (const event of events) {
      if (event.kind === 'piece') this.#hearPiece(event);
      else if (event.kind === 'logits') this.#hearLogits(event);
      else if (event.kind === 'refused') this.#hearRefusal(event);
      else if (event.kind === 'metrics') this.metrics = event.metrics;
    }
  }

  /** Every request had an end, and nothing is left of it. */
  checkEnds(): void {
    const { scheduler, kv } = this.metrics!;
    const left = { running: scheduler.runningCount, waiting: scheduler.waitingCount };
    assert(left.running + left.waiting === 0, 'no sequence is left', left);
    const heldCount = kv.blockCount - kv.freeCount - kv.idleCount;
    assert(heldCount === 0, 'no KV block is held', { heldCount });
    for (const [id, { isEnded }] of this.#requests) assert(isEnded, 'a request ends', { id });
  }

  #ask(send: (command: EngineCommand) => void): void {
    const random = this.#random;
    const id = this.#requests.size;
    const prompt = random.pick(PROMPTS);
    const isDoomed = random.chance(0.25);
    const common = { prompt, isDoomed, isAborted: false, isEnded: false, tokens: [], lateCount: 0 };
    if (random.chance(0.15)) {
      this.#requests.set(id, { ...common, kind: 'score', expected: [] });
      const from = { from: 0, credit: Infinity };
      send({ kind: 'logits', id, tokens: Int32Array.from(prompt), ...from });
      return;
    }
    const sampling = { ...SAMPLING_DEFAULTS, seed: 1, ...random.pick(SAMPLINGS) };
    const maxTokens = 1 + random.below(ANSWER_MAX);
    const stopTokens = random.chance(0.3) ? [random.below(VOCAB), random.below(VOCAB)] : [];
    const expected = EXPECTED.answer(prompt, { maxTokens, stopTokens, sampling });
    this.#requests.set(id, { ...common, kind: 'generate', expected });
    const speculation = random.chance(0.5) ? 'lookup' : 'off';
    // What follows, with some of it wrong.
    const prediction = expected.map((token) => (random.chance(0.1) ? 0 : token));
    const coalesceMs = random.pick([0, 4, 30]);
    const given = { speculation, prediction, priority: random.below(3), coalesceMs } as const;
    const limits = { prompt: Int32Array.from(prompt), maxTokens, stopTokens, stop: [], sampling };
    const request = { ...checkExtras(given, VOCAB), ...limits, endsAtContext: false };
    send({ kind: 'generate', id, request: { ...request, credit: Infinity } });
  }

  #hearPiece({ id, token, finish }: EngineEvent & { kind: 'piece' }): void {
    const request = this.#requests.get(id)!;
    const { expected, tokens } = request;
    assert(!request.isEnded, 'nothing comes after the end', { id, token });
    const position = tokens.length;
    const due = expected[position];
    assert(token === due, 'a stream is what the model apart says', { id, position, token, due });
    tokens.push(token);
    const isLast = tokens.length === expected.length;
    assert(isLast === (finish !== undefined), 'a stream ends where it must', { id, position });
    request.isEnded = isLast;
  }

  #hearLogits({ id, position, logits, isLast }: EngineEvent & { kind: 'logits' }): void {
    const request = this.#requests.get(id)!;
    assert(position === request.tokens.length, 'logits come in order', { id, position });
    const due = EXPECTED.logitsAfter(request.prompt.slice(0, position + 1));
    const differing = logits.findIndex((value, i) => !Object.is(value, due[i]));
    assert(differing === -1, 'logits are those of the reference', { id, position, differing });
    request.tokens.push(request.prompt[position]!);
    assert(isLast === (request.tokens.length === request.prompt.length), 'all rows', { id });
    request.isEnded = isLast;
  }

  #hearRefusal({ id, error }: EngineEvent & { kind: 'refused' }): void {
    const request = this.#requests.get(id)!;
    const { isAborted } = request;
    assert(isAborted && error.code === 'ABORTED', 'only aborts refuse', { id, code: error.code });
    assert(!request.isEnded, 'an ended request is not aborted', { id });
    request.isEnded = true;
  }
}

/**
 * Runs one life; what the engine counted.
 * Throws: an assertion that names what went wrong; the seed replays it.
 */
export async function runSeed(seed: number): Promise<EngineMetrics> {
  const random = new Random(seed);
  const wafer = waferOf(random.below(WAFERS.length));
  const traffic = new Traffic(random);
  await wafer.run(traffic, random);
  traffic.checkEnds();
  return traffic.metrics!;
}
