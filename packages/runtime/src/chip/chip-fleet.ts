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
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WaferError } from '@wafer/core';
import type { ErrorCode, Plan } from '@wafer/core';
import { createDoorbells, ringStop } from '@wafer/fabric';
import { isRevectorized } from '@wafer/kernels';
import { EngineThread } from '../engine/engine-thread.ts';
import type { EngineCommand, EngineEvent } from '../engine/messages.ts';
import type { EngineUse, FleetListener, FleetUse, WaferFleet } from '../fleet.ts';
import { createMemories, createSharedMemory, hostLayout } from '../host.ts';
import type { HostLayout } from '../host.ts';
import type { Model } from '../load/source.ts';
import type { ResolvedOptions } from '../options.ts';
import { workerExecArgv } from '../thread-settings.ts';
import { createTraceRing } from '../trace/trace-ring.ts';
import { workerEntry } from '../worker-entry.ts';
import { chipSetups, threadsInAll } from './chip-setups.ts';
import type { FromRelay, RelayTask, ToRelay } from './relay/relay-task.ts';
import { chipDied, ChipProcesses } from './spawn-chips.ts';

const [RELAY, ENGINE, THREADS] = [0, 1, 2];
/** A chip that dies breaks the links of others; their complaint waits so long for the cause. */
const CAUSE_MS_MAX = 250;

export class ChipFleet implements WaferFleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  readonly traceRings: readonly SharedArrayBuffer[];
  readonly #host: { memory: WebAssembly.Memory; layout: HostLayout };
  readonly #doorbells: Int32Array = createDoorbells(THREADS!);
  readonly #options: ResolvedOptions;
  readonly #listener: FleetListener;
  readonly #secret: Uint8Array;
  readonly #engine: EngineThread;
  readonly #loaded = Promise.withResolvers<void>();
  #port: MessagePort | undefined;
  #relayExit: Promise<unknown> | undefined;
  #processes: ChipProcesses | undefined;
  #refreshCount = 0;
  readonly #refreshes = new Map<number, () => void>();
  #delivered: Promise<void> | undefined;
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
    const layout = hostLayout(plan);
    this.#host = { memory: createSharedMemory(layout.bytes), layout };
    const { traceRecords, prefillChunk, reusePrefixes, recordSteps } = options;
    this.traceRings = traceRecords > 0 ? [createTraceRing(traceRecords)] : [];
    const [ring] = this.traceRings;
    this.#loaded.promise.catch(() => undefined); // `load` sees it
    const shares = {
      plan,
      memories: this.memories,
      threadOf: tiles.map(() => RELAY!),
      doorbells: this.#doorbells,
      engineThread: ENGINE!,
      host: this.#host,
      prefillChunk,
      reusePrefixes,
      recordSteps,
      trace: ring && { ring, originMs: performance.timeOrigin },
    };
    this.#engine = new EngineThread(shares, {
      onEvents: (events) => this.#deliver(events),
      onCrash: (error) => this.#crash(error),
    });
  }

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
    if (chips.length === 0) {
      this.#processes = new ChipProcesses({
        count: dice.chips.width * dice.chips.height,
        kind: link === 'unix' ? 'unix' : 'tcp',
        order: {
          secret: Buffer.from(this.#secret).toString('hex'),
          rounding: use.rounding,
          revectorize: isRevectorized(),
        },
        onExit: (_, error) => this.#crash(error),
      });
    }
    const setups = chipSetups(plan, model, this.#options);
    const { port1, port2 } = new MessageChannel();
    const workerData: RelayTask = {
      plan,
      setups,
      secret: this.#secret,
      rounding: use.rounding,
      memories: this.memories,
      host: this.#host,
      doorbells: this.#doorbells,
      port: port2,
    };
    const url = workerEntry('./chip/relay/worker');
    const execArgv = workerExecArgv();
    const relay = new Worker(url, { workerData, execArgv, transferList: [port2] });
    this.#relayExit = new Promise((resolve) => relay.once('exit', resolve));
    relay.once('error', (error) => this.#crash(relayCrash(String(error))));
    relay.once('exit', (code) => this.#crash(relayCrash(`it exited with code ${code}`)));
    this.#port = port1;
    port1.on('message', (message: FromRelay) => this.#hear(message));
    port1.unref();
    const addresses = (await this.#processes?.addresses()) ?? [...chips];
    this.#tell({ kind: 'connect', addresses });
    await this.#loaded.promise;
  }

  startEngine(_plan: Plan, model: Model, { options, rounding }: EngineUse): Promise<void> {
    // It waits for processes of this machine, which need the cores.
    const threadCount = threadsInAll(options) + 1;
    return this.#engine.start(model, { rounding, threadCount });
  }

  command(command: EngineCommand, transferList: ArrayBuffer[] = []): void {
    this.#engine.command(command, transferList);
  }

  /** Ends all threads and processes, and removes their files. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    ringStop(this.#doorbells);
    for (const resolve of this.#refreshes.values()) resolve();
    await Promise.allSettled([this.#engine.ended(), this.#relayExit]);
    this.#port?.close();
    await this.#processes?.end();
  }

  // ---- what comes back

  /** Hands events on in order; where a request ends, after the figures of all chips. */
  #deliver(events: EngineEvent[]): void {
    const isEnd = events.some(
      (event) =>
        event.kind === 'metrics' ||
        (event.kind === 'piece' && event.finish !== undefined) ||
        (event.kind === 'logits' && event.isLast),
    );
    if (!isEnd && this.#delivered === undefined) return this.#listener.onEvents(events);
    const before = this.#delivered ?? Promise.resolve();
    const ready = isEnd ? Promise.all([before, this.#refresh()]) : before;
    const delivered = ready.then(() => {
      if (this.#delivered === delivered) this.#delivered = undefined;
      this.#listener.onEvents(events);
    });
    this.#delivered = delivered;
    return undefined;
  }

  #refresh(): Promise<void> {
    if (this.#isStopping) return Promise.resolve();
    const id = ++this.#refreshCount;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#refreshes.set(id, resolve);
    this.#tell({ kind: 'counters', id });
    return promise;
  }

  #tell(message: ToRelay): void {
    this.#port?.postMessage(message);
  }

  #hear(message: FromRelay): void {
    if (message.kind === 'loaded') {
      this.#loaded.resolve();
    } else if (message.kind === 'counters') {
      this.#refreshes.get(message.id)?.();
      this.#refreshes.delete(message.id);
    } else if (message.kind === 'ended') {
      const { chip, error } = message;
      const isTold = error !== undefined && error.code !== 'LINK_BROKEN';
      this.#crash(isTold ? coded(error) : chipDied(chip, reasonOf(error)));
    } else {
      const error = coded(message.error);
      const isConsequence = error.code === 'LINK_BROKEN';
      setTimeout(() => this.#crash(error), isConsequence ? CAUSE_MS_MAX : 0);
    }
  }

  #crash(error: Error): void {
    if (this.#isStopping) return;
    this.#loaded.reject(error);
    this.#listener.onCrash(error);
  }
}

function coded({ code, details }: { code: string; details: object }): WaferError {
  return new WaferError(code as ErrorCode, details as Record<string, unknown>);
}

function reasonOf(error: { details: Readonly<Record<string, unknown>> } | undefined): string {
  return error === undefined ? 'it closed its link' : String(error.details['reason']);
}

function relayCrash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'relay', tiles: 'none', reason });
}
