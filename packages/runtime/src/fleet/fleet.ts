/**
 * The threads of a wafer, or of one chip of it: tile threads, the engine in a worker of its own,
 * and the shared memories between them. All memories belong to the caller's thread and outlive the
 * workers. A chip that is a process has no engine; its I/O thread takes that place.
 */
import type { Plan } from '@wafer/core';
import { createDoorbells, Doorbell, ringStop } from '@wafer/fabric';
import type { Model, ShardError } from '@wafer/models';
import { memorySlots } from '../adapters/adapter-slots.ts';
import type { AdapterSlots } from '../adapters/adapter-slots.ts';
import { EngineThread } from '../engine/engine-thread.ts';
import type { EngineCommand } from '../engine/messages.ts';
import { createMemories, createSharedMemory, hostLayout } from '../host.ts';
import type { HostLayout } from '../host.ts';
import { TileThreads } from './tile-threads.ts';
import { createTraceRing } from '../trace/trace-ring.ts';
import { watchDoorbell, watchStep, watchThread } from './watch-tiles.ts';
import { Watchdog } from '../threads/watchdog.ts';
import { createClockTask } from '../virtual/clock-task.ts';
import type { ClockTask } from '../virtual/clock-task.ts';
import type { EngineUse, FleetListener, FleetOptions, FleetPart } from './wafer-fleet.ts';
import type { FleetUse, WaferFleet, WeightSource } from './wafer-fleet.ts';

/** Where a thread writes its trace; undefined without one. */
type ThreadTrace = { ring: SharedArrayBuffer; originMs: number } | undefined;

