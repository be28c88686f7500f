/**
 * A server on this machine as a hub, for tests of pulling.
 */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Hub } from './hub-fetch.ts';

/** Lets a server listen; resolves with the hub that it is then. */
export async function hubOf(server: Server, use: { retries: number }): Promise<Hub> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const { signal } = new AbortController();
  const patience = { silenceMs: 30_000, onWait: () => undefined, ...use };
  return new Hub({ endpoint, token: undefined, signal, ...patience });
}
