/**
 * A thread that times the kernels of some tiles as it is told, alone or from the same moment on as
 * the others.
 */
import { assert, maxOf } from '@wafer/core';
import type { StepShape, TilePlan } from '@wafer/core';
import type { KernelTime } from '@wafer/timing';
import { WalkedTile } from './kernel-walk.ts';
import type { KernelCall } from './kernel-walk.ts';
import { timeAt } from './quantiles.ts';

/** What a thread is started with. */
export interface KernelThreadInput {
  /** The first one says when it is enough. */
  isFirst: boolean;
  /** [0] how often threads have come to a start; [1], [2] whether there is one, in turns. */
  words: Int32Array;
  /** For each number of threads that is asked for, the tiles of each plan. */
  tiles: Readonly<Record<number, readonly (readonly TilePlan[])[]>>;
  steps: readonly StepShape[];
}

/** The kernels of the tiles that this thread has beside others. */
export interface KernelOrder {
  threadCount: number;
  sampleMs: number;
  /** Of the times of each call. */
  quantile: number;
}

/** What a call takes, by its sizes. */
export type ShapeTime = Pick<KernelTime, 'shape'> & { ns: number };

/** Looks so often before it sleeps, should the others have no core. */
const SPIN_COUNT = 10_000;
const WALKS_MIN = 3;

interface TimedCall extends KernelCall {
  times: number[];
}

export class KernelThread {
  readonly #isFirst: boolean;
  readonly #words: Int32Array;
  /** By number of threads, then by plan and step: each stays in the caches as if it ran alone. */
  readonly #walks = new Map<number, TimedCall[][]>();
  #starts = 0;
  #met = 0;

  constructor({ isFirst, words, tiles, steps }: KernelThreadInput) {
    this.#isFirst = isFirst;
    this.#words = words;
    for (const [threadCount, plans] of Object.entries(tiles)) {
      const walks = plans.flatMap((own) => {
        const walked = own.map((plan) => new WalkedTile(plan, steps));
        return steps.map((step) => inTurns(walked, step));
      });
      this.#walks.set(Number(threadCount), walks);
      for (const walk of walks) for (const { run } of walk) run();
    }
  }

  run({ threadCount, sampleMs, quantile }: KernelOrder): ShapeTime[] {
    const walks = this.#walks.get(threadCount);
    assert(walks !== undefined, 'tiles are there for so many threads', { threadCount });
    return walks.flatMap((walk) => {
      for (const call of walk) call.times.length = 0;
      const wholes: number[] = [];
      let spentMs = 0;
      for (let i = 0; this.#goesOn(threadCount, i < WALKS_MIN || spentMs < sampleMs); i++) {
        const startMs = performance.now();
        walkOnce(walk);
        const tookMs = performance.now() - startMs;
        wholes.push(tookMs * 1e6);
        spentMs += tookMs;
      }
      return byShape(walk, { wholeNs: timeAt(wholes, quantile), quantile });
    });
  }

  /** Waits for the others; whether there is one more walk, which the first thread decides. */
  #goesOn(threadCount: number, isWanted: boolean): boolean {
    if (threadCount === 1) return isWanted;
    // In turns: who is late still reads what was said at the start before.
    const said = 1 + (this.#starts++ % 2);
    if (this.#isFirst) Atomics.store(this.#words, said, isWanted ? 1 : 0);
    this.#meet(threadCount);
    return Atomics.load(this.#words, said) === 1;
  }

  /** Waits until all have come as often as this one. */
  #meet(threadCount: number): void {
    const words = this.#words;
    this.#met += threadCount;
    Atomics.add(words, 0, 1);
    Atomics.notify(words, 0);
    for (let i = 0; ; i++) {
      const present = Atomics.load(words, 0);
      if (present >= this.#met) return;
      if (i > SPIN_COUNT) Atomics.wait(words, 0, present);
    }
  }
}

/** Each call with the time between two looks at the clock, which take what they take. */
function walkOnce(walk: readonly TimedCall[]): void {
  let beforeMs = performance.now();
  for (const { run, times } of walk) {
    run();
    const nowMs = performance.now();
    times.push((nowMs - beforeMs) * 1e6);
    beforeMs = nowMs;
  }
}

/** Tiles of a thread go on in turns, from message to message. */
function inTurns(tiles: readonly WalkedTile[], step: StepShape): TimedCall[] {
  const stretches = tiles.map((tile) => tile.stretchesOf(step));
  const most = maxOf(
    stretches.map(({ length }) => length),
    0,
  );
  return Array.from({ length: most }, (_, i) => stretches.flatMap((own) => own[i] ?? []))
    .flat()
    .map((call) => ({ ...call, times: [] }));
}

/**
 * The mean over the calls of a size of what each takes: weights lie here and there. Calls add up to
 * the whole walk: what interrupts a walk once or twice is in no single call's median.
 */
function byShape(
  walk: readonly TimedCall[],
  { wholeNs, quantile }: { wholeNs: number; quantile: number },
): ShapeTime[] {
  const found = new Map<string, { shape: KernelCall['shape']; sumNs: number; count: number }>();
  let allNs = 0;
  for (const { name, shape, times } of walk) {
    const sum = found.get(name) ?? { shape, sumNs: 0, count: 0 };
    const ns = timeAt(times, quantile);
    sum.sumNs += ns;
    sum.count++;
    allNs += ns;
    found.set(name, sum);
  }
  assert(allNs > 0, 'a walk takes time', { calls: walk.length, wholeNs });
  const more = wholeNs / allNs;
  return [...found.values()].map(({ shape, sumNs, count }) => ({
    shape,
    ns: (more * sumNs) / count,
  }));
}
