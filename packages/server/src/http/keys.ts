/**
 * Keys and whose they are. Keys are kept as SHA-256 digests, and digests are compared in constant
 * time, all of them at every look: neither a log, a crash nor a clock tells a key.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { ApiError } from '../errors/api-error.ts';
import type { Limits, LimitSubject } from '../usage/limits.ts';

/** Whoever asks. */
export interface Caller {
  /** Whose slots, quota and stored things are meant. */
  tenant: string;
  role: KeyRole;
  /** Share of the machine among tenants that wait. */
  weight: number;
  /** What the key is called where its usage is counted. */
  keyId?: string | undefined;
  /** What the key is bound to. Default: all. */
  scopes?: readonly KeyScope[] | undefined;
  organization?: string | undefined;
  /** Whose limits hold. */
  subjects?: readonly LimitSubject[] | undefined;
  /** Whether a batch asks, not a client. */
  isBatch?: boolean | undefined;
}

/** Who may ask: anybody; users; those who read logs and figures; administrators. */
export type Access = 'open' | 'user' | 'audit' | 'admin';

/** Who asks models, who reads logs and figures, who may do all. */
export const ROLES = ['user', 'auditor', 'admin'] as const;
export type KeyRole = (typeof ROLES)[number];

/** `inference`: ask models; `storage`: files, batches and what else is kept. */
export const SCOPES = ['inference', 'storage'] as const;
export type KeyScope = (typeof SCOPES)[number];

/** A key as it is configured. */
export interface KeySpec {
  key: string;
  tenant: string;
  role?: KeyRole | undefined;
  weight?: number | undefined;
  scopes?: readonly KeyScope[] | undefined;
  /** As `{ requests_per_minute: 60 }`. */
  limits?: Limits | undefined;
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

/**
 * Keys of a list. An empty list lets everybody in. `idOf` names keys in counts; without it, their
 * places in the list do.
 */
export function keyList(
  specs: readonly KeySpec[],
  idOf: (key: string, at: number) => string = (_key, at) => `#${at + 1}`,
): KeySource {
  const known = specs.map(({ key, tenant, role = 'user', weight = 1, scopes, limits }, at) => {
    const keyId = idOf(key, at);
    const subjects = limits && [{ kind: 'key' as const, id: keyId, limits }];
    const caller: Caller = { tenant, role, weight, keyId, scopes, subjects };
    return { digest: digestOf(key), caller: Object.freeze(caller) };
  });
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

const ROLES_OF: Readonly<Record<Access, readonly KeyRole[]>> = {
  open: ROLES,
  user: ['user', 'admin'],
  audit: ['auditor', 'admin'],
  admin: ['admin'],
};

/** Whether a key may be used so. Throws: ApiError 403. */
export function checkRights({ role, scopes }: Caller, access: Access, scope?: KeyScope): void {
  if (!ROLES_OF[access].includes(role)) {
    const message = `this needs a key of the role ${ROLES_OF[access].join(' or ')}`;
    throw new ApiError({ status: 403, code: 'forbidden', message });
  }
  if (scope === undefined || scopes === undefined || scopes.includes(scope)) return;
  const message = `this needs a key of the scope ${scope}`;
  throw new ApiError({ status: 403, code: 'insufficient_scope', message });
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
