/**
 * Who is let into a model's queue: bounds by requests and by prompt tokens, for all, per tenant and
 * per tier. What is refused is refused at once, with a time to come back; nothing waits unseen.
 *
 *     all requests ≤ requestsMax × share of the tier     priority 1, default 0.9, flex 0.5
 *     a tenant's   ≤ tenantRequestsMax
 *
 * So under load flex is shed first and priority last, and no tenant fills the queue alone. What is
 * reserved for a tenant is let in before any of it.
 */
import { assert } from '@wafer/core';
import { ApiError } from '../errors/api-error.ts';
import { PromptRate } from './prompt-rate.ts';
import { ServiceTime } from './service-time.ts';
import { TierSums } from './tiers.ts';
import type { Tier } from './tiers.ts';

export interface GateLimits {
  /** Requests under way, those that run included. */
  requestsMax: number;
  tenantRequestsMax: number;
  /** Tokens of prompts under way. */
  promptTokensMax: number;
  /** What would wait longer is refused, as far as can be told. Default: nothing. */
  waitMsMax?: number | undefined;
  /** Requests of a tenant that are let in whatever others do. Default: nobody's. */
  reserved?: ReadonlyMap<string, number> | undefined;
}

export const GATE_LIMITS_DEFAULT: GateLimits = {
  requestsMax: 1024,
  tenantRequestsMax: 512,
  promptTokensMax: 2 ** 20,
  // Clients give up after a minute.
  waitMsMax: 60_000,
};

const TIER_SHARES: Readonly<Record<Tier, number>> = { priority: 1, default: 0.9, flex: 0.5 };

/** What asks to be let in. */
export interface GateRequest {
  tenant: string;
  tier: Tier;
  promptTokens: number;
  /** Answers of it, each of which takes a slot. */
  answerCount: number;
  /** Refused if it would wait longer. */
  waitMsMax?: number | undefined;
}

/** The engine behind a gate. */
export interface GatedEngine {
  /** Answers that it runs at once. */
  slotCount: number;
  /** Tokens of prompts that a step reads at most. */
  stepTokens: number;
}

/** A request that was let in; dispose of it when its answers end. */
export interface Admitted extends Disposable {
  /** Says that its first token is there. Of one that never had any, nothing is learned. */
  begin(): void;
}

export class Gate {
  readonly #limits: GateLimits;
  readonly #slotCount: number;
  readonly #tenants = new Map<string, number>();
  readonly #serviceTime: ServiceTime;
  readonly #prompts: PromptRate;
  /** Answers without a first token yet. */
  readonly #waiting = new TierSums();
  #requestCount = 0;
  #promptTokens = 0;
  #answerCount = 0;

  constructor(limits: GateLimits, { slotCount, stepTokens }: GatedEngine) {
    this.#limits = limits;
    this.#prompts = new PromptRate(stepTokens);
    this.#slotCount = slotCount;
    this.#serviceTime = new ServiceTime(slotCount);
  }

  get requestCount(): number {
    return this.#requestCount;
  }

  /**
   * Milliseconds that one more answer of a tier would wait for its turn, as far as can be told:
   * until a slot is free, and until the prompts before its own are read. Lower tiers let it pass.
   */
  expectedWaitMs(tier: Tier): number {
    const ahead = Math.max(0, this.#answerCount + 1 - this.#slotCount);
    const turns = Math.min(ahead, this.#waiting.upTo(tier) + 1) / this.#slotCount;
    const slotMs = turns * this.#serviceTime.ms(this.#slotCount);
    return Math.ceil(Math.max(slotMs, this.#prompts.waitMs(tier, performance.now())));
  }

  /**
   * Refuses what would be refused however short its prompt and high its tier: known before a body
   * is read. Throws: ApiError 429, 503.
   */
  checkRoom({ tenant, waitMsMax }: Pick<GateRequest, 'tenant' | 'waitMsMax'>): void {
    this.#check({ tenant, tier: 'priority', promptTokens: 0, answerCount: 1, waitMsMax });
  }

  /** Lets a request in. Throws: ApiError 429, 503. */
  admit(request: GateRequest): Admitted {
    this.#check(request);
    const { tenant, tier, promptTokens, answerCount } = request;
    this.#count(tenant, { requests: 1, promptTokens, answers: answerCount });
    const [times, prompts] = [this.#serviceTime, this.#prompts];
    const prompt = { tokens: promptTokens, tier };
    this.#waiting.add(tier, answerCount);
    const nowMs = performance.now();
    times.change(answerCount, nowMs);
    prompts.came({ ...prompt, nowMs });
    let state: 'waits' | 'runs' | 'ended' = 'waits';
    return {
      begin: () => {
        if (state !== 'waits') return;
        state = 'runs';
        this.#waiting.add(tier, -answerCount);
        prompts.left({ ...prompt, wasRead: true, nowMs: performance.now() });
      },
      [Symbol.dispose]: () => {
        if (state === 'ended') return;
        const nowMs = performance.now();
        if (state === 'runs') times.end(answerCount, nowMs);
        else {
          times.change(-answerCount, nowMs);
          this.#waiting.add(tier, -answerCount);
          prompts.left({ ...prompt, wasRead: false, nowMs });
        }
        state = 'ended';
        this.#count(tenant, { requests: -1, promptTokens: -promptTokens, answers: -answerCount });
      },
    };
  }

  #check({ tenant, tier, promptTokens, waitMsMax }: GateRequest): void {
    const { requestsMax, tenantRequestsMax, promptTokensMax, reserved } = this.#limits;
    const own = this.#tenants.get(tenant) ?? 0;
    if (own < (reserved?.get(tenant) ?? 0)) return;
    const waitMs = this.expectedWaitMs(tier);
    const full = (status: number, code: string, what: string): ApiError => {
      const retryAfterSeconds = Math.max(1, Math.ceil(waitMs / 1000));
      const message = `too much to do: ${what}; come back later`;
      return new ApiError({ status, code, message, retryAfterSeconds });
    };
    const bound = Math.max(1, Math.floor(requestsMax * TIER_SHARES[tier]));
    if (this.#requestCount >= bound) {
      throw full(503, 'queue_full', `${this.#requestCount} requests are under way`);
    }
    if (own >= tenantRequestsMax) {
      throw full(429, 'too_many_requests', `${own} requests of yours are under way`);
    }
    const tokens = this.#promptTokens + promptTokens;
    // An empty queue takes a prompt of any length.
    if (this.#requestCount > 0 && tokens > promptTokensMax * TIER_SHARES[tier]) {
      throw full(429, 'queue_full', `${this.#promptTokens} prompt tokens are under way`);
    }
    if (waitMs > (waitMsMax ?? Infinity)) {
      throw full(429, 'queue_threshold', `it would wait ${waitMs} ms, more than it may`);
    }
    if (waitMs <= (this.#limits.waitMsMax ?? Infinity)) return;
    throw full(503, 'queue_full', `it would wait ${waitMs} ms`);
  }

  #count(tenant: string, by: { requests: number; promptTokens: number; answers: number }): void {
    this.#requestCount += by.requests;
    this.#promptTokens += by.promptTokens;
    this.#answerCount += by.answers;
    const own = (this.#tenants.get(tenant) ?? 0) + by.requests;
    if (own > 0) this.#tenants.set(tenant, own);
    else this.#tenants.delete(tenant);
    const counts = { requests: this.#requestCount, tokens: this.#promptTokens, own };
    assert(Math.min(counts.requests, counts.tokens, own) >= 0, 'who leaves had come', counts);
  }
}
