/**
 * A wafer in a comparison: one model on some tiles, with or without 256-bit vectors.
 */
import { assert, maxOf } from '@wafer/core';
import type { Activations } from '@wafer/core';
import { openModel, Wafer } from '@wafer/runtime';
import type { WaferOptions, WaferTraffic } from '@wafer/runtime';
import { withoutEnds } from '@wafer/models';
import type { RunnerOf } from '../process/runner.ts';
import { decodeRate } from '../task/decode-rate.ts';
import { stepWeightBytes } from './model-cost.ts';
import { touchMs } from '../touch/touch-pages.ts';
import { promptOf, textsOf } from '../task/speed-task.ts';
import type { SpeedSample, SpeedTask, TimeShares } from '../task/speed-task.ts';

/** Ops that multiply by weights. */
const LINEAR_OPS: ReadonlySet<string> = new Set(['linear', 'logits', 'expertHidden', 'expertDown']);

interface WaferRunnerOptions {
  /** A file, a folder or `synthetic:…`. */
  model: string;
  tiles: number;
  isRevectorized: boolean;
  activations: Activations;
  contextTokens: number;
  kvTokens: number;
  sequences: number;
}

/** Instructions that a thread's trace holds: more than 64 tokens of 12 layers. */
const TRACE_RECORDS = 2 ** 16;

export interface WaferRole {
  name: 'wafer';
  options: WaferRunnerOptions;
  task: SpeedTask;
  sample: SpeedSample;
}

export class WaferRunner implements RunnerOf<WaferRole> {
  readonly #options: WaferRunnerOptions;
  readonly #wafer: Wafer;
  #traced: Wafer | undefined;
  #rssBytes = 0;
  /** Whether other wafers were started in this process, so that its memory says nothing. */
  #isCrowded = false;

  private constructor(options: WaferRunnerOptions, wafer: Wafer) {
    this.#options = options;
    this.#wafer = wafer;
  }

  /** Starts the wafer. Throws: what opening a model and starting a wafer throw. */
  static async open(options: WaferRunnerOptions): Promise<WaferRunner> {
    return new WaferRunner(options, await Wafer.start(await waferOptions(options)));
  }

