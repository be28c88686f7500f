/**
 * The stores of a server: the one that was asked for, one in memory for what nobody asked to be
 * kept, and the secret that goes with them. What has expired is deleted by the minute.
 */
import { Secrets } from './secrets.ts';
import { Store } from './store.ts';
import type { StoreOptions } from './store.ts';

export interface Stores {
  store: Store;
  recent: Store;
  secrets: Secrets;
  close(): void;
}

const PURGE_MS = 60_000;

/** Opens them. Throws: STORE_INVALID, STORE_IN_USE, STORE_KEY. */
export function openStores(options: StoreOptions | undefined, nowSeconds: () => number): Stores {
  const store = new Store(options);
  const recent = new Store();
  const purge = (): void => {
    store.purge(nowSeconds());
    recent.purge(nowSeconds());
  };
  purge();
  const purging = setInterval(() => {
    try {
      purge();
    } catch {
      // A full disk has no room for the log of what is deleted; the next time, maybe.
    }
  }, PURGE_MS);
  purging.unref();
  const close = (): void => {
    clearInterval(purging);
    store[Symbol.dispose]();
    recent[Symbol.dispose]();
  };
  return { store, recent, secrets: new Secrets(store.secret), close };
}
