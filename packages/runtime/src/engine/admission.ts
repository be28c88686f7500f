/**
 * Who is taken, who runs first, who gives way: the scheduler asks, a policy answers.
 *
 * Policies are pure: they see what waits and runs, and compare. Both orders must be total, and a
 * sequence's place in them must not fall while it waits, so that everything finishes.
 */
import { KV_BLOCK_TOKENS } from '@wafer/core';
import type { Reservation } from '../options/reservation.ts';
import type { Sequence } from './sequence.ts';

/** What waits at the moment. */
export interface QueueLoad {
  requestCount: number;
  promptTokens: number;
}

/** Why a request is not taken: what is full, its bound, and where it would come to. */
export interface AdmissionRefusal {
  what: 'requests' | 'prompt tokens';
  bound: number;
  current: number;
}

/** What runs at the moment, as a policy sees it. */
export interface RunningView {
  nowMs: number;
  /** Sequences that may still be admitted. */
  freeCount: number;
  /** How many a tenant has running. */
  runningCount(tenant: string): number;
  /** Those of them that run within what is reserved, and positions that they may come to. */
  reservedCount(tenant: string): number;
  reservedTokens(tenant: string): number;
}

export interface AdmissionPolicy {
  /** Why a sequence may not even wait; undefined if it may. */
  refuses(load: QueueLoad, sequence: Sequence): AdmissionRefusal | undefined;

  /** Whether it would run within what is reserved for its tenant. */
  isReserved(sequence: Sequence, view: RunningView): boolean;

  /** Slots and rows of a step that are kept for those whose reservation is not used. */
  keptCount(view: RunningView): number;

  /** Whether there is a slot for it, those kept for others left out. */
  hasSlot(sequence: Sequence, view: RunningView): boolean;

  /** Negative if `a` is admitted before `b`. */
  compareWaiting(a: Sequence, b: Sequence, view: RunningView): number;

  /** What its priority has come to by waiting. */
  rank(sequence: Sequence, nowMs: number): number;

  /** Negative if `a` keeps its blocks longer than `b`: the last of all is preempted. */
  compareRunning(a: Sequence, b: Sequence): number;
}

/** Bounds of the queue: what waits, not what runs. */
export interface QueueBounds {
  requestsMax: number;
  promptTokensMax: number;
}

/** A queue of some minutes on a small machine; its tokens take 16 MB. */
export const QUEUE_BOUNDS_DEFAULT: Readonly<QueueBounds> = Object.freeze({
  requestsMax: 4096,
  promptTokensMax: 4 * 2 ** 20,
});

/** Waiting so long is worth one level of priority. */
export const AGING_MS = 1000;

/**
 * What is reserved first; then larger priority, which grows by one each second of waiting, so that
 * nobody starves; of equals the tenant with the fewest sequences running for its weight; then first
 * come, first served. An empty queue takes a prompt of any length.
 *
 * A reserved sequence is preempted by none but its own kind: as the shares of all together are at
 * most the cache, it always has its blocks, and a row in every step.
 */
export function fairPolicy(
  bounds: QueueBounds = QUEUE_BOUNDS_DEFAULT,
  reservations: readonly Reservation[] = [],
): AdmissionPolicy {
  const { requestsMax, promptTokensMax } = bounds;
  const shares = new Map(reservations.map((one) => [one.tenant, one]));
  const rank = ({ priority, arrivedAtMs }: Sequence, nowMs: number): number =>
    priority + Math.floor(Math.max(0, nowMs - arrivedAtMs) / AGING_MS);
  const isReserved = (sequence: Sequence, view: RunningView): boolean => {
    const { tenant } = sequence;
    const share = shares.get(tenant);
    if (share === undefined || view.reservedCount(tenant) >= share.slots) return false;
    return view.reservedTokens(tenant) + blockTokens(sequence) <= share.kvTokens;
  };
  const keptCount = (view: RunningView): number => {
    let count = 0;
    for (const { tenant, slots } of reservations) {
      count += Math.max(0, slots - view.reservedCount(tenant));
    }
    return count;
  };
  return {
    rank,
    isReserved,
    keptCount,
    refuses(load, { promptCount }) {
      if (load.requestCount === 0) return undefined;
      const requestCount = load.requestCount + 1;
      if (requestCount > requestsMax) {
        return { what: 'requests', bound: requestsMax, current: requestCount };
      }
      const promptTokens = load.promptTokens + promptCount;
      if (promptTokens <= promptTokensMax) return undefined;
      return { what: 'prompt tokens', bound: promptTokensMax, current: promptTokens };
    },
    hasSlot(sequence, view) {
      if (isReserved(sequence, view)) return view.freeCount > 0;
      return view.freeCount > keptCount(view);
    },
    compareWaiting(a, b, view) {
      if (reservations.length > 0) {
        const [isFirst, isSecond] = [isReserved(a, view), isReserved(b, view)];
        if (isFirst !== isSecond) return isFirst ? -1 : 1;
      }
      const ranks = rank(b, view.nowMs) - rank(a, view.nowMs);
      if (ranks !== 0) return ranks;
      const share = (one: Sequence): number => view.runningCount(one.tenant) / one.weight;
      return (a.tenant === b.tenant ? 0 : share(a) - share(b)) || a.arrival - b.arrival;
    },
    compareRunning: (a, b) =>
      Number(b.isReserved) - Number(a.isReserved) || b.rank - a.rank || a.arrival - b.arrival,
  };
}

/** Positions of the blocks that a sequence may come to hold. */
export function blockTokens({ positionsMax }: Sequence): number {
  return Math.ceil(positionsMax / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
}
