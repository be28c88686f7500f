/**
 * Keys and whose they are. Keys are kept as SHA-256 digests, and digests are compared in constant
 * time, all of them at every look: neither a log, a crash nor a clock tells a key.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../errors/api-error.ts';

/** Whoever asks. */
export interface Caller {
  /** Whose slots, quota and stored things are meant. */
  tenant: string;
  role: 'user' | 'admin';
  /** Share of the machine among tenants that wait. */
  weight: number;
}

/** A key as it is configured. */
export interface KeySpec {
  key: string;
  tenant: string;
  role?: 'user' | 'admin' | undefined;
  weight?: number | undefined;
}

/** Where keys come from: a list here, a store elsewhere. */
export interface KeySource {
  /** Whether everybody is let in: on loopback, without a key. */
  readonly isOpen: boolean;
  /** Whose key it is; undefined if nobody's. */
  find(key: string): Caller | undefined;
}

/** Who asks where no key is needed. */
export const LOCAL_CALLER: Caller = Object.freeze({ tenant: 'local', role: 'admin', weight: 1 });

/** Keys of a list. An empty list lets everybody in. */
export function keyList(specs: readonly KeySpec[]): KeySource {
  const known = specs.map(({ key, tenant, role = 'user', weight = 1 }) => ({
    digest: digestOf(key),
    caller: Object.freeze({ tenant, role, weight }),
  }));
  return {
    isOpen: known.length === 0,
    find(key) {
      const digest = digestOf(key);
      let found: Caller | undefined;
      for (const { digest: other, caller } of known) {
        if (timingSafeEqual(digest, other)) found = caller;
      }
      return found;
    },
  };
}

/**
 * Who sends these headers: `Authorization: Bearer KEY`, `x-api-key` or `api-key`.
 * Throws: ApiError 401.
 */
export function callerOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  source: KeySource,
): Caller {
  if (source.isOpen) return LOCAL_CALLER;
  const key = keyOf(headers);
  if (key === undefined) {
    const message = 'no API key; send it as Authorization: Bearer KEY';
    throw new ApiError({ status: 401, code: 'missing_api_key', message });
  }
  const caller = source.find(key);
  if (caller !== undefined) return caller;
  throw new ApiError({ status: 401, code: 'invalid_api_key', message: 'the API key is not known' });
}

function keyOf(
  headers: Readonly<Record<string, string | string[] | undefined>>,
): string | undefined {
  const { authorization } = headers;
  if (typeof authorization === 'string') {
    const [, key] = /^Bearer +(\S+)$/i.exec(authorization) ?? [];
    if (key !== undefined) return key;
  }
  const key = headers['x-api-key'] ?? headers['api-key'];
  return typeof key === 'string' && key !== '' ? key : undefined;
}

function digestOf(key: string): Buffer {
  return createHash('sha256').update(key).digest();
}
