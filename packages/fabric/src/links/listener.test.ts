import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import type { Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
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

/** Ends that are not proved yet, at most. */
const STRANGERS_MAX = 32;

/** A folder of its own, for socket files. */
function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-listen-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

test('a socket file lies where nobody else looks, and goes when nobody is waited for', async () => {
  const folder = temporary();
  const sockets: Socket[] = [];
  const listener = await LinkListener.open({ kind: 'unix', folder }, (socket, admit) => {
    sockets.push(socket);
    admit();
  });
  const { path } = listener.address as { path: string };
  expect([statSync(dirname(path)).mode & 0o777, statSync(path).mode & 0o777]).toEqual([
    0o700, 0o600,
  ]);
  const client = connect(path);
  await once(client, 'connect');
  await expect.poll(() => sockets.length).toBe(1);
  listener.stop();
  expect(existsSync(dirname(path))).toBe(false);
  client.write('still open');
  const [bytes] = (await once(sockets[0]!, 'data')) as [Buffer];
  expect(bytes.toString()).toBe('still open');
  listener.close();
  await once(client, 'close');
  expect(readdirSync(folder)).toEqual([]);
});

test('an address that cannot be used leaves neither folder nor server', async () => {
  const folder = join(temporary(), 'x'.repeat(90));
  mkdirSync(folder);
  const opened = LinkListener.open({ kind: 'unix', folder }, (socket) => socket.destroy());
  await expect(opened).rejects.toMatchObject({ code: 'LINK_LISTEN' });
  expect(readdirSync(folder)).toEqual([]);
});

test('a folder that is not there is refused with a code', async () => {
  const folder = join(temporary(), 'none');
  const opened = LinkListener.open({ kind: 'unix', folder }, (socket) => socket.destroy());
  await expect(opened).rejects.toMatchObject({
    code: 'LINK_LISTEN',
    details: { address: folder, reason: expect.stringContaining('ENOENT') as string },
  });
});

test('a connection that is over is let go: a close has nothing to do with it', async () => {
  const connected = Promise.withResolvers<Socket>();
  const listener = await LinkListener.open({ kind: 'tcp' }, connected.resolve);
  const { port } = listener.address as { port: number };
  connect(port, '127.0.0.1').end();
  const socket = await connected.promise;
  await once(socket.resume(), 'close');
  const destroy = vi.spyOn(socket, 'destroy');
  listener.close();
  expect(destroy).not.toHaveBeenCalled();
});

test('a connection that the system refuses is the stranger’s loss: others are taken', async () => {
  const servers: Server[] = [];
  const note = (message: unknown): void =>
    void servers.push((message as { server: Server }).server);
  const channel = 'tracing:net.server.listen:asyncEnd';
  subscribe(channel, note);
  onTestFinished(() => void unsubscribe(channel, note));
  const connected = Promise.withResolvers<Socket>();
  const listener = await LinkListener.open({ kind: 'tcp' }, connected.resolve);
  onTestFinished(() => listener.close());
  const [server] = servers;
  // As Node.js tells of an accept without a file for it.
  server!.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }));
  const { port } = listener.address as { port: number };
  connect(port, '127.0.0.1').on('error', () => undefined);
  await connected.promise;
});

test('whoever is not proved makes room; who left or is proved does not count', async () => {
  const proved = Promise.withResolvers<void>();
  let count = 0;
  const listener = await LinkListener.open({ kind: 'tcp' }, (socket, admit) => {
    socket.on('error', () => undefined);
    if (++count === 1) {
      admit();
      proved.resolve();
    }
  });
  onTestFinished(() => listener.close());
  const { port } = listener.address as { port: number };
  const open = async (): Promise<Socket> => {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    await once(socket, 'connect');
    return socket;
  };
  const admitted = await open();
  await proved.promise;
  const patient = await open();
  // So many as there may be come and go.
  for (let i = 0; i < 2 * STRANGERS_MAX; i++) {
    const before = count;
    const socket = await open();
    await expect.poll(() => count).toBe(before + 1);
    socket.destroy();
    await once(socket, 'close');
  }
  const strangers = [patient];
  while (strangers.length < STRANGERS_MAX) strangers.push(await open());
  await expect.poll(() => count).toBe(1 + 3 * STRANGERS_MAX);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(strangers.map(({ destroyed }) => destroyed)).not.toContain(true);
  const gone = once(strangers[0]!, 'close');
  await open();
  await gone;
  expect([admitted.destroyed, strangers[1]!.destroyed]).toEqual([false, false]);
});
