/**
 * Limits and ledger of a server over its store: what was used before a start still counts.
 */
import type { Store } from '../store/store.ts';
import { UsageLedger } from './ledger.ts';
import { LimitBook } from './limits.ts';
import type { Metering } from './meter.ts';
import type { Prices } from './prices.ts';

/** Opens them. */
export function openMetering(store: Store, prices: Prices = {}): Metering {
  const ledger = new UsageLedger(store.db);
  const limits = new LimitBook(Date.now, ({ kind, id }, sinceMs) => {
    const used = ledger.usedSince(kind, id, Math.floor(sinceMs / 1000));
    const tokens = used.inputTokens + used.outputTokens;
    return { requests: used.requests, tokens, uncached_tokens: tokens - used.cachedTokens };
  });
  return { limits, ledger, prices, nowSeconds: () => Math.floor(Date.now() / 1000) };
}
