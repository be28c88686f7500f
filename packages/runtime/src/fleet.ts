/**
 * The threads of a wafer, or of one chip of it: tile threads, the engine in a worker of its own,
 * and the shared memories between them. All memories belong to the caller's thread and outlive the
 * workers. A chip that is a process has no engine; its I/O thread takes that place.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import { append, WaferError } from '@wafer/core';
import type { ErrorCode, Plan, Rounding } from '@wafer/core';
import { createDoorbells, Doorbell, ringStop } from '@wafer/fabric';
import type { ChipTask, PortEnd } from '@wafer/fabric';
import { compileKernels } from '@wafer/kernels';
import type { Model, ShardError } from '@wafer/models';
import { EngineThread } from './engine/engine-thread.ts';
import type { EngineListener } from './engine/engine-thread.ts';
import type { EngineCommand } from './engine/messages.ts';
import { createMemories, createSharedMemory, hostLayout } from './host.ts';
import type { HostLayout } from './host.ts';
import type { ResolvedOptions } from './options.ts';
import { startThread } from './spare-threads.ts';
import type { SpareThreads } from './spare-threads.ts';
import { SPIN_COUNT } from './thread-settings.ts';
import { createTraceRing } from './trace/trace-ring.ts';
import { watchDoorbell, watchStep, watchThread } from './watch-tiles.ts';
import { Watchdog } from './watchdog.ts';
import type { WorkerThread } from './worker-thread.ts';
import { createClockTask } from './virtual/clock-task.ts';
import type { ClockTask } from './virtual/clock-task.ts';
import type { ThreadMessage, ThreadTask } from './tile/thread-task.ts';

/** What the owner of a fleet is told; after a crash, the fleet is useless. */
export type FleetListener = EngineListener;

/** What runs the tiles of a wafer: threads of this process, or processes of their own. */
export interface WaferFleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  /** Rings of all threads; empty without a trace. */
  readonly traceRings: readonly SharedArrayBuffer[];
  /** Bytes of weights in place so far, to the KiB. */
  readonly loadedBytes: number;
  /** Milliseconds that the slowest tile thread here took to read and pack its weights. */
  readonly loadMs: number;
  /** What quantizing at load cost, once all is loaded. */
  readonly shardErrors: readonly ShardError[];
  /** Processes of chips that were started here. */
  readonly processIds: readonly number[];
  /** Resolves once every tile thread here loads, or has failed. */
  readonly running: Promise<void>;
  /** Resolves once all weights are in place. */
  load(plan: Plan, model: Model, use: FleetUse): Promise<void>;
  /** Resolves once the engine takes requests. */
  startEngine(plan: Plan, model: Model, use: EngineUse): Promise<void>;
  command(command: EngineCommand, transferList?: ArrayBuffer[]): void;
  /** Ends all there is; by force and at once, where nothing of it has run yet. */
  stop(how?: { isForced: boolean }): Promise<void>;
}

/** The part of a wafer that a chip process runs. */
export interface FleetPart {
  tiles: readonly number[];
  spinCount: number;
  /** Where each of its threads hands messages to the I/O thread. */
  chipTasks: readonly ChipTask[];
}

