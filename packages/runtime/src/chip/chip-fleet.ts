/**
 * A wafer whose chips are processes, as the parent has it: engine, relay, children.
 *
 *   engine ─ images of SRAM, host memory ─ relay ─ links ─▶ chips ◀─ links ─▶ chips
 *
 * The engine works on images of the tiles' SRAM, of which only records and counters are ever
 * written; pages that nobody touches take no room. The figures of a request are in the images
 * before its end is told.
 */
import { randomBytes } from 'node:crypto';
import { WaferError, append } from '@wafer/core';
import type { ErrorCode, Plan } from '@wafer/core';
import { createDoorbells, ringStop } from '@wafer/fabric';
import { isRevectorized } from '@wafer/kernels';
import type { Model, ShardError } from '@wafer/models';
import { slotRange } from '../adapters/adapter-slots.ts';
import type { AdapterSlots } from '../adapters/adapter-slots.ts';
import { EngineThread } from '../engine/engine-thread.ts';
import type { EngineCommand, EngineEvent } from '../engine/messages.ts';
import type { EngineUse, FleetListener, FleetUse, WaferFleet } from '../fleet/wafer-fleet.ts';
import { createMemories, createSharedMemory, hostLayout } from '../host.ts';
import { socketOf } from '../link-kind.ts';
import type { HostLayout } from '../host.ts';
import type { ResolvedOptions } from '../options/options.ts';
import { Watchdog } from '../threads/watchdog.ts';
import { createTraceRing } from '../trace/trace-ring.ts';
import { chipSetups, threadsInAll } from './chip-setups.ts';
import type { FromRelay, PlainError } from './relay/relay-task.ts';
import { RelayThread } from './relay/relay-thread.ts';
import { CAUSE_MS_MAX, chipDied, ChipProcesses } from './spawn-chips.ts';
import { watchChips } from './watch-chips.ts';

const [RELAY, ENGINE, THREADS] = [0, 1, 2];

