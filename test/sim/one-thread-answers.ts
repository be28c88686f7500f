/**
 * Logits and greedy tokens of a wafer on one thread: what the golden hashes are made of, from the
 * same engine, tiles, channels and kernels as with threads, without a start of each.
 */
import type { Model, WaferOptions } from '@wafer/runtime';
import { checkExtras, SAMPLING_DEFAULTS } from '@wafer/runtime/internal';
import type { EngineCommand, EngineEvent } from '@wafer/runtime/internal';
import { OneThreadWafer } from './one-thread-wafer.ts';
import type { World } from './one-thread-wafer.ts';
import { Random } from './random.ts';

/** Asks for one thing and hears its end. */
class Question implements World {
  readonly turnChance = 0;
  readonly events: EngineEvent[] = [];
  #command: EngineCommand | undefined;

  constructor(command: EngineCommand) {
    this.#command = command;
  }

  hasMore(): boolean {
    return this.#command !== undefined;
  }

  turn(send: (command: EngineCommand) => void): void {
    if (this.#command !== undefined) send(this.#command);
    this.#command = undefined;
  }

  hear(events: readonly EngineEvent[]): void {
    this.events.push(...events);
  }
}

/**
 * Bits of the logits after each token of a prompt, [T] of [V], and the tokens that follow it.
 * Rounding is `fused` unless told.
 */
export async function oneThreadAnswers(
  { model, ...options }: { model: Model } & Omit<WaferOptions, 'model'>,
  { prompt, maxTokens }: { prompt: readonly number[]; maxTokens: number },
): Promise<{ rows: Uint32Array[]; tokens: number[] }> {
  const sizes = { tokensPerStep: 64, contextTokens: 128 };
  const wafer = new OneThreadWafer({ ...sizes, ...options }, model);
  const ask = async (command: EngineCommand): Promise<EngineEvent[]> => {
    const question = new Question(command);
    await wafer.run(question, new Random(1));
    return question.events;
  };
  try {
    const ids = Int32Array.from(prompt);
    const scored = await ask({ kind: 'logits', id: 0, tokens: ids, from: 0, credit: Infinity });
    const rows = scored.flatMap((event) =>
      event.kind === 'logits' ? [new Uint32Array(event.logits.buffer)] : [],
    );
    if (maxTokens === 0) return { rows, tokens: [] };
    const sampling = { ...SAMPLING_DEFAULTS, temperature: 0, seed: 1 };
    const limits = { maxTokens, stopTokens: [...model.special.ends], stop: [], sampling };
    const request = { ...checkExtras({}, model.spec.vocabCount), ...limits, endsAtContext: false };
    const answered = await ask({
      kind: 'generate',
      id: 1,
      request: { ...request, prompt: ids, credit: Infinity },
    });
    const tokens = answered.flatMap((event) => (event.kind === 'piece' ? [event.token] : []));
    return { rows, tokens };
  } finally {
    wafer.close();
  }
}
