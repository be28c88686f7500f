/**
 * Limits and ledger of a server over its store: what was used before a start still counts.
 */
import type { Store } from '../store/store.ts';
import { UsageLedger } from './ledger.ts';
import { LimitBook } from './limits.ts';
import type { Metering } from './meter.ts';
import type { Prices } from './prices.ts';

/** Usage is kept for as long as a bill may be asked about: thirteen months. */
const KEPT_SECONDS = 396 * 86_400;

/** Opens them; what is older than is kept goes. */
export function openMetering(store: Store, prices: Prices): Metering {
  const ledger = new UsageLedger(store.db);
  ledger.purge(Math.floor(Date.now() / 1000) - KEPT_SECONDS);
  const limits = new LimitBook(Date.now, ({ kind, id }, sinceMs) => {
    // Rows are of whole minutes; one that began before counts whole.
    const used = ledger.usedSince(kind, id, Math.floor(sinceMs / 60_000) * 60);
    const tokens = used.inputTokens + used.outputTokens;
    return { requests: used.requests, tokens, uncached_tokens: tokens - used.cachedTokens };
  });
  return { limits, ledger, prices, nowSeconds: () => Math.floor(Date.now() / 1000) };
}
