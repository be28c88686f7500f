import { expect, test } from 'vitest';
import { LinkListener } from './listener.ts';

test('an address that another has is refused with a code, and names it', async () => {
  const first = await LinkListener.open({ kind: 'tcp' }, (socket) => socket.destroy());
  const { port } = first.address as { port: number };
  const second = LinkListener.open({ kind: 'tcp', port }, (socket) => socket.destroy());
  await expect(second).rejects.toMatchObject({
    code: 'LINK_LISTEN',
    details: {
      address: `127.0.0.1:${port}`,
      reason: expect.stringContaining('EADDRINUSE') as string,
    },
  });
  first.close();
});
