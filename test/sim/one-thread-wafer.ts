/**
 * A whole wafer on one thread: the real engine, tiles, channels, kernels and KV cache, with a
 * seeded interleaver in the place of threads.
 *
 * Wherever the engine would sleep, the interleaver lets a tile that can go on run until its next
 * channel is not ready, chosen by the seed, or the world send a command in the middle of a step.
 * Tiles find the engine asleep whenever they look: what it waits for must have rung it.
 * Nothing else decides an order, so a seed replays a run. Memories with weights are kept from run
 * to run; counters begin anew, and KV blocks hold what the run before left, as they do in use.
 */
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { assert, CHANNEL_LINE, CHANNEL_LINE_BYTES, TILE_HEADER_BYTES } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { createDoorbells, ringStop } from '@wafer/fabric';

import { compileKernels } from '@wafer/kernels';
import type { Model, WaferOptions } from '@wafer/runtime';
import {
  bindTiles,
  createMemories,
  createSharedMemory,
  Engine,
  hostLayout,
  loadTiles,
  prepareModel,
} from '@wafer/runtime/internal';
import type { EngineCommand, EngineEvent, ThreadTask, Tile } from '@wafer/runtime/internal';
import type { Random } from './random.ts';

const ENGINE_THREAD = 1;
/** Words of a doorbell: the bell, whether its owner sleeps, and more. */
const DOORBELL_WORDS = 16;

/** What the world outside does, whenever the wafer gives it a turn. */
export interface World {
  /** How likely it has a turn where it need not: from a trickle to a burst. */
  readonly turnChance: number;
  /** Something may be sent now, in the middle of a step or between two. */
  turn(send: (command: EngineCommand) => void): void;
  /** Nothing can move: whether there is more to come. If so, `turn` must send something. */
  hasMore(): boolean;
  hear(events: readonly EngineEvent[]): void;
}

export class OneThreadWafer {
  readonly model: Model;
  readonly plan: Plan;
  readonly #task: Omit<ThreadTask, 'doorbells'>;
  readonly #options: { prefillChunk: number; reusePrefixes: boolean };
  readonly #control: MessageChannel;

  constructor(options: Partial<WaferOptions>, model: Model) {
    this.model = model;
    const prepared = prepareModel(model, { ...options, threads: 1 });
    this.#options = prepared.options;
    this.plan = prepared.plan;
    const layout = hostLayout(this.plan);
    this.#control = new MessageChannel();
    this.#task = {
      thread: 0,
      tiles: [...this.plan.tiles],
      channels: [...this.plan.channels],
      memories: createMemories(
        this.plan,
        this.plan.tiles.map(({ index }) => index),
      ),
      threadOf: this.plan.tiles.map(() => 0),
      engineThread: ENGINE_THREAD,
      host: { memory: createSharedMemory(layout.bytes), layout },
      kernels: compileKernels(options.rounding ?? 'fused'),
      source: model.source,
      hugePages: false,
      vocabCount: model.spec.vocabCount,
      rowsMax: this.plan.options.rowsMax,
      spinCount: 0,
      sources: [],
      targets: [],
      trace: undefined,
      clock: undefined,
      port: this.#control.port1,
    };
    loadTiles({ ...this.#task, doorbells: createDoorbells(2) });
  }

  close(): void {
    this.#control.port1.close();
  }

  /** Runs until the world has no more to send and nothing moves. Throws: if it gets stuck. */
  async run(world: World, random: Random): Promise<void> {
    this.#beginAnew();
    const doorbells = createDoorbells(2);
    const task: ThreadTask = { ...this.#task, doorbells };
    const tiles = await bindTiles(task, undefined);
    const { port1: port, port2: outside } = new MessageChannel();
    const { memory, layout } = task.host;
    const words = new Int32Array(memory.buffer, 0, 16);
    const send = (command: EngineCommand): void => {
      outside.postMessage(command);
      Atomics.add(words, layout.commands / 4, 1);
    };
    const bell = new SleepersBell(doorbells, ENGINE_THREAD);
    const wait = (isDone: () => boolean): void => {
      hearAll(outside, world);
      if (random.chance(world.turnChance)) world.turn(send);
      if (isDone()) return;
      const ringCount = bell.count;
      if (advanceOne(tiles, random)) {
        const isHeard = !isDone() || bell.count !== ringCount;
        assert(isHeard, 'a tile that does what the engine waits for rings it');
        return;
      }
      if (world.hasMore()) world.turn(send);
      else ringStop(doorbells);
      const isStuck = tiles.some((tile) => !tile.isIdle);
      assert(!isStuck, 'a tile waits for what nobody will send', { blocked: isStuck });
    };
    let timeMs = 0;
    const engine = new Engine({ ...this.#engineTask(doorbells), port }, wait, () => timeMs++);
    engine.run();
    hearAll(outside, world);
    port.close();
    outside.close();
    this.#checkQuiet();
  }

  #engineTask(doorbells: Int32Array): Omit<ConstructorParameters<typeof Engine>[0], 'port'> {
    const { memories, threadOf, engineThread, host, kernels } = this.#task;
    return {
      ...{ plan: this.plan, memories, threadOf, doorbells, engineThread, host, kernels },
      ...{ prefillChunk: this.#options.prefillChunk, reusePrefixes: this.#options.reusePrefixes },
      ...{ tokenBytes: undefined, reservations: [], recordSteps: false, spinCount: 0 },
      ...{ clock: undefined, trace: undefined },
    };
  }

  /** Counters of the host, of tiles and of channels to zero, as at a start. */
  #beginAnew(): void {
    const { host, memories } = this.#task;
    new Uint8Array(host.memory.buffer, 0, host.layout.logits).fill(0);
    for (const memory of memories.values()) {
      new Uint8Array(memory.buffer, 0, TILE_HEADER_BYTES).fill(0);
    }
    for (const { target, control } of this.plan.channels) {
      new Uint8Array(memories.get(target)!.buffer, control, CHANNEL_LINE_BYTES).fill(0);
    }
  }

  /** Every message that was sent was taken, and every window given back. */
  #checkQuiet(): void {
    for (const { index, target, control } of this.plan.channels) {
      const line = new Int32Array(this.#task.memories.get(target)!.buffer, control, 16);
      const [sent, taken] = [line[CHANNEL_LINE.pushed / 4], line[CHANNEL_LINE.popped / 4]];
      assert(sent === taken, 'a channel is empty at the end', { index, sent, taken });
    }
  }
}

/** The bell of a thread that others always find asleep. */
class SleepersBell {
  readonly #line: Int32Array;

  constructor(doorbells: Int32Array, thread: number) {
    this.#line = doorbells.subarray((thread + 1) * DOORBELL_WORDS);
    this.#line[1] = 1;
  }

  /** How often it was rung. */
  get count(): number {
    return this.#line[0]!;
  }
}

function hearAll(port: MessagePort, world: World): void {
  for (let got = receiveMessageOnPort(port); got; got = receiveMessageOnPort(port)) {
    world.hear(got.message as EngineEvent[]);
  }
}

/** Lets one of the tiles that can go on run; whether there was one. */
function advanceOne(tiles: readonly Tile[], random: Random): boolean {
  const ready = tiles.filter((tile) => tile.canAdvance());
  if (ready.length === 0) return false;
  ready[random.below(ready.length)]!.advance();
  return true;
}