  async measure(task: SpeedTask): Promise<SpeedSample> {
    const isTimed = task.kind === 'prefill' || task.kind === 'decode';
    // Threads awake, and the idle time since the last turn accounted for.
    if (isTimed) await answer(this.#wafer, promptOf(this.#vocabCount, 1), 1);
    const before = this.#wafer.traffic();
    const part = await this.#run(task);
    const shares = tileShares(before, this.#wafer.traffic());
    this.#isCrowded ||= task.kind === 'linear' || task.kind === 'start';
    if (!this.#isCrowded) this.#rssBytes = Math.max(this.#rssBytes, process.memoryUsage.rss());
    return { tokens: [], ...part, ...(isTimed ? { shares } : {}), rssBytes: this.#rssBytes };
  }

  async close(): Promise<void> {
    await this.#traced?.close();
    await this.#wafer.close();
  }

  #run(task: SpeedTask): Promise<Partial<SpeedSample> & { value: number }> {
    switch (task.kind) {
      case 'prefill':
        return this.#prefill(task.promptTokens);
      case 'decode':
        return this.#decode(task);
      case 'start':
        return this.#start(task.promptTokens);
      case 'embed':
        return this.#embed(task.texts);
      case 'linear':
        return this.#linear(task.tokens);
      case 'logits':
        return this.#logits(task.prompt);
    }
  }

  async #prefill(promptTokens: number): Promise<{ value: number; tokens: number[] }> {
    const prompt = promptOf(this.#vocabCount, promptTokens);
    const start = performance.now();
    const { tokens, times } = await answer(this.#wafer, prompt, 1);
    return { value: promptTokens / ((times[0]! - start) / 1000), tokens };
  }

  async #decode(
    task: SpeedTask & { kind: 'decode' },
  ): Promise<{ value: number; tokens: number[] }> {
    const answers = await Promise.all(
      Array.from({ length: task.sequences }, (_, sequence) =>
        answer(this.#wafer, promptOf(this.#vocabCount, task.promptTokens, sequence), task.tokens),
      ),
    );
    const value = decodeRate(answers.map(({ times }) => times));
    return { value, tokens: answers.flatMap(({ tokens }) => tokens) };
  }

  async #embed(count: number): Promise<{ value: number; tokens: number[] }> {
    const texts = textsOf(this.#vocabCount, count);
    const start = performance.now();
    const vectors = await this.#wafer.embed(texts);
    const value = count / ((performance.now() - start) / 1000);
    const tokens = vectors.flatMap((vector) => [...new Int32Array(vector.buffer, 0, 4)]);
    return { value, tokens };
  }

  async #start(promptTokens: number): Promise<StartSample> {
    const prompt = promptOf(this.#vocabCount, promptTokens);
    const start = performance.now();
    // Named, as a program names it: threads come up while it is opened.
    const options = { ...sizesOf(this.#options), model: this.#options.model };
    await using wafer = await Wafer.start(options);
    const { loadMs, plan } = wafer;
    const { tokens, times } = await answer(wafer, prompt, 1);
    await wafer.close();
    const bytes = plan.tiles.map(({ shards }) => shards.reduce((sum, each) => sum + each.bytes, 0));
    const touched = await touchMs(bytes);
    return { value: times[0]! - start, loadMs, touchMs: touched, tokens };
  }

  /** Weights of all linear layers over the time that the busiest tile spent in them. */
  async #linear(maxTokens: number): Promise<{ value: number; tokens: number[] }> {
    const options = { ...(await waferOptions(this.#options)), traceRecords: TRACE_RECORDS };
    this.#traced ??= await Wafer.start(options);
    const newest = maxOf(
      this.#traced.trace().traceEvents.map(({ ts }) => ts ?? 0),
      0,
    );
    // A prompt of one token, so that every step has one row.
    const { tokens } = await answer(this.#traced, promptOf(this.#vocabCount, 1), maxTokens);
    const times = new Map<number, number>(); // µs by tile
    const { tiles } = this.#traced.plan;
    for (const { cat, args, ts = 0, dur = 0, tid } of this.#traced.trace().traceEvents) {
      if (ts <= newest || cat !== 'compute' || args === undefined || !('place' in args)) continue;
      const instruction = tiles[tid - 1]!.programs[args.program][args.place]!;
      if (!LINEAR_OPS.has(instruction.op)) continue;
      times.set(tid, (times.get(tid) ?? 0) + dur);
    }
    const bytes = maxTokens * stepWeightBytes(this.#traced.model);
    return { value: bytes / maxOf(times.values()) / 1000, tokens };
  }

  async #logits(prompt: readonly number[]): Promise<{ value: number; logits: Float32Array }> {
    let last: Float32Array | undefined;
    for await (const { logits } of this.#wafer.logits(prompt)) last = logits;
    assert(last !== undefined, 'a prompt has logits');
    return { value: 0, logits: last };
  }

  get #vocabCount(): number {
    return this.#wafer.model.spec.vocabCount;
  }
}

interface StartSample {
  value: number;
  loadMs: number;
  touchMs: number;
  tokens: number[];
}

async function waferOptions(options: WaferRunnerOptions): Promise<WaferOptions> {
  return { ...sizesOf(options), model: withoutEnds(await openModel(options.model)) };
}

function sizesOf(options: WaferRunnerOptions): Omit<WaferOptions, 'model'> {
  const { tiles, isRevectorized, activations, contextTokens, kvTokens, sequences } = options;
  return {
    grid: `${tiles}x1`,
    revectorize: isRevectorized,
    activations,
    contextTokens,
    kvTokens,
    sequences,
    // The same prompt comes again and again; it must be read every time.
    reusePrefixes: false,
  };
}

/** Greedy tokens and the times in ms at which they came. */
async function answer(
  wafer: Wafer,
  prompt: readonly number[],
  maxTokens: number,
): Promise<{ tokens: number[]; times: number[] }> {
  const tokens: number[] = [];
  const times: number[] = [];
  for await (const { token } of wafer.generate(prompt, { maxTokens, temperature: 0 })) {
    tokens.push(token);
    times.push(performance.now());
  }
  return { tokens, times };
}

function tileShares(before: WaferTraffic, after: WaferTraffic): TimeShares[] {
  return after.tiles.map((tile, index) => {
    const earlier = before.tiles[index]!;
    const compute = tile.computeNs - earlier.computeNs;
    const send = tile.sendNs - earlier.sendNs;
    const wait = tile.waitNs - earlier.waitNs;
    const idle = tile.idleNs - earlier.idleNs;
    const total = Math.max(1, compute + send + wait + idle);
    return {
      compute: compute / total,
      send: send / total,
      wait: wait / total,
      idle: idle / total,
    };
  });
}
