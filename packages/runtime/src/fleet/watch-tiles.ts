/**
 * What a watchdog looks at in a fleet of threads: each thread's doorbell, its tiles' headers, and
 * whether the step that is under way gets on at all.
 */
import { instructionAt, TILE_HEADER, tileName } from '@wafer/core';
import type { Plan, TilePlan } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import type { Watched } from '../threads/watchdog.ts';

/** A tile that all wait for should be named before those that wait for it. */
const STEP_PATIENCE = 1.5;

export interface TileWatchParts {
  plan: Plan;
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  doorbells: Int32Array;
  stuckMs: number;
}

/** A tile as it may be looked at from any thread. */
class TileView {
  readonly plan: TilePlan;
  readonly #words: Int32Array;

  constructor(plan: TilePlan, memory: WebAssembly.Memory) {
    this.plan = plan;
    this.#words = new Int32Array(memory.buffer, 0, 32);
  }

  #at(offset: number): number {
    return Atomics.load(this.#words, offset / 4);
  }

  get life(): string {
    return `${this.#at(TILE_HEADER.consumed)}:${this.#at(TILE_HEADER.place)}`;
  }

  /** Whether a step is published that it has not finished. */
  get isBusy(): boolean {
    return this.#at(TILE_HEADER.published) !== this.#at(TILE_HEADER.consumed);
  }

  /** Channel that it is blocked on; undefined if it computes, or is between steps. */
  get blockedOn(): number | undefined {
    const channel = this.#at(TILE_HEADER.blockedOn) - 1;
    return this.isBusy && channel >= 0 ? channel : undefined;
  }

  /** Number of its instruction over all programs, from 1 on; 0: between steps. */
  get place(): number {
    return this.#at(TILE_HEADER.place);
  }
}

/** One tile thread. */
export function watchThread(
  thread: number,
  tiles: readonly number[],
  parts: TileWatchParts,
): Watched {
  const { plan, memories, doorbells } = parts;
  const doorbell = new Doorbell(doorbells, thread);
  const views = tiles.map((tile) => new TileView(plan.tiles[tile]!, memories.get(tile)!));
  return {
    life: () => [doorbell.beats, ...views.map(({ life }) => life)].join(' '),
    ask: () => doorbell.ask(),
    describe: () => {
      const view = views.find((tile) => tile.isBusy && tile.blockedOn === undefined);
      const [first] = views;
      const path = tileName(plan.options.grid, (view ?? first)!.plan.index);
      if (view !== undefined) return { who: path, what: describePlace(view) };
      return { who: path, what: `its thread, ${thread}, does not answer` };
    },
  };
}

/** A thread without tiles: engine, or relay. */
export function watchDoorbell(who: string, doorbell: Doorbell): Watched {
  return {
    life: () => doorbell.beats,
    ask: () => doorbell.ask(),
    describe: () => ({ who, what: 'its thread does not answer' }),
  };
}

/** The step under way: threads may all be well while a message is lost. */
export function watchStep(tiles: readonly number[], parts: TileWatchParts): Watched {
  const { plan, memories, stuckMs } = parts;
  const views = tiles.map((tile) => new TileView(plan.tiles[tile]!, memories.get(tile)!));
  let idleCount = 0;
  return {
    life: () => {
      const isBusy = views.some((view) => view.isBusy);
      return isBusy ? views.map(({ life }) => life).join(' ') : ++idleCount;
    },
    ask: () => undefined,
    describe: () => {
      // One that computes keeps the others waiting; if all wait, any tells what is missing.
      const busy = views.filter((tile) => tile.isBusy);
      const view = busy.find((tile) => tile.blockedOn === undefined) ?? busy[0] ?? views[0]!;
      return { who: tileName(plan.options.grid, view.plan.index), what: describeWait(plan, view) };
    },
    limitMs: () => STEP_PATIENCE * stuckMs,
  };
}

function describePlace({ plan, place }: TileView): string {
  const found = place === 0 ? undefined : instructionAt(plan.programs, place - 1);
  if (found === undefined) return 'between two instructions';
  const { instruction, program } = found;
  const count = plan.programs[program].length;
  return `in instruction ${found.place + 1} of ${count}, ${instruction.op}`;
}

function describeWait(plan: Plan, view: TileView): string {
  const channel = plan.channels[view.blockedOn ?? -1];
  if (channel === undefined) return describePlace(view);
  const isReceiver = channel.target === view.plan.index;
  const other = tileName(plan.options.grid, isReceiver ? channel.source : channel.target);
  const wanted = isReceiver ? 'a message from' : 'a window that is free at';
  return `waiting for ${wanted} ${other}, channel ${channel.index}; ${describePlace(view)}`;
}
