/**
 * The threads of a wafer: tile threads in a pool, the engine in a worker of its own, and the shared
 * memories between them. All memories belong to the caller's thread and outlive the workers.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { WaferError } from '@wafer/core';
import type { ErrorCode, Plan, Rounding } from '@wafer/core';
import { createDoorbells, Doorbell, ringStop } from '@wafer/fabric';
import { compileKernels } from '@wafer/kernels';
import type { EngineCommand, EngineEvent, EngineTask } from './engine/messages.ts';
import { createSharedMemory, hostLayout } from './host.ts';
import type { HostLayout } from './host.ts';
import type { Model } from './load/source.ts';
import { collectTokenBytes } from './load/token-bytes.ts';
import type { TokenBytes } from './load/token-bytes.ts';
import { createTokenizer } from './load/tokenizer.ts';
import type { ResolvedOptions } from './options.ts';
import { createTraceRing } from './trace/trace-ring.ts';
import { workerEntry } from './worker-entry.ts';
import type { PortEnd, ThreadMessage, ThreadTask } from './tile/thread-task.ts';

/** Rounds of looking for work before sleeping, about 20 µs. */
const SPIN_COUNT = 1000;

/** Threads make little garbage: a small young generation keeps 4 MB a thread from being touched. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 2 };

/** What the owner of a fleet is told. */
export interface FleetListener {
  onEvents(events: EngineEvent[]): void;
  /** A thread ended that should not have; the fleet is useless from now on. */
  onCrash(error: Error): void;
}

export class Fleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  readonly #host: { memory: WebAssembly.Memory; layout: HostLayout };
  readonly #hostWords: Int32Array;
  readonly #doorbells: Int32Array;
  readonly #pool: Piscina;
  /** One ring per tile thread, then the engine's; empty without a trace. */
  readonly traceRings: readonly SharedArrayBuffer[];
  readonly #threads: Promise<unknown>[] = [];
  readonly #engineDoorbell: Doorbell;
  readonly #listener: FleetListener;
  #engineExit: Promise<unknown> | undefined;
  #port: MessagePort | undefined;
  readonly #running = Promise.withResolvers<void>();
  #isStopping = false;

  constructor(plan: Plan, options: ResolvedOptions, listener: FleetListener) {
    this.#listener = listener;
    const memories = plan.tiles.map((tile) => createSharedMemory(tile.sramBytes));
    this.memories = new Map(memories.map((memory, tile) => [tile, memory]));
    const layout = hostLayout(plan);
    this.#host = { memory: createSharedMemory(layout.bytes), layout };
    this.#hostWords = new Int32Array(this.#host.memory.buffer, 0, 16);
    const { threadCount } = options;
    this.#doorbells = createDoorbells(threadCount + 1);
    const ringCount = options.traceRecords > 0 ? threadCount + 1 : 0;
    this.traceRings = Array.from({ length: ringCount }, () =>
      createTraceRing(options.traceRecords),
    );
    this.#engineDoorbell = new Doorbell(this.#doorbells, threadCount);
    this.#pool = new Piscina({
      filename: workerEntry('./tile/worker').href,
      minThreads: threadCount,
      maxThreads: threadCount,
      concurrentTasksPerWorker: 1,
      idleTimeout: Infinity,
      atomics: 'disabled',
      resourceLimits: RESOURCE_LIMITS,
      execArgv: workerExecArgv(),
    });
  }

  /** Resolves once every tile thread loads, or has failed; until then they need this thread. */
  get running(): Promise<void> {
    return this.#running.promise;
  }

  /** Bytes of weights in place so far, to the KiB. */
  get loadedBytes(): number {
    return Atomics.load(this.#hostWords, this.#host.layout.loadedKib / 4) * 1024;
  }

  /** Starts the tile threads and resolves once all weights are in place. */
  async load(plan: Plan, model: Model, use: FleetUse): Promise<void> {
    const links = this.#createLinks(plan, use.options);
    const { threadCount } = use.options;
    const started: Promise<void>[] = [];
    const loaded: Promise<void>[] = [];
    for (let thread = 0; thread < threadCount; thread++) {
      const { port1, port2 } = new MessageChannel();
      const task = this.#threadTask(plan, model, { ...use, thread, links, control: port2 });
      const ports = [port2, ...[...task.sources, ...task.targets].map(({ port }) => port)];
      // The pool declares this list by a type of the web's library, which is no array.
      const transferList: object = ports;
      const tiles = task.tiles.map((tile) => tile.index);
      const run = this.#pool.run(task, { name: 'runThread', transferList });
      this.#threads.push(run);
      const running = Promise.withResolvers<void>();
      const isRunning = running.resolve;
      started.push(running.promise);
      loaded.push(this.#watchThread(port1, run, { thread, tiles, isRunning }));
    }
    void Promise.all(started).then(() => this.#running.resolve());
    await Promise.all(loaded);
  }

  /** Starts the engine and resolves once it takes requests. */
  startEngine(plan: Plan, model: Model, use: FleetUse): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const { prefillChunk, reusePrefixes, recordSteps, threadCount } = use.options;
    const workerData: EngineTask = {
      plan,
      memories: this.memories,
      threadOf: threadsOfTiles(plan, threadCount),
      doorbells: this.#doorbells,
      engineThread: threadCount,
      host: this.#host,
      kernels: compileKernels(use.rounding),
      tokenBytes: tokenBytesOf(model),
      prefillChunk,
      reusePrefixes,
      recordSteps,
      spinCount: threadCount < availableParallelism() ? SPIN_COUNT : 0,
      trace: this.#traceOf(threadCount),
      port: port2,
    };
    this.#port = port1;
    const url = workerEntry('./engine/worker');
    const engine = new Worker(url, {
      workerData,
      execArgv: workerExecArgv(),
      resourceLimits: RESOURCE_LIMITS,
      transferList: [port2],
    });
    this.#engineExit = new Promise((resolve) => engine.once('exit', resolve));
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        const error = engineCrash(reason);
        reject(error);
        this.#crash(error);
      };
      port1.on('message', (events: EngineEvent[]) => {
        for (const event of events) {
          if (event.kind === 'ready') resolve();
          if (event.kind === 'crashed') fail(event.reason);
        }
        this.#listener.onEvents(events);
      });
      port1.unref();
      engine.once('error', (error) => fail(String(error)));
      engine.once('exit', (code) => fail(`it exited with code ${code}`));
    });
  }

  /** Sends a command to the engine and wakes it. */
  command(command: EngineCommand, transferList: ArrayBuffer[] = []): void {
    this.#port?.postMessage(command, transferList);
    Atomics.add(this.#hostWords, this.#host.layout.commands / 4, 1);
    this.#engineDoorbell.ring();
  }

  /** Ends all threads. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    ringStop(this.#doorbells);
    await Promise.allSettled([...this.#threads, this.#engineExit]);
    this.#port?.close();
    await this.#pool.destroy();
  }

  #threadTask(plan: Plan, model: Model, use: ThreadUse): ThreadTask {
    const threadOf = threadsOfTiles(plan, use.options.threadCount);
    const tiles = plan.tiles.filter((tile) => threadOf[tile.index] === use.thread);
    const isOwn = (tile: number): boolean => threadOf[tile] === use.thread;
    const channels = plan.channels.filter(({ source, target }) => isOwn(source) || isOwn(target));
    const needed = new Set(channels.flatMap(({ source, target }) => [source, target]));
    for (const tile of tiles) needed.add(tile.index);
    return {
      thread: use.thread,
      tiles,
      channels,
      memories: new Map([...needed].map((tile) => [tile, this.memories.get(tile)!])),
      threadOf,
      doorbells: this.#doorbells,
      engineThread: use.options.threadCount,
      host: this.#host,
      kernels: compileKernels(use.rounding),
      source: model.source,
      vocabCount: plan.spec.vocabCount,
      rowsMax: plan.options.rowsMax,
      spinCount: use.options.threadCount <= availableParallelism() ? SPIN_COUNT : 0,
      sources: use.links.sources.filter(({ source }) => isOwn(source)),
      targets: use.links.targets.filter(({ target }) => isOwn(target)),
      trace: this.#traceOf(use.thread),
      control: use.control,
    };
  }

  #traceOf(thread: number): { ring: SharedArrayBuffer; originMs: number } | undefined {
    const ring = this.traceRings[thread];
    return ring && { ring, originMs: performance.timeOrigin };
  }

  /** One port pair for every two tiles that a channel joins across a kerf. */
  #createLinks(plan: Plan, options: ResolvedOptions): Links {
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

  /** Resolves when a thread has loaded; later failures are crashes. */
  #watchThread(
    port: MessagePort,
    run: Promise<unknown>,
    { isRunning, ...place }: { thread: number; tiles: number[]; isRunning: () => void },
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      const fail = (reason: unknown): void => {
        isRunning();
        const error = threadError(reason, place);
        reject(error);
        this.#crash(error);
      };
      port.on('message', (message: ThreadMessage) => {
        if (message.kind === 'failed') fail(message.error);
        else if (message.kind === 'loaded') resolve();
        else isRunning();
      });
      port.unref();
      run.catch(fail);
    });
  }

  #crash(error: Error): void {
    if (this.#isStopping) return;
    this.#listener.onCrash(error);
  }
}