export class Fleet implements WaferFleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  readonly slots: AdapterSlots;
  readonly host: { memory: WebAssembly.Memory; layout: HostLayout };
  readonly #hostWords: Int32Array;
  /** One per tile thread, then the engine's, or the I/O thread's. */
  readonly doorbells: Int32Array;
  readonly #clock: ClockTask | undefined;
  /** One ring per tile thread, then the engine's; empty without a trace. */
  readonly traceRings: readonly SharedArrayBuffer[];
  readonly processIds: readonly number[] = [];
  readonly #tiles: TileThreads;
  readonly #listener: FleetListener;
  readonly #closeMs: number;
  readonly #stuckMs: number;
  readonly #watchdog: Watchdog;
  /** Ends whatever still waits for a thread. */
  readonly #failed = Promise.withResolvers<never>();
  #engine: EngineThread | undefined;
  #isStopping = false;
  #hasCrashed = false;

  constructor(plan: Plan, options: FleetOptions, listener: FleetListener, part?: FleetPart) {
    this.#listener = listener;
    this.#closeMs = options.limits.closeMs;
    this.#stuckMs = options.limits.stuckMs;
    this.#watchdog = new Watchdog(options.limits, (error) => this.#crash(error));
    this.#failed.promise.catch(() => undefined); // whoever waits sees it
    const tiles = part?.tiles ?? plan.tiles.map(({ index }) => index);
    this.memories = createMemories(plan, tiles);
    this.slots = memorySlots(plan, this.memories);
    const layout = hostLayout(plan);
    this.host = { memory: createSharedMemory(layout.bytes), layout };
    this.#hostWords = new Int32Array(this.host.memory.buffer, 0, 16);
    const { threadCount } = options;
    this.doorbells = createDoorbells(threadCount + 1);
    this.#clock = createClockTask(plan, options);
    const ringCount = options.traceRecords > 0 ? threadCount + 1 : 0;
    this.traceRings = Array.from({ length: ringCount }, () =>
      createTraceRing(options.traceRecords),
    );
    const { memories, host, doorbells } = this;
    const traceOf = (thread: number): ThreadTrace => this.#traceOf(thread);
    const shares = { memories, host, doorbells, clock: this.#clock, traceOf, part };
    this.#tiles = new TileThreads(shares, (error) => this.#crash(error));
  }

  /** Resolves once every tile thread loads, or has failed; until then they need this thread. */
  get running(): Promise<void> {
    return this.#tiles.running;
  }

  /** Bytes of weights in place so far, to the KiB. */
  get loadedBytes(): number {
    return Atomics.load(this.#hostWords, this.host.layout.loadedKib / 4) * 1024;
  }

  /** Milliseconds that the slowest tile thread took to read and pack its weights. */
  get loadMs(): number {
    return this.#tiles.loadMs;
  }

  /** What quantizing at load cost, once all is loaded. */
  get shardErrors(): readonly ShardError[] {
    return this.#tiles.shardErrors;
  }

  /** Starts the tile threads and resolves once all weights are in place. */
  async load(plan: Plan, model: WeightSource, use: FleetUse): Promise<void> {
    const loaded = this.#tiles.load(plan, model, use);
    this.#watchTiles(plan, use.options.threadCount);
    await Promise.race([loaded, this.#failed.promise]);
    this.#watchdog.settle();
  }

  /** Starts the engine and resolves once it takes requests. */
  startEngine(plan: Plan, model: Model, { options, rounding, spares }: EngineUse): Promise<void> {
    const { prefillChunk, reservations, reusePrefixes, recordSteps, threadCount } = options;
    const shares = {
      plan,
      memories: this.memories,
      threadOf: this.threadOf(plan, threadCount),
      doorbells: this.doorbells,
      engineThread: threadCount,
      host: this.host,
      prefillChunk,
      reservations,
      reusePrefixes,
      recordSteps,
      clock: this.#clock,
      trace: this.#traceOf(threadCount),
    };
    this.#engine = new EngineThread(shares, {
      onEvents: (events) => this.#listener.onEvents(events),
      onCrash: (error) => this.#crash(error),
    });
    const doorbell = new Doorbell(this.doorbells, threadCount);
    this.#watchdog.watch(watchDoorbell('Wafer.Engine', doorbell));
    const started = this.#engine.start(model, { rounding, threadCount, spares });
    return Promise.race([started, this.#failed.promise]);
  }

  /** Sends a command to the engine and wakes it. */
  command(command: EngineCommand, transferList: ArrayBuffer[] = []): void {
    this.#engine?.command(command, transferList);
  }

  /** Ends all threads. */
  async stop({ isForced }: { isForced: boolean } = { isForced: false }): Promise<void> {
    this.#isStopping = true;
    this.#watchdog.stop();
    ringStop(this.doorbells);
    const limitMs = this.#closeMs;
    const graceMs = isForced ? 0 : limitMs;
    await Promise.all([this.#tiles.end(limitMs, graceMs), this.#engine?.end(limitMs, graceMs)]);
  }

  /** Thread of every tile; none, where the tile is another process's. */
  threadOf(plan: Plan, threadCount: number): number[] {
    return this.#tiles.threadOf(plan, threadCount);
  }

  #watchTiles(plan: Plan, threadCount: number): void {
    const { memories, doorbells } = this;
    const parts = { plan, memories, doorbells, stuckMs: this.#stuckMs };
    const threadOf = this.threadOf(plan, threadCount);
    const own = [...memories.keys()];
    for (let thread = 0; thread < threadCount; thread++) {
      const tiles = own.filter((tile) => threadOf[tile] === thread);
      this.#watchdog.watch(watchThread(thread, tiles, parts));
    }
    this.#watchdog.watch(watchStep(own, parts));
    this.#watchdog.start();
  }

  #traceOf(thread: number): ThreadTrace {
    const ring = this.traceRings[thread];
    return ring && { ring, originMs: performance.timeOrigin };
  }

  #crash(error: Error): void {
    if (this.#isStopping || this.#hasCrashed) return;
    this.#hasCrashed = true;
    this.#tiles.giveUp();
    this.#failed.reject(error);
    this.#listener.onCrash(error);
  }
}
