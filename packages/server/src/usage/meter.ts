/**
 * One request of a caller, from what it may come to until what it was: limits are charged before
 * the engine is asked, and the ledger and the limits are told when it ends, however it ends.
 */
import type { UsageLedger, UsageKey } from './ledger.ts';
import type { Amounts, Charge, LimitBook, LimitSubject } from './limits.ts';
import { costNanos } from './prices.ts';
import type { UsedTokens, Prices } from './prices.ts';

/** What meters work with. */
export interface Metering {
  readonly limits: LimitBook;
  readonly ledger: UsageLedger;
  readonly prices: Prices;
  nowSeconds(): number;
}

/** Of a caller, what is charged. */
export interface ChargedCaller {
  tenant: string;
  organization?: string | undefined;
  keyId?: string | undefined;
  subjects?: readonly LimitSubject[] | undefined;
  isBatch?: boolean | undefined;
}

export interface MeterOptions {
  caller: ChargedCaller;
  model: string;
  kind: UsageKey['kind'];
}

const NOTHING: Amounts = Object.freeze({ requests: 0, tokens: 0, uncached_tokens: 0 });
const MINUTE = 60;

export class Meter {
  readonly #metering: Metering;
  readonly #options: MeterOptions;
  #charge: Charge | undefined;

  constructor(metering: Metering, options: MeterOptions) {
    this.#metering = metering;
    this.#options = options;
  }

  /** Asks the caller's limits for what the request may come to. Throws: ApiError 429. */
  admit(inputTokens: number, outputTokensMax: number): void {
    const tokens = inputTokens + outputTokensMax;
    const estimate = { requests: 1, tokens, uncached_tokens: tokens };
    const { subjects = [] } = this.#options.caller;
    this.#charge = this.#metering.limits.admit(subjects, estimate);
  }

  /** Tells what the request was; undefined if nothing was made. Counts once. */
  settle(used: UsedTokens | undefined): void {
    const charge = this.#charge;
    if (charge === undefined) return;
    this.#charge = undefined;
    if (used === undefined) return charge.settle(NOTHING);
    const { inputTokens, cachedTokens, outputTokens } = used;
    const tokens = inputTokens + outputTokens;
    charge.settle({ requests: 1, tokens, uncached_tokens: tokens - cachedTokens });
    const { caller, model, kind } = this.#options;
    const { ledger, prices, nowSeconds } = this.#metering;
    ledger.add({
      minute: Math.floor(nowSeconds() / MINUTE) * MINUTE,
      organization: caller.organization ?? caller.tenant,
      project: caller.tenant,
      key: caller.keyId ?? '',
      ...{ model, kind, isBatch: caller.isBatch === true, requests: 1 },
      ...used,
      costNanos: costNanos(prices[model], used),
    });
  }
}
