/**
 * Where a server listens: whether it can is known before models are loaded, which takes minutes.
 */
import { once } from 'node:events';
import { createServer } from 'node:net';
import { reasonOf, WaferError } from '@wafer/core';

export interface ListenAddress {
  host: string;
  port: number;
}

/** Listens for a moment, to see whether one may. Throws: LINK_LISTEN. */
export async function checkAddress(address: ListenAddress): Promise<void> {
  const probe = createServer();
  await listening(address, async () => {
    probe.listen(address);
    await once(probe, 'listening');
  });
  probe.close();
  await once(probe, 'close');
}

/** Does what listens there. Throws: LINK_LISTEN. */
export async function listening(
  { host, port }: ListenAddress,
  listen: () => Promise<unknown>,
): Promise<void> {
  try {
    await listen();
  } catch (error) {
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    throw new WaferError('LINK_LISTEN', { address, reason: reasonOf(error) }, { cause: error });
  }
}
