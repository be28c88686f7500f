/**
 * Limits by requests, tokens and uncached tokens, per minute, hour and day, held by buckets that
 * fill up steadily.
 *
 *     level ≤ limit; it grows by limit / period; a request takes what it may come to, and gives
 *     back what it did not use (a bucket may owe, if it used more)
 *
 * A steady bucket has no edge at which twice a limit passes. The first bucket that is short
 * refuses, and names itself.
 */
import { assert } from '@wafer/core';
import { ApiError } from '../errors/api-error.ts';

const PERIODS = { minute: 60_000, hour: 3_600_000, day: 86_400_000 } as const;
export type Period = keyof typeof PERIODS;
const UNITS = ['requests', 'tokens', 'uncached_tokens'] as const;
export type Unit = (typeof UNITS)[number];

export type LimitName = `${Unit}_per_${Period}`;
/** How much of each; what is not named is without a limit. */
export type Limits = Readonly<Partial<Record<LimitName, number>>>;

/** One limit: its name, what it counts, and over how long. */
interface LimitKind {
  name: LimitName;
  unit: Unit;
  period: Period;
  periodMs: number;
}

export const LIMIT_KINDS: readonly LimitKind[] = UNITS.flatMap((unit) =>
  (Object.keys(PERIODS) as Period[]).map((period) => ({
    ...{ name: `${unit}_per_${period}` as const, unit, period },
    periodMs: PERIODS[period],
  })),
);

export const LIMIT_NAMES: readonly LimitName[] = LIMIT_KINDS.map(({ name }) => name);

/** What a request takes. `tokens` are all, cached ones included. */
export type Amounts = Readonly<Record<Unit, number>>;

/** Whose limits: a key, a project, an organization. */
export interface LimitSubject {
  kind: 'key' | 'project' | 'organization';
  id: string;
  limits: Limits;
}

/** How a limit stands. */
export interface Standing {
  unit: Unit;
  period: Period;
  limit: number;
  remaining: number;
  /** Until it is whole again. */
  resetMs: number;
}

/** What a subject used since a time; for buckets that are new here. */
export type UsedSince = (subject: LimitSubject, sinceMs: number) => Amounts;

/** A request that was let in; `settle` once, with what it came to. */
export interface Charge {
  settle(used: Amounts): void;
}

interface Bucket {
  kind: LimitKind;
  limit: number;
  level: number;
  atMs: number;
}

export class LimitBook {
  readonly #nowMs: () => number;
  readonly #usedSince: UsedSince;
  readonly #buckets = new Map<string, Bucket>();

  constructor(nowMs: () => number, usedSince: UsedSince) {
    this.#nowMs = nowMs;
    this.#usedSince = usedSince;
  }

  /** Takes what a request may come to from all buckets, or nothing. Throws: ApiError 413, 429. */
  admit(subjects: readonly LimitSubject[], estimate: Amounts): Charge {
    const held = subjects.map((subject) => ({ subject, buckets: this.#bucketsOf(subject) }));
    for (const { subject, buckets } of held) {
      for (const bucket of buckets) {
        const wanted = estimate[bucket.kind.unit];
        if (wanted > bucket.level) throw refusal(subject, bucket, wanted);
      }
    }
    const all = held.flatMap(({ buckets }) => buckets);
    for (const bucket of all) bucket.level -= estimate[bucket.kind.unit];
    let isOpen = true;
    return {
      settle: (used) => {
        assert(isOpen, 'a request is settled once', { ...used });
        isOpen = false;
        for (const bucket of all) {
          const { unit } = bucket.kind;
          bucket.level = Math.min(bucket.limit, bucket.level + estimate[unit] - used[unit]);
        }
      },
    };
  }

  /** How each limit of these subjects stands: of several of one kind, the tightest. */
  standings(subjects: readonly LimitSubject[]): Standing[] {
    const tightest = new Map<LimitName, Standing>();
    for (const bucket of subjects.flatMap((subject) => this.#bucketsOf(subject))) {
      const { name, unit, period, periodMs } = bucket.kind;
      const remaining = Math.max(0, Math.floor(bucket.level));
      const before = tightest.get(name);
      if (before !== undefined && before.remaining <= remaining) continue;
      const resetMs = ((bucket.limit - bucket.level) / bucket.limit) * periodMs;
      tightest.set(name, { unit, period, limit: bucket.limit, remaining, resetMs });
    }
    return [...tightest.values()];
  }

  /** The buckets of a subject, filled up to now. */
  #bucketsOf(subject: LimitSubject): Bucket[] {
    const nowMs = this.#nowMs();
    const kinds = LIMIT_KINDS.filter(({ name }) => subject.limits[name] !== undefined);
    return kinds.map((kind) => {
      const limit = subject.limits[kind.name]!;
      const bucket = this.#bucket(subject, kind, limit);
      // Another limit keeps what is used.
      bucket.level += limit - bucket.limit;
      bucket.limit = limit;
      const grownBy = (limit * Math.max(0, nowMs - bucket.atMs)) / kind.periodMs;
      bucket.level = Math.min(limit, bucket.level + grownBy);
      bucket.atMs = nowMs;
      return bucket;
    });
  }

  #bucket(subject: LimitSubject, kind: LimitKind, limit: number): Bucket {
    const name = `${subject.kind}/${subject.id}/${kind.name}`;
    let bucket = this.#buckets.get(name);
    if (bucket === undefined) {
      const nowMs = this.#nowMs();
      const used = this.#usedSince(subject, nowMs - kind.periodMs)[kind.unit];
      bucket = { kind, limit, level: limit - used, atMs: nowMs };
      this.#buckets.set(name, bucket);
    }
    return bucket;
  }
}

function refusal(subject: LimitSubject, { kind, limit, level }: Bucket, wanted: number): ApiError {
  const { unit, period, periodMs } = kind;
  const what = `${unit.replace('_', ' ')} per ${period}`;
  const whose = `the limit of the ${subject.kind} ${subject.id} is ${limit} ${what}`;
  if (wanted > limit) {
    const message = `${whose}, and this asks for up to ${wanted}: ask for less`;
    return new ApiError({ status: 413, code: 'request_too_large', message });
  }
  const waitMs = ((wanted - level) / limit) * periodMs;
  const left = Math.max(0, Math.floor(level));
  const message = `${whose}; ${left} are left, and this asks for up to ${wanted}`;
  const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
  return new ApiError({ status: 429, code: 'rate_limit_exceeded', message, retryAfterSeconds });
}
