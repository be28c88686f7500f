/**
 * One wafer on this host: what was measured of it, beside what is told.
 */
import { assert } from '@wafer/core';
import type { Model, Wafer, WaferOptions } from '@wafer/runtime';
import { resolveOptions } from '@wafer/runtime/internal';
import { BenchRow } from '../cut/bench-row.ts';
import type { BenchTask, Repetition } from '../cut/bench-row.ts';
import type { StartWafer } from '../cut/wall-part.ts';
import { quantilesOf, timeAt } from './quantiles.ts';
import { ToldRow } from './told-row.ts';

/** What a row is of. */
export interface HostRowName {
  model: string;
  tiles: number;
  /** `none` where nothing is cut. */
  link: string;
}

/** Of a round. */
export interface HostTimes {
  decodeMs: number;
  prefillMs: number;
  /** Processor time of this thread by token. */
  pieceNs: number;
}

export class HostRow {
  readonly name: HostRowName;
  readonly told: ToldRow;
  readonly #row: BenchRow;
  readonly #task: BenchTask;

  private constructor(name: HostRowName, parts: { row: BenchRow; task: BenchTask; told: ToldRow }) {
    this.name = name;
    this.told = parts.told;
    this.#row = parts.row;
    this.#task = parts.task;
  }

  /**
   * Starts the wafer and asks until its code is compiled for good; once if quick. Whoever opens it
   * closes its wafer; where asking fails, it is closed here.
   */
  static async open(
    name: HostRowName,
    use: {
      model: Model;
      task: BenchTask;
      options: Partial<WaferOptions>;
      isQuick: boolean;
      start: StartWafer;
    },
  ): Promise<HostRow> {
    const given = { ...use.options, model: use.model };
    const options = resolveOptions(given, use.model);
    await using stack = new AsyncDisposableStack();
    const wafer = stack.use(await use.start(given));
    const row = new BenchRow({
      name: `${name.model} ${name.tiles} ${name.link}`,
      link: name.link === 'none' ? undefined : name.link,
      wafer,
      chipOf: options.dice.chipOf,
    });
    await row.warmUp(use.task);
    if (!use.isQuick) await compileFor(wafer, use.task);
    stack.move();
    const { prompt, maxTokens } = use.task;
    const size = { promptTokens: prompt.length, maxTokens };
    const told = new ToldRow(wafer.plan, { size, options });
    return new HostRow(name, { row, task: use.task, told });
  }

  get wafer(): Wafer {
    return this.#row.wafer;
  }

  /** Asks once more, and where that is soon done a few times. */
  async measure(quantile: number): Promise<HostTimes> {
    const asked: HostTimes[] = [];
    const startMs = performance.now();
    do asked.push(await this.#measureOnce(quantile));
    while (performance.now() - startMs < ASK_MS && asked.length < ASKS_MAX);
    return quantilesOf(asked, quantile);
  }

  async #measureOnce(quantile: number): Promise<HostTimes> {
    const before = process.threadCpuUsage();
    await this.#row.repeat(this.#task);
    const { user, system } = process.threadCpuUsage(before);
    const { gapsMs, prefillRate } = this.#row.repetitions.at(-1) as Repetition;
    const prefillMs = (this.#task.prompt.length / prefillRate) * 1000;
    const pieceNs = ((user + system) * 1000) / (gapsMs.length + 1);
    return { decodeMs: timeAt(meansOfGaps(gapsMs), quantile), prefillMs, pieceNs };
  }
}

/** A prompt is one time only of an answer that is soon there. */
const ASK_MS = 150;
const ASKS_MAX = 5;

/**
 * V8 compiles what is called often, on threads of its own that want the cores of tiles: 370 us of
 * processor time per token at first, 10 to 40 from the 600th token on.
 */
const WARM_TOKENS = 600;
const WARM_PROMPTS = 8;

/** Short prompts and long answers: the code is the same, and most of it runs once per token. */
async function compileFor(wafer: Wafer, task: BenchTask): Promise<void> {
  const { prompt, signal } = task;
  const ask = async (ids: readonly number[], maxTokens: number): Promise<void> => {
    for await (const piece of wafer.generate(ids, { maxTokens, temperature: 0, signal }))
      void piece;
  };
  for (let i = 0; i < WARM_PROMPTS; i++) await ask(prompt, 2);
  const length = Math.min(wafer.plan.options.contextMax - 1, WARM_TOKENS);
  for (let tokens = 0; tokens < WARM_TOKENS; tokens += length)
    await ask(prompt.slice(0, 1), length);
}

/** Looked at as one: where the caller's thread waits for a core, several tokens come at once. */
const GROUP_TOKENS = 8;

function meansOfGaps(gapsMs: readonly number[]): number[] {
  assert(gapsMs.length > 0, 'an answer has a token after its first', {});
  const count = Math.max(1, Math.floor(gapsMs.length / GROUP_TOKENS));
  const size = Math.floor(gapsMs.length / count);
  return Array.from({ length: count }, (_, i) => {
    const group = gapsMs.slice(i * size, (i + 1) * size);
    return group.reduce((sum, ms) => sum + ms, 0) / group.length;
  });
}
