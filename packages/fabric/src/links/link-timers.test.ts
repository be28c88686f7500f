import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { SocketLink } from './socket-link.ts';

test('an end whose socket has closed leaves no timer behind', async () => {
  const stranger = createServer((socket) => void socket.resume());
  await once(stranger.listen(0, '127.0.0.1'), 'listening');
  onTestFinished(() => void stranger.close());
  const socket = connect((stranger.address() as AddressInfo).port, '127.0.0.1');
  const timers = new Set<NodeJS.Timeout>();
  const link = new SocketLink(socket, {
    spec: {
      ...{ name: 'Wafer.Link[0-1]', role: 'connect', chip: 1 },
      identity: { kernelHash: '01'.repeat(32), rounding: 'plain' },
      secret: new Uint8Array(32).fill(5),
      nonce: new Uint8Array(16).fill(7),
      tuning: { resendMs: 60_000 },
    },
    handlers: {
      channels: () => ({ sends: [], receives: [] }),
      onMessage: () => undefined,
      onCredit: () => undefined,
      onRoom: () => undefined,
      onOpen: () => undefined,
      onEnd: () => undefined,
    },
    clock: {
      nowMs: () => performance.now(),
      after: (delayMs, call) => {
        const timer = setTimeout(() => {
          timers.delete(timer);
          call();
        }, delayMs);
        timers.add(timer);
        return () => {
          timers.delete(timer);
          clearTimeout(timer);
        };
      },
    },
  });
  await once(socket, 'connect');
  expect(timers.size).toBe(1); // the hello was not answered
  const closed = once(socket, 'close');
  link.close();
  await closed;
  // Neither the one for a frame in doubt nor the one for a socket that lingers.
  expect(timers.size).toBe(0);
});
