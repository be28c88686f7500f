/**
 * What Cerebras' client does beside asking: `GET /v1/tcp_warming` opens its connection, and a
 * header names the version of the interface it was made for.
 */
import { invalidParam } from '../errors/api-error.ts';
import { json } from '../http/route.ts';
import type { Call, Endpoint } from '../http/route.ts';
import type { Services } from '../services.ts';

export const TCP_WARMING: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/tcp_warming',
  aliases: ['/v1/v1/tcp_warming', '/tcp_warming'],
  summary: 'Opens a connection',
  access: 'user',
  handler: () => json({ status: 'ok' }),
};

const VERSION_HEADER = 'x-cerebras-version-patch';

/** Every version is answered alike; what is no version is refused. Throws: ApiError 400. */
export function checkVersion(headers: Call['headers']): void {
  const version = headers[VERSION_HEADER];
  if (version === undefined || (typeof version === 'string' && /^\d{1,6}$/.test(version))) return;
  throw invalidParam('X-Cerebras-Version-Patch', 'the header is to be a whole number');
}