export class Fleet implements WaferFleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  readonly host: { memory: WebAssembly.Memory; layout: HostLayout };
  readonly #hostWords: Int32Array;
  /** One per tile thread, then the engine's, or the I/O thread's. */
  readonly doorbells: Int32Array;
  readonly #clock: ClockTask | undefined;
  /** One ring per tile thread, then the engine's; empty without a trace. */
  readonly traceRings: readonly SharedArrayBuffer[];
  readonly processIds: readonly number[] = [];
  readonly shardErrors: ShardError[] = [];
  readonly #threads: WorkerThread<ThreadMessage>[] = [];
  readonly #listener: FleetListener;
  readonly #part: FleetPart | undefined;
  readonly #closeMs: number;
  readonly #stuckMs: number;
  readonly #watchdog: Watchdog;
  /** Ends whatever still waits for a thread. */
  readonly #failed = Promise.withResolvers<never>();
  readonly #running = Promise.withResolvers<void>();
  #engine: EngineThread | undefined;
  #loadMs = 0;
  #isStopping = false;
  #hasCrashed = false;

  constructor(plan: Plan, options: FleetOptions, listener: FleetListener, part?: FleetPart) {
    this.#listener = listener;
    this.#part = part;
    this.#closeMs = options.limits.closeMs;
    this.#stuckMs = options.limits.stuckMs;
    this.#watchdog = new Watchdog(options.limits, (error) => this.#crash(error));
    this.#failed.promise.catch(() => undefined); // whoever waits sees it
    const tiles = part?.tiles ?? plan.tiles.map(({ index }) => index);
    this.memories = createMemories(plan, tiles);
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
  }

  /** Resolves once every tile thread loads, or has failed; until then they need this thread. */
  get running(): Promise<void> {
    return this.#running.promise;
  }

  /** Bytes of weights in place so far, to the KiB. */
  get loadedBytes(): number {
    return Atomics.load(this.#hostWords, this.host.layout.loadedKib / 4) * 1024;
  }

  /** Milliseconds that the slowest tile thread took to read and pack its weights. */
  get loadMs(): number {
    return this.#loadMs;
  }

  /** Starts the tile threads and resolves once all weights are in place. */
  async load(plan: Plan, model: WeightSource, use: FleetUse): Promise<void> {
    const links = this.#createLinks(plan, use.options);
    const { threadCount } = use.options;
    const started: Promise<void>[] = [];
    const loaded: Promise<void>[] = [];
    for (let thread = 0; thread < threadCount; thread++) {
      const running = Promise.withResolvers<void>();
      started.push(running.promise);
      const task = this.#threadTask(plan, model, { ...use, thread, links });
      loaded.push(this.#startThread(task, { isRunning: running.resolve, spares: use.spares }));
    }
    void Promise.all(started).then(() => this.#running.resolve());
    this.#watchTiles(plan, threadCount);
    await Promise.race([Promise.all(loaded), this.#failed.promise]);
    this.#watchdog.settle();
  }

  /** Starts the engine and resolves once it takes requests. */
  startEngine(plan: Plan, model: Model, { options, rounding, spares }: EngineUse): Promise<void> {
    const { prefillChunk, reservations, reusePrefixes, recordSteps, threadCount } = options;
    const shares = {
      plan,
      memories: this.memories,
      threadOf: threadsOfTiles(plan, threadCount),
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
    const ends = this.#threads.map((thread) => thread.end(limitMs, graceMs));
    await Promise.all([...ends, this.#engine?.end(limitMs, graceMs)]);
  }

  /** Thread of every tile; none, where the tile is another process's. */
  threadOf(plan: Plan, threadCount: number): number[] {
    const { tiles } = this.#part ?? {};
    if (tiles === undefined) return threadsOfTiles(plan, threadCount);
    return plan.tiles.map(({ index }) => {
      const place = tiles.indexOf(index);
      return place < 0 ? -1 : place % threadCount;
    });
  }

  #threadTask(plan: Plan, model: WeightSource, use: ThreadUse): Omit<ThreadTask, 'port'> {
    const threadOf = this.threadOf(plan, use.options.threadCount);
    const tiles = plan.tiles.filter((tile) => threadOf[tile.index] === use.thread);
    const { threadCount } = use.options;
    const spinCount = threadCount <= availableParallelism() ? SPIN_COUNT : 0;
    const isOwn = (tile: number): boolean => threadOf[tile] === use.thread;
    const channels = plan.channels.filter(({ source, target }) => isOwn(source) || isOwn(target));
    const needed = new Set(channels.flatMap(({ source, target }) => [source, target]));
    for (const tile of tiles) needed.add(tile.index);
    const memories = [...this.memories].filter(([tile]) => needed.has(tile));
    return {
      thread: use.thread,
      tiles,
      channels,
      memories: new Map(memories),
      threadOf,
      doorbells: this.doorbells,
      engineThread: threadCount,
      host: this.host,
      kernels: compileKernels(use.rounding),
      source: model.source,
      vocabCount: plan.spec.vocabCount,
      rowsMax: plan.options.rowsMax,
      spinCount: this.#part?.spinCount ?? spinCount,
      sources: use.links.sources.filter(({ source }) => isOwn(source)),
      targets: use.links.targets.filter(({ target }) => isOwn(target)),
      chip: this.#part?.chipTasks[use.thread],
      trace: this.#traceOf(use.thread),
      clock: this.#clock,
    };
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

  #traceOf(thread: number): { ring: SharedArrayBuffer; originMs: number } | undefined {
    const ring = this.traceRings[thread];
    return ring && { ring, originMs: performance.timeOrigin };
  }

  /** One port pair for every two tiles that a channel joins across a kerf. */
  #createLinks(plan: Plan, options: FleetOptions): Links {
    if (this.#part !== undefined) return { sources: [], targets: [] };
    const { chipOf } = options.dice;
    const pairs = new Map<string, { source: number; target: number }>();
    for (const { source, target } of plan.channels) {
      if (chipOf[source] !== chipOf[target]) pairs.set(`${source}>${target}`, { source, target });
    }
    const links: Links = { sources: [], targets: [] };
    for (const pair of pairs.values()) {
      const { port1, port2 } = new MessageChannel();
      links.sources.push({ ...pair, port: port1 });
      links.targets.push({ ...pair, port: port2 });
    }
    return links;
  }

  /** Starts a thread; resolves when it has loaded. Later failures are crashes. */
  #startThread(
    task: Omit<ThreadTask, 'port'>,
    { isRunning, spares }: { isRunning: () => void; spares: SpareThreads | undefined },
  ): Promise<void> {
    const loaded = Promise.withResolvers<void>();
    const place = { thread: task.thread, tiles: task.tiles.map(({ index }) => index) };
    const fail = (reason: unknown): void => {
      isRunning();
      const error = threadError(reason, place);
      loaded.reject(error);
      this.#crash(error);
    };
    try {
      const entry = './tile/worker';
      const thread = spares?.take<ThreadMessage>(entry) ?? startThread(entry, task.thread);
      this.#threads.push(thread);
      thread.assign({
        task: (port): ThreadTask => ({ ...task, port }),
        transferList: [...task.sources, ...task.targets].map(({ port }) => port),
        onMessage: (message) => {
          if (message.kind === 'failed') fail(message.error);
          else if (message.kind === 'running') isRunning();
          else {
            this.#loadMs = Math.max(this.#loadMs, message.loadMs);
            append(this.shardErrors, message.shardErrors);
            loaded.resolve();
          }
        },
        onEnd: fail,
      });
    } catch (error) {
      fail(error);
    }
    return loaded.promise;
  }

  #crash(error: Error): void {
    if (this.#isStopping || this.#hasCrashed) return;
    this.#hasCrashed = true;
    this.#running.resolve();
    this.#failed.reject(error);
    this.#listener.onCrash(error);
  }
}

type WeightSource = Pick<Model, 'source'>;

/** What of the options tile threads know. */
export type FleetOptions = Pick<
  ResolvedOptions,
  'threadCount' | 'traceRecords' | 'dice' | 'virtual' | 'limits'
>;

/** What tile threads are started with. */
export interface FleetUse {
  options: FleetOptions;
  rounding: Rounding;
  /** Threads that wait for a task. Default: none. */
  spares?: SpareThreads | undefined;
}

/** What the engine is started with. */
export interface EngineUse extends FleetUse {
  options: ResolvedOptions;
}

interface Links {
  sources: PortEnd[];
  targets: PortEnd[];
}

interface ThreadUse extends FleetUse {
  thread: number;
  links: Links;
}

/** Tiles are dealt out in turn, so that the tiles of a pipeline stage spread over the threads. */
export function threadsOfTiles(plan: Plan, threadCount: number): number[] {
  return plan.tiles.map((tile) => tile.index % threadCount);
}

function threadError(reason: unknown, place: { thread: number; tiles: number[] }): WaferError {
  if (reason instanceof WaferError) return reason;
  if (typeof reason === 'object' && reason !== null && 'code' in reason && 'details' in reason) {
    return WaferError.fromJSON(reason as { code: ErrorCode; details: Record<string, unknown> });
  }
  return new WaferError('TILE_CRASHED', { ...place, reason: String(reason) });
}
