/**
 * A wafer behind the HTTP interfaces that people already use.
 */
export { ApiError } from './errors/api-error.ts';
export { ENDPOINTS } from './endpoints.ts';
export type { Endpoint } from './http/route.ts';
export { keyList } from './http/keys.ts';
export type { KeySource, KeySpec } from './http/keys.ts';
export { IDLE_MS_DEFAULT, RESTARTS_DEFAULT } from './models/model-entry.ts';
export type { ServedModelSpec } from './models/model-entry.ts';
export { withPlainTemplate } from './models/plain-template.ts';
export { readDataKey } from './store/sealer.ts';
export { startServer } from './server.ts';
export type { RunningServer, ServerOptions } from './server.ts';
