/**
 * How often a wafer was started anew, whether it may be once more, and what clients are told then.
 */
import { ApiError } from '../errors/api-error.ts';

/** How often a wafer may be started anew before it is given up. */
export interface RestartBudget {
  countMax: number;
  withinMs: number;
}

export const RESTARTS_DEFAULT: RestartBudget = { countMax: 5, withinMs: 60_000 };

export class Restarts {
  readonly #budget: RestartBudget;
  readonly #failedAtMs: number[] = [];
  /** Starts after the first. */
  count = 0;

  constructor(budget: RestartBudget) {
    this.#budget = budget;
  }

  /** Notes a failure; whether a start may follow, which is counted. */
  mayFollow(nowMs: number): boolean {
    const { countMax, withinMs } = this.#budget;
    this.#failedAtMs.push(nowMs);
    const recentCount = this.#failedAtMs.filter((atMs) => nowMs - atMs < withinMs).length;
    if (recentCount > countMax) return false;
    this.count++;
    return true;
  }
}

const RETRY_SECONDS = 2;

/** What is asked of a model while its wafer is started anew, or when it is broken for good. */
export function unavailable(id: string, isBroken: boolean): ApiError {
  return new ApiError({
    status: 503,
    code: isBroken ? 'model_unavailable' : 'model_restarting',
    message: isBroken ? `the model ${id} is not running` : `the model ${id} is being started anew`,
    retryAfterSeconds: isBroken ? undefined : RETRY_SECONDS,
  });
}
