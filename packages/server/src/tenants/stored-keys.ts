/**
 * Keys that administrators make: 256 random bits, shown once, kept as a digest, until they expire
 * or are revoked. A key that is rotated works a day longer, so that clients can change over.
 */
import { createHash, randomBytes } from 'node:crypto';
import type { Caller, KeySource, KeyRole, KeyScope } from '../http/keys.ts';
import type { Store } from '../store/store.ts';
import type { Limits } from '../usage/limits.ts';
import { appendAudit } from './audit-log.ts';
import type { Directory } from './directory.ts';

/** A key without its secret. */
export interface KeyRecord {
  id: string;
  object: 'key';
  name: string;
  tenant: string;
  role: KeyRole;
  /** What it is bound to; absent: all. */
  scopes?: readonly KeyScope[];
  limits?: Limits;
  created_at: number;
  expires_at: number | null;
  /** The last characters, to tell keys apart. */
  hint: string;
}

interface StoredKey extends KeyRecord {
  digest: string;
}

export type NewKey = Pick<
  KeyRecord,
  'name' | 'tenant' | 'role' | 'expires_at' | 'scopes' | 'limits'
>;

/** Nobody's tenant: names of tenants have no @. */
const SYSTEM = '@keys';
const HINT_LENGTH = 4;
const GRACE_SECONDS = 24 * 3600;
/** Noted with the first key: from then on nobody is let in without one, even when all are gone. */
const KEYED = 'keyed';

export class StoredKeys {
  readonly #store: Store;
  readonly #nowSeconds: () => number;

  constructor(store: Store, nowSeconds: () => number) {
    this.#store = store;
    this.#nowSeconds = nowSeconds;
  }

  /** Whose key it is; undefined if nobody's, revoked or expired. */
  find(key: string): Caller | undefined {
    const stored = this.#store.documents.get<StoredKey>(keyOf('digest', digestOf(key)));
    if (stored === undefined) return undefined;
    const { id, tenant, role, scopes, limits, expires_at: expiresAt } = stored;
    if (expiresAt !== null && expiresAt <= this.#nowSeconds()) return undefined;
    const subjects = limits && [{ kind: 'key' as const, id, limits }];
    return { tenant, role, weight: 1, keyId: id, scopes, subjects };
  }

  /** Whether a key was ever made. */
  get isKeyed(): boolean {
    return this.#store.hasFact(KEYED);
  }

  list(): KeyRecord[] {
    return this.#store.documents.all<KeyRecord>('key').map(({ body }) => record(body));
  }

  /** Makes a key; its secret is told here and never again. */
  create(asked: NewKey, by: string): KeyRecord & { key: string } {
    const key = `wk_${randomBytes(32).toString('base64url')}`;
    const id = `key_${randomBytes(12).toString('hex')}`;
    const hint = key.slice(-HINT_LENGTH);
    const made: KeyRecord = {
      ...{ id, object: 'key', ...asked },
      ...{ created_at: this.#nowSeconds(), hint },
    };
    this.#store.transaction(() => {
      const stored: StoredKey = { ...made, digest: digestOf(key) };
      this.#write(stored);
      this.#store.noteFact(KEYED);
      this.#audit({ action: 'key.create', by, key: id, tenant: asked.tenant, role: asked.role });
    });
    return { ...made, key };
  }

  /** A successor with the same rights; the old one works for a day. Undefined if there is none. */
  rotate(id: string, by: string): (KeyRecord & { key: string }) | undefined {
    return this.#store.transaction(() => {
      const old = this.#get(id);
      if (old === undefined) return undefined;
      const { name, tenant, role, scopes, limits, expires_at: expiresAt } = old;
      const bounds = { ...(scopes && { scopes }), ...(limits && { limits }) };
      const end = this.#nowSeconds() + GRACE_SECONDS;
      this.#write({ ...old, expires_at: Math.min(expiresAt ?? end, end) });
      const made = this.create({ name, tenant, role, ...bounds, expires_at: expiresAt }, by);
      this.#audit({ action: 'key.rotate', by, key: id, successor: made.id });
      return made;
    });
  }

  /** Whether there was one. */
  revoke(id: string, by: string): boolean {
    return this.#store.transaction(() => {
      const stored = this.#get(id);
      if (stored === undefined) return false;
      this.#store.documents.delete(keyOf('digest', stored.digest));
      this.#store.documents.delete(keyOf('key', id));
      this.#audit({ action: 'key.revoke', by, key: id });
      return true;
    });
  }

  #get(id: string): StoredKey | undefined {
    return this.#store.documents.get<StoredKey>(keyOf('key', id));
  }

  #write(stored: StoredKey): void {
    this.#store.documents.put(keyOf('key', stored.id), stored);
    this.#store.documents.put(keyOf('digest', stored.digest), stored);
  }

  #audit(what: object): void {
    appendAudit(this.#store.db, this.#nowSeconds(), what);
  }
}

/**
 * Keys of a list, and those of a store, their callers with what the directory says of them. The
 * first key of either closes the door.
 */
export function bothKeys(list: KeySource, stored: StoredKeys, directory: Directory): KeySource {
  return {
    get isOpen() {
      return list.isOpen && !stored.isKeyed;
    },
    find: (key) => {
      const caller = list.find(key) ?? stored.find(key);
      return caller && directory.complete(caller);
    },
  };
}

function record({ id, object, name, tenant, role, ...rest }: KeyRecord): KeyRecord {
  const { created_at, expires_at, hint, scopes, limits } = rest;
  const bounds = { ...(scopes && { scopes }), ...(limits && { limits }) };
  return { id, object, name, tenant, role, ...bounds, created_at, expires_at, hint };
}

function keyOf(kind: 'key' | 'digest', id: string): { tenant: string; kind: string; id: string } {
  return { tenant: SYSTEM, kind, id };
}

function digestOf(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}
