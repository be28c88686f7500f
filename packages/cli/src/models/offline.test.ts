import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { refuseOutbound } from './offline.ts';

/** The code of what lies below a failed fetch. */
async function fateOf(url: string): Promise<unknown> {
  try {
    return (await fetch(url)).status;
  } catch (error) {
    return ((error as Error).cause as { code?: string }).code;
  }
}

test('nothing leaves the machine, and what stays on it goes on', async () => {
  const server = createServer((_request, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  {
    using _offline = refuseOutbound();
    // Addresses for documentation (RFC 5737, RFC 3849), and a name that nobody has (RFC 2606).
    for (const host of ['192.0.2.1', '[2001:db8::1]', 'wafer.invalid', '127.0.0.1.wafer.invalid']) {
      expect(await fateOf(`http://${host}/`)).toBe('HOST_REFUSED');
      expect(await fateOf(`https://${host}/`)).toBe('HOST_REFUSED');
    }
    const socket = connectTls({ host: '192.0.2.1', port: 443 });
    const error = await new Promise<Error>((resolve) => socket.once('error', resolve));
    expect(error.message).toMatch('--offline');
    expect(await fateOf(`http://127.0.0.1:${port}/`)).toBe(200);
    expect(await fateOf(`http://localhost:${port}/`)).toBe(200);
  }
  server.closeAllConnections();
  server.close();
});