export class ChipFleet implements WaferFleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  readonly slots: AdapterSlots;
  readonly traceRings: readonly SharedArrayBuffer[];
  readonly shardErrors: ShardError[] = [];
  readonly #host: { memory: WebAssembly.Memory; layout: HostLayout };
  readonly #doorbells: Int32Array = createDoorbells(THREADS!);
  readonly #options: ResolvedOptions;
  readonly #listener: FleetListener;
  readonly #secret: Uint8Array;
  readonly #engine: EngineThread;
  readonly #loaded = Promise.withResolvers<void>();
  #relay: RelayThread | undefined;
  #processes: ChipProcesses | undefined;
  #delivered: Promise<void> | undefined;
  readonly #watchdog: Watchdog;
  /** Signs of life, by chip. */
  readonly #beats: Int32Array;
  #hasLoaded = false;
  #isStopping = false;

  constructor(
    plan: Plan,
    options: ResolvedOptions,
    parts: FleetListener & { secret: Uint8Array | undefined },
  ) {
    this.#options = options;
    this.#listener = parts;
    this.#secret = parts.secret ?? randomBytes(32);
    const tiles = plan.tiles.map(({ index }) => index);
    this.memories = createMemories(plan, tiles);
    this.slots = {
      fill: async (part, write) => {
        const bytes = new ArrayBuffer(slotRange(plan, part).bytes);
        write(bytes, 0);
        await this.#relay!.place(part, bytes);
      },
    };
    const layout = hostLayout(plan);
    this.#host = { memory: createSharedMemory(layout.bytes), layout };
    const { traceRecords, prefillChunk, reservations, reusePrefixes, recordSteps } = options;
    this.traceRings = traceRecords > 0 ? [createTraceRing(traceRecords)] : [];
    const [ring] = this.traceRings;
    const { width, height } = options.dice.chips;
    this.#beats = new Int32Array(new SharedArrayBuffer(4 * width * height));
    this.#watchdog = new Watchdog(options.limits, (error) => this.#crash(error));
    this.#loaded.promise.catch(() => undefined); // `load` sees it
    const shares = {
      plan,
      memories: this.memories,
      threadOf: tiles.map(() => RELAY!),
      doorbells: this.#doorbells,
      engineThread: ENGINE!,
      host: this.#host,
      ...{ prefillChunk, reservations, reusePrefixes, recordSteps },
      clock: undefined, // its words cannot be shared between processes
      trace: ring && { ring, originMs: performance.timeOrigin },
    };
    this.#engine = new EngineThread(shares, {
      onEvents: (events) => this.#deliver(events),
      onCrash: (error) => this.#crash(error),
    });
  }

  /** Tile threads are other processes'. */
  readonly running: Promise<void> = Promise.resolve();

  /** Not told by chips. */
  readonly loadMs: number = 0;

  /** Bytes of weights in place so far, to the KiB. */
  get loadedBytes(): number {
    const words = new Int32Array(this.#host.memory.buffer, 0, 16);
    return Atomics.load(words, this.#host.layout.loadedKib / 4) * 1024;
  }

  /** Process ids of the chips that were started here. */
  get processIds(): readonly number[] {
    return this.#processes?.processIds ?? [];
  }

  /** Starts or joins the chips and resolves once all weights are in place. */
  async load(plan: Plan, model: Model, use: FleetUse): Promise<void> {
    const { link, chips, dice } = this.#options;
    watchChips(this.#watchdog, {
      ...{ doorbells: this.#doorbells, beats: this.#beats, limits: this.#options.limits },
      threads: { 'Wafer.Engine': ENGINE!, 'Wafer.Relay': RELAY! },
      ping: () => this.#relay?.ping(),
      hasLoaded: () => this.#hasLoaded,
    });
    if (chips.length === 0) {
      this.#processes = new ChipProcesses({
        count: dice.chips.width * dice.chips.height,
        kind: socketOf(link),
        order: {
          secret: Buffer.from(this.#secret).toString('hex'),
          isAuthenticated: false, // nothing leaves this machine
          rounding: use.rounding,
          revectorize: isRevectorized(),
        },
        onExit: ({ error, isOwn }) => this.#crashOnceTold(error, { isOwn }),
      });
    }
    const task = {
      plan,
      setups: chipSetups(plan, model, this.#options),
      secret: this.#secret,
      isAuthenticated: chips.length > 0,
      rounding: use.rounding,
      memories: this.memories,
      host: this.#host,
      doorbells: this.#doorbells,
      beats: this.#beats,
    };
    const relay = new RelayThread(task, {
      onMessage: (message) => this.#hear(message),
      onCrash: (error) => this.#crash(error),
    });
    this.#relay = relay;
    const addresses = this.#processes?.addresses() ?? Promise.resolve([...chips]);
    const failed = this.#loaded.promise.then(() => []);
    relay.connect(await Promise.race([addresses, failed]));
    await this.#loaded.promise;
  }

  startEngine(_plan: Plan, model: Model, { options, rounding }: EngineUse): Promise<void> {
    // It waits for processes of this machine, which need the cores.
    const threadCount = threadsInAll(options) + 1;
    const started = this.#engine.start(model, { rounding, threadCount });
    return Promise.race([started, this.#loaded.promise.then(async () => started)]);
  }

  command(command: EngineCommand, transferList: ArrayBuffer[] = []): void {
    this.#engine.command(command, transferList);
  }

  /** Ends all threads and processes, and removes their files. */
  async stop({ isForced }: { isForced: boolean } = { isForced: false }): Promise<void> {
    this.#isStopping = true;
    this.#watchdog.stop();
    ringStop(this.#doorbells);
    const { closeMs } = this.#options.limits;
    const graceMs = isForced ? 0 : closeMs;
    await Promise.all([this.#engine.end(closeMs, graceMs), this.#relay?.end(closeMs)]);
    await this.#processes?.end(closeMs);
  }

  // ---- what comes back

  /** Hands events on in order; where a request ends, after the figures of all chips. */
  #deliver(events: EngineEvent[]): void {
    const isEnd = events.some(
      (event) =>
        event.kind === 'metrics' ||
        (event.kind === 'piece' && event.finish !== undefined) ||
        (event.kind === 'logits' && event.isLast) ||
        event.kind === 'scored' ||
        event.kind === 'embedding',
    );
    if (!isEnd && this.#delivered === undefined) return this.#listener.onEvents(events);
    const before = this.#delivered ?? Promise.resolve();
    const ready = isEnd ? Promise.all([before, this.#relay?.refresh()]) : before;
    const delivered = ready.then(() => {
      if (this.#delivered === delivered) this.#delivered = undefined;
      this.#listener.onEvents(events);
    });
    this.#delivered = delivered;
    return undefined;
  }

  #hear(message: Exclude<FromRelay, { kind: 'counters' | 'placed' }>): void {
    if (message.kind === 'loaded') {
      append(this.shardErrors, message.shardErrors);
      this.#hasLoaded = true;
      this.#watchdog.settle();
      this.#loaded.resolve();
    } else if (message.kind === 'ended') {
      const { chip, error, isOwn } = message;
      this.#crash(isOwn ? coded(error) : chipDied(chip, reasonOf(error)));
    } else {
      const error = coded(message.error);
      this.#crashOnceTold(error, { isOwn: error.code !== 'LINK_BROKEN' });
    }
  }

  /** What is another failure's doing waits for that to be told. */
  #crashOnceTold(error: WaferError, { isOwn }: { isOwn: boolean }): void {
    setTimeout(() => this.#crash(error), isOwn ? 0 : CAUSE_MS_MAX);
  }

  #crash(error: Error): void {
    if (this.#isStopping) return;
    this.#loaded.reject(error);
    this.#relay?.fail(error);
    this.#listener.onCrash(error);
  }
}

function coded({ code, details }: PlainError): WaferError {
  return new WaferError(code as ErrorCode, details);
}

function reasonOf({ details }: PlainError): string {
  return String(details['reason'] ?? 'it closed its link');
}
