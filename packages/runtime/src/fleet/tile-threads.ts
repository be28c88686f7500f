/**
 * The tile threads of a fleet: what each is told, started with, and heard saying until its weights
 * are in place. Tiles are dealt out in turn, so that those of a pipeline stage spread over threads.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel } from 'node:worker_threads';
import { append, WaferError } from '@wafer/core';
import type { ErrorCode, Plan } from '@wafer/core';
import type { PortEnd } from '@wafer/fabric';
import { compileKernels } from '@wafer/kernels';
import type { ShardError } from '@wafer/models';
import { startThread } from '../spare-threads.ts';
import type { SpareThreads } from '../spare-threads.ts';
import { SPIN_COUNT } from '../threads/thread-settings.ts';
import type { ThreadMessage, ThreadTask } from '../tile/thread-task.ts';
import type { FleetOptions, FleetPart, FleetUse, WeightSource } from './wafer-fleet.ts';
import type { WorkerThread } from '../threads/worker-thread.ts';

/** What tile threads share with the rest of the wafer. */
export interface TileShares extends Pick<ThreadTask, 'doorbells' | 'host' | 'clock'> {
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  traceOf: (thread: number) => ThreadTask['trace'];
  part: FleetPart | undefined;
}

export class TileThreads {
  /** What quantizing at load cost, once all is loaded. */
  readonly shardErrors: ShardError[] = [];
  readonly #shares: TileShares;
  readonly #onCrash: (error: Error) => void;
  readonly #threads: WorkerThread<ThreadMessage>[] = [];
  readonly #running = Promise.withResolvers<void>();
  #loadMs = 0;

  /** `onCrash` is told of every failure, those of the start included. */
  constructor(shares: TileShares, onCrash: (error: Error) => void) {
    this.#shares = shares;
    this.#onCrash = onCrash;
  }

  /** Resolves once every thread loads, or has failed; until then they need this thread. */
  get running(): Promise<void> {
    return this.#running.promise;
  }

  /** Milliseconds that the slowest thread took to read and pack its weights. */
  get loadMs(): number {
    return this.#loadMs;
  }

  /** Starts the threads; resolves once all weights are in place. */
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
    await Promise.all(loaded);
  }

  /** Nobody waits for threads any more. */
  giveUp(): void {
    this.#running.resolve();
  }

  /** Resolves when all threads are gone, or were left behind, see `WorkerThread`. */
  async end(limitMs: number, graceMs: number = limitMs): Promise<void> {
    await Promise.all(this.#threads.map((thread) => thread.end(limitMs, graceMs)));
  }

  /** Thread of every tile; none, where the tile is another process's. */
  threadOf(plan: Plan, threadCount: number): number[] {
    const { tiles } = this.#shares.part ?? {};
    if (tiles === undefined) return threadsOfTiles(plan, threadCount);
    return plan.tiles.map(({ index }) => {
      const place = tiles.indexOf(index);
      return place < 0 ? -1 : place % threadCount;
    });
  }

  #threadTask(plan: Plan, model: WeightSource, use: ThreadUse): Omit<ThreadTask, 'port'> {
    const shares = this.#shares;
    const threadOf = this.threadOf(plan, use.options.threadCount);
    const tiles = plan.tiles.filter((tile) => threadOf[tile.index] === use.thread);
    const { threadCount, hugePages } = use.options;
    const spinCount = threadCount <= availableParallelism() ? SPIN_COUNT : 0;
    const isOwn = (tile: number): boolean => threadOf[tile] === use.thread;
    const channels = plan.channels.filter(({ source, target }) => isOwn(source) || isOwn(target));
    const needed = new Set(channels.flatMap(({ source, target }) => [source, target]));
    for (const tile of tiles) needed.add(tile.index);
    const memories = [...shares.memories].filter(([tile]) => needed.has(tile));
    return {
      thread: use.thread,
      tiles,
      channels,
      memories: new Map(memories),
      threadOf,
      doorbells: shares.doorbells,
      engineThread: threadCount,
      host: shares.host,
      kernels: compileKernels(use.rounding),
      source: model.source,
      hugePages,
      vocabCount: plan.spec.vocabCount,
      rowsMax: plan.options.rowsMax,
      spinCount: shares.part?.spinCount ?? spinCount,
      sources: use.links.sources.filter(({ source }) => isOwn(source)),
      targets: use.links.targets.filter(({ target }) => isOwn(target)),
      chip: shares.part?.chipTasks[use.thread],
      trace: shares.traceOf(use.thread),
      clock: shares.clock,
    };
  }

  /** One port pair for every two tiles that a channel joins across a kerf. */
  #createLinks(plan: Plan, options: FleetOptions): Links {
    if (this.#shares.part !== undefined) return { sources: [], targets: [] };
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
      this.#onCrash(error);
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
}

interface Links {
  sources: PortEnd[];
  targets: PortEnd[];
}

interface ThreadUse extends FleetUse {
  thread: number;
  links: Links;
}

function threadsOfTiles(plan: Plan, threadCount: number): number[] {
  return plan.tiles.map((tile) => tile.index % threadCount);
}

function threadError(reason: unknown, place: { thread: number; tiles: number[] }): WaferError {
  if (reason instanceof WaferError) return reason;
  if (typeof reason === 'object' && reason !== null && 'code' in reason && 'details' in reason) {
    return WaferError.fromJSON(reason as { code: ErrorCode; details: Record<string, unknown> });
  }
  return new WaferError('TILE_CRASHED', { ...place, reason: String(reason) });
}
