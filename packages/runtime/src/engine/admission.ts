/**
 * Who is taken, who runs first, who gives way: the scheduler asks, a policy answers.
 *
 * Policies are pure: they see what waits and runs, and compare. Both orders must be total, and a
 * sequence's place in them must not fall while it waits, so that everything finishes.
 */
import type { Sequence } from './sequence.ts';

/** What waits at the moment. */
export interface QueueLoad {
  requestCount: number;
  promptTokens: number;
}

/** Why a request is not taken: what is full, its bound, and where it would come to. */
export interface Refusal {
  what: 'requests' | 'prompt tokens';
  bound: number;
  current: number;
}

export interface AdmissionPolicy {
  /** Why a sequence may not even wait; undefined if it may. */
  refuses(load: QueueLoad, sequence: Sequence): Refusal | undefined;

  /** Negative if `a` is admitted before `b`; `runningCount` tells how many a tenant has running. */
  compareWaiting(a: Sequence, b: Sequence, runningCount: (tenant: string) => number): number;

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

/**
 * Larger priority first; of equals the tenant with the fewest sequences running for its weight;
 * then first come, first served. An empty queue takes a prompt of any length.
 */
export function fairPolicy(bounds: QueueBounds = QUEUE_BOUNDS_DEFAULT): AdmissionPolicy {
  const { requestsMax, promptTokensMax } = bounds;
  return {
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
    compareWaiting(a, b, runningCount) {
      if (a.priority !== b.priority) return b.priority - a.priority;
      const share = (one: Sequence): number => runningCount(one.tenant) / one.weight;
      return (a.tenant === b.tenant ? 0 : share(a) - share(b)) || a.arrival - b.arrival;
    },
    compareRunning: (a, b) => b.priority - a.priority || a.arrival - b.arrival,
  };
}
