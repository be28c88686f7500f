/**
 * The engine's worker, as its owner sees it: started, told commands, heard, and waited for.
 */
import { availableParallelism } from 'node:os';
import { MessageChannel, Worker } from 'node:worker_threads';
import type { MessagePort } from 'node:worker_threads';
import { WaferError } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import { compileKernels } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import { collectTokenBytes, createTokenizer } from '@wafer/text';
import type { TokenBytes } from '@wafer/text';
import { RESOURCE_LIMITS, SPIN_COUNT, workerExecArgv } from '../thread-settings.ts';
import { workerEntry } from '../worker-entry.ts';
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
  #exit: Promise<unknown> | undefined;
  #port: MessagePort | undefined;

  constructor(shares: EngineShares, listener: EngineListener) {
    this.#shares = shares;
    this.#listener = listener;
    this.#doorbell = new Doorbell(shares.doorbells, shares.engineThread);
  }

  /** Starts the worker and resolves once it takes requests. */
  start(model: Model, use: { rounding: 'fused' | 'plain'; threadCount: number }): Promise<void> {
    const { port1, port2 } = new MessageChannel();
    const workerData: EngineTask = {
      ...this.#shares,
      kernels: compileKernels(use.rounding),
      tokenBytes: tokenBytesOf(model),
      spinCount: use.threadCount < availableParallelism() ? SPIN_COUNT : 0,
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
    this.#exit = new Promise((resolve) => engine.once('exit', resolve));
    return new Promise((resolve, reject) => {
      const fail = (reason: string): void => {
        const error = engineCrash(reason);
        reject(error);
        this.#listener.onCrash(error);
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

  /** Sends a command and wakes the engine. */
  command(command: EngineCommand, transferList: ArrayBuffer[] = []): void {
    const { memory, layout } = this.#shares.host;
    this.#port?.postMessage(command, transferList);
    Atomics.add(new Int32Array(memory.buffer, 0, 16), layout.commands / 4, 1);
    this.#doorbell.ring();
  }

  /** Resolves when the worker is gone. */
  async ended(): Promise<void> {
    await this.#exit;
    this.#port?.close();
  }
}

function tokenBytesOf({ tokenizer, spec }: Model): TokenBytes | undefined {
  return tokenizer && collectTokenBytes(createTokenizer(tokenizer), spec.vocabCount);
}

/** The error of an engine that ended by itself. */
export function engineCrash(reason: string): WaferError {
  return new WaferError('TILE_CRASHED', { thread: 'engine', tiles: 'none', reason });
}
