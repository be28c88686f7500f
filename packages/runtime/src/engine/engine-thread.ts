/**
 * The engine's worker, as its owner sees it: started, told commands, heard, and waited for.
 */
import { availableParallelism } from 'node:os';
import { WaferError } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { compileKernels } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import { collectTokenBytes, createTokenizer } from '@wafer/text';
import type { TokenBytes } from '@wafer/text';
import { startThread } from '../spare-threads.ts';
import type { SpareThreads } from '../spare-threads.ts';
import { SPIN_COUNT } from '../threads/thread-settings.ts';
import type { WorkerThread } from '../threads/worker-thread.ts';
import type { EngineCommand, EngineEvent, EngineTask } from './messages.ts';

/** What the engine shares with the rest of the wafer. */
export type EngineShares = Omit<EngineTask, 'kernels' | 'tokenBytes' | 'spinCount' | 'port'>;

/** What the owner of an engine is told. */
export interface EngineListener {
  onEvents(events: EngineEvent[]): void;
  /** It ended, and should not have unless it was stopped. */
  onCrash(error: Error): void;
}

export class EngineThread {
  readonly #shares: EngineShares;
  readonly #doorbell: Doorbell;
  readonly #listener: EngineListener;
  #thread: WorkerThread<EngineEvent[]> | undefined;

  constructor(shares: EngineShares, listener: EngineListener) {
    this.#shares = shares;
    this.#listener = listener;
    this.#doorbell = new Doorbell(shares.doorbells, shares.engineThread);
  }

  /** Starts the worker and resolves once it takes requests. */
  async start(
    model: Model,
    use: { rounding: Rounding; threadCount: number; spares?: SpareThreads | undefined },
  ): Promise<void> {
    const task: Omit<EngineTask, 'port'> = {
      ...this.#shares,
      kernels: compileKernels(use.rounding),
      tokenBytes: tokenBytesOf(model),
      spinCount: use.threadCount < availableParallelism() ? SPIN_COUNT : 0,
    };
    const ready = Promise.withResolvers<void>();
    const fail = (reason: WaferError | string): void => {
      const error = reason instanceof WaferError ? reason : engineCrash(reason);
      ready.reject(error);
      this.#listener.onCrash(error);
    };
    const entry = './engine/worker';
    this.#thread = use.spares?.take(entry) ?? startThread(entry, 0);
    this.#thread.assign({
      task: (port): EngineTask => ({ ...task, port }),
      onMessage: (events) => {
        for (const event of events) {
          if (event.kind === 'ready') ready.resolve();
          if (event.kind === 'crashed') fail(event.reason);
        }
        this.#listener.onEvents(events);
      },
      onEnd: fail,
    });
    return ready.promise;
  }

  /** Sends a command and wakes the engine. */
  command(command: EngineCommand, transferList: ArrayBuffer[] = []): void {
    const { memory, layout } = this.#shares.host;
    this.#thread?.post(command, transferList);
    Atomics.add(new Int32Array(memory.buffer, 0, 16), layout.commands / 4, 1);
    this.#doorbell.ring();
  }

  /** Resolves when the worker is gone, or was left behind, see `WorkerThread`. */
  async end(limitMs: number, graceMs: number = limitMs): Promise<void> {
    await this.#thread?.end(limitMs, graceMs);
  }
}

function tokenBytesOf({ tokenizer, spec }: Model): TokenBytes | undefined {
  return tokenizer && collectTokenBytes(createTokenizer(tokenizer), spec.vocabCount);
}

/** The error of an engine that ended by itself. */
export function engineCrash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'engine', tiles: 'none', reason });
}