/** What threads are started with. */
export interface FleetUse {
  options: ResolvedOptions;
  rounding: Rounding;
}

interface Links {
  sources: PortEnd[];
  targets: PortEnd[];
}

interface ThreadUse extends FleetUse {
  thread: number;
  links: Links;
  control: MessagePort;
}

/** Tiles are dealt out in turn, so that the tiles of a pipeline stage spread over the threads. */
function threadsOfTiles(plan: Plan, threadCount: number): number[] {
  return plan.tiles.map((tile) => tile.index % threadCount);
}

function tokenBytesOf({ tokenizer, spec }: Model): TokenBytes | undefined {
  return tokenizer && collectTokenBytes(createTokenizer(tokenizer), spec.vocabCount);
}

/** Flags of this process that its threads can have: all but those that bring a program along. */
function workerExecArgv(): string[] {
  const flags: string[] = [];
  for (let i = 0; i < process.execArgv.length; i++) {
    const flag = process.execArgv[i]!;
    if (/^(-e|-p|-pe|--eval|--print)$/.test(flag)) i++;
    else if (!/^--(input-type|eval|print)\b/.test(flag)) flags.push(flag);
  }
  return flags;
}

/** The error of an engine that ended by itself. */
export function engineCrash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'engine', tiles: 'none', reason });
}

function threadError(reason: unknown, place: { thread: number; tiles: number[] }): WaferError {
  if (typeof reason === 'object' && reason !== null && 'code' in reason && 'details' in reason) {
    return WaferError.fromJSON(reason as { code: ErrorCode; details: Record<string, unknown> });
  }
  return new WaferError('TILE_CRASHED', { ...place, reason: String(reason) });
}
