/**
 * What one thread of the calibration measures, on its slice of a memory that all threads share.
 *
 * Threads start together: each counts itself in and spins until all are there. Times are those of
 * the clock that all threads of the process share, in ns.
 */
import { createCopier } from '@wafer/kernels';
import type { CopyKernel } from '@wafer/kernels';
import { Doorbell } from '@wafer/fabric';
import { bindCeilings, FMA_PER_ROUND } from './module.ts';
import type { CeilingKernels } from './module.ts';

/** What a thread is started with. */
export interface CeilingThreadInput {
  thread: number;
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  copyMemory: WebAssembly.Memory;
  /** [0] threads that are there, [1] whose turn it is. */
  words: Int32Array;
  doorbells: Int32Array;
}

export type CeilingQuantity = 'read' | 'copy' | 'fma' | 'handover' | keyof typeof SLEEPERS;

/** One measurement; `address` and `bytes` are of this thread's slice. */
export interface ThreadOrder {
  quantity: CeilingQuantity;
  threadCount: number;
  address: number;
  bytes: number;
  /** Passes over the slice, rounds of multiply-adds or round trips. */
  count: number;
  /** Independent chains of multiply-adds. */
  chains: 10 | 20;
}

/** When a thread began and ended, and what it did: bytes, operations or round trips. */
export interface ThreadResult {
  startNs: bigint;
  endNs: bigint;
  work: number;
}

/** Where `fma` finds its input, and all kernels leave their results: before the first slice. */
export const INPUT_ADDRESS = 0;
const RESULT_ADDRESS = 4096;
const RESULT_BYTES = 512;
/** Addresses from here on are slices. */
export const SLICES_ADDRESS = 65536;
/** A thread that waits is asleep by then; taken off the time of a trip, there and back. */
export const ASLEEP_AFTER_NS = 50_000n;
/** Who sleeps until its turn. Where one keeps its core, the other one is woken on another. */
export const SLEEPERS: Readonly<Record<'doorbell' | 'spin' | 'wake', readonly number[]>> = {
  doorbell: [0, 1],
  spin: [],
  wake: [1],
};
const SPIN_COUNT = 10_000;
const WORDS = { present: 0, turn: 1 } as const;
const FLOPS_PER_VECTOR = 8;

export class CeilingThread {
  readonly #thread: number;
  readonly #kernels: CeilingKernels;
  readonly #copier: CopyKernel;
  /** On the memory that copies go to. */
  readonly #copyKernels: CeilingKernels;
  readonly #words: Int32Array;
  readonly #bells: [Doorbell, Doorbell];

  constructor(input: CeilingThreadInput) {
    this.#thread = input.thread;
    this.#kernels = bindCeilings(input.module, input.memory);
    this.#copier = createCopier(input.memory, input.copyMemory);
    this.#copyKernels = bindCeilings(input.module, input.copyMemory);
    this.#words = input.words;
    this.#bells = [new Doorbell(input.doorbells, 0), new Doorbell(input.doorbells, 1)];
  }

  run(order: ThreadOrder): ThreadResult {
    this.#meet(order.threadCount);
    const startNs = process.hrtime.bigint();
    const work = this.#work(order);
    return { startNs, endNs: process.hrtime.bigint(), work };
  }

  /** Waits for the others: awake for a while, then asleep, should they have no core. */
  #meet(threadCount: number): void {
    let present = Atomics.add(this.#words, WORDS.present, 1) + 1;
    Atomics.notify(this.#words, WORDS.present);
    for (let i = 0; present < threadCount; i++) {
      if (i > SPIN_COUNT) Atomics.wait(this.#words, WORDS.present, present);
      present = Atomics.load(this.#words, WORDS.present);
    }
  }

  #work({ quantity, address, bytes, count, chains }: ThreadOrder): number {
    const result = RESULT_ADDRESS + this.#thread * RESULT_BYTES;
    switch (quantity) {
      case 'read':
        for (let i = 0; i < count; i++) this.#kernels.sum(address, bytes, result);
        return bytes * count;
      case 'copy':
        for (let i = 0; i < count; i++) this.#copier.copy(address, address, bytes);
        return bytes * count;
      case 'fma':
        this.#kernels[`fma${chains}`](count, INPUT_ADDRESS, result);
        return count * chains * FMA_PER_ROUND * FLOPS_PER_VECTOR;
      case 'doorbell':
      case 'spin':
      case 'wake':
        this.#passTurns(count, { sleepers: SLEEPERS[quantity] });
        return count;
      case 'handover':
        // One thread writes what the other reads next, so that each line changes its core twice.
        this.#passTurns(count, {
          sleepers: [],
          act: () => {
            if (this.#thread === 0) this.#copier.copy(address, address, bytes);
            else this.#copyKernels.sum(address, bytes, result);
          },
        });
        return bytes * count;
    }
  }

  /** Two threads hand a turn to each other; a round trip is there and back. */
  #passTurns(
    count: number,
    { sleepers, act }: { sleepers: readonly number[]; act?: () => void },
  ): void {
    const own = this.#thread;
    const [bell, otherBell] = own === 0 ? this.#bells : this.#bells.toReversed();
    const isMine = (): boolean => Atomics.load(this.#words, WORDS.turn) === own;
    const [isSleeping, isRinging] = [sleepers.includes(own), sleepers.includes(1 - own)];
    const waitForTurn = (): void => {
      while (!isMine()) if (isSleeping) bell!.sleepUnless(isMine);
    };
    for (let i = 0; i < count; i++) {
      waitForTurn();
      act?.();
      if (isRinging) spinFor(ASLEEP_AFTER_NS); // until the other one sleeps
      Atomics.store(this.#words, WORDS.turn, 1 - own);
      if (isRinging) otherBell!.ring();
    }
    if (own === 0) waitForTurn();
  }
}

function spinFor(ns: bigint): void {
  const end = process.hrtime.bigint() + ns;
  while (process.hrtime.bigint() < end);
}
