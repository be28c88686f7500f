/**
 * A wafer behind the HTTP interfaces that people already use.
 */
export { ApiError } from './errors/api-error.ts';
export { ENDPOINTS } from './endpoints.ts';
export type { Endpoint } from './http/route.ts';
export { keyList, ROLES, SCOPES } from './http/keys.ts';
export type { KeySource, KeySpec, KeyScope } from './http/keys.ts';
export { adapterModel } from './models/adapter-model.ts';
export { IDLE_MS_DEFAULT } from './models/model-entry.ts';
export { RESTARTS_DEFAULT } from './models/restarts.ts';
export type { ServedModelSpec } from './models/model-entry.ts';
export { withPlainTemplate } from './models/plain-template.ts';
export { backupStore, restoreStore } from './store/backup.ts';
export { readDataKey } from './store/sealer.ts';
export { Store, STORE_FILE } from './store/store.ts';
export type { StoreOptions } from './store/store.ts';
export { appendAudit, findBreak, readAudit } from './tenants/audit-log.ts';
export type { AuditEntry } from './tenants/audit-log.ts';
export { StoredKeys } from './tenants/stored-keys.ts';
export type { KeyRecord, NewKey } from './tenants/stored-keys.ts';
export { LIMIT_NAMES } from './usage/limits.ts';
export type { Limits } from './usage/limits.ts';
export { startServer } from './server.ts';
export type { Prices } from './usage/prices.ts';
export type { RunningServer, ServerOptions } from './server.ts';
