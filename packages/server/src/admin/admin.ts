/**
 * What administrators may do: make, rotate and revoke keys, erase what a tenant has stored, read
 * and verify the log of all that.
 */
import { ApiError } from '../errors/api-error.ts';
import type { Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { ROLES, SCOPES } from '../http/keys.ts';
import type { Services } from '../services.ts';
import { appendAudit, findBreak, readAudit } from '../tenants/audit-log.ts';
import type { NewKey } from '../tenants/stored-keys.ts';
import { LIMITS_SCHEMA } from './directory.ts';

const KEYS = '/v1/admin/keys';
const TENANT = { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' };
const ENTRIES_MAX = 1000;

function absent(id: string): ApiError {
  return new ApiError({ status: 404, code: 'not_found', message: `no key has the id ${id}` });
}

const CREATE: Endpoint<Services> = {
  method: 'POST',
  path: KEYS,
  summary: 'Makes a key, which is shown this once',
  access: 'admin',
  body: {
    type: 'object',
    required: ['tenant'],
    properties: {
      tenant: TENANT,
      name: { type: 'string', maxLength: 128 },
      role: { enum: ROLES },
      scopes: { type: 'array', minItems: 1, uniqueItems: true, items: { enum: SCOPES } },
      limits: LIMITS_SCHEMA,
      expires_in_seconds: { type: 'integer', minimum: 1, maximum: 10 * 365 * 24 * 3600 },
    },
    additionalProperties: false,
  },
  handler: ({ body, caller }, { keys, nowSeconds }) => {
    const {
      tenant,
      name = '',
      role = 'user',
      ...more
    } = body as Partial<NewKey> & {
      tenant: string;
      expires_in_seconds?: number;
    };
    const { scopes, limits, expires_in_seconds: seconds } = more;
    const bounds = { ...(scopes && { scopes }), ...(limits && { limits }) };
    const expires_at = seconds === undefined ? null : nowSeconds() + seconds;
    return json(keys.create({ tenant, name, role, ...bounds, expires_at }, caller.tenant));
  },
};

const LIST: Endpoint<Services> = {
  method: 'GET',
  path: KEYS,
  summary: 'Lists keys, without their secrets',
  access: 'admin',
  handler: (_call, { keys }) => json({ object: 'list', data: keys.list() }),
};

const ROTATE: Endpoint<Services> = {
  method: 'POST',
  path: `${KEYS}/:id/rotate`,
  summary: 'Makes a successor of a key, which works a day longer',
  access: 'admin',
  handler: ({ params, caller }, { keys }) => {
    const id = params['id'] ?? '';
    const made = keys.rotate(id, caller.tenant);
    if (made === undefined) throw absent(id);
    return json(made);
  },
};

const REVOKE: Endpoint<Services> = {
  method: 'DELETE',
  path: `${KEYS}/:id`,
  summary: 'Revokes a key at once',
  access: 'admin',
  handler: ({ params, caller }, { keys }) => {
    const id = params['id'] ?? '';
    if (!keys.revoke(id, caller.tenant)) throw absent(id);
    return json({ id, object: 'key', deleted: true });
  },
};

const ERASE: Endpoint<Services> = {
  method: 'DELETE',
  path: '/v1/admin/tenants/:id/data',
  summary: 'Erases all that a tenant has stored',
  access: 'admin',
  handler: async ({ params, caller }, { store, recent, nowSeconds, fineTuning }) => {
    const tenant = params['id'] ?? '';
    // Other names are of stores of our own, as that of the keys.
    if (!new RegExp(TENANT.pattern).test(tenant)) throw absent(tenant);
    await fineTuning.erase(tenant);
    const count = store.transaction(() => {
      const erased = store.erase(tenant);
      appendAudit(store.db, nowSeconds(), { action: 'tenant.erase', by: caller.tenant, tenant });
      return erased;
    });
    return json({
      tenant,
      object: 'tenant.data',
      deleted: true,
      count: count + recent.erase(tenant),
    });
  },
};

const AUDIT: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/admin/audit',
  summary: 'Reads the log of what administrators did, and whether its chain is whole',
  access: 'audit',
  query: {
    type: 'object',
    properties: { from: { type: 'string', pattern: '^[1-9][0-9]{0,9}$' } },
    additionalProperties: false,
  },
  handler: ({ query }, { store }) => {
    const entries = readAudit(store.db, Number(query['from'] ?? 1), ENTRIES_MAX);
    const broken = findBreak(store.db);
    return json({
      object: 'list',
      data: entries,
      is_whole: broken === undefined,
      broken_at: broken,
    });
  },
};

export const ADMIN: readonly Endpoint<Services>[] = [CREATE, LIST, ROTATE, REVOKE, ERASE, AUDIT];
