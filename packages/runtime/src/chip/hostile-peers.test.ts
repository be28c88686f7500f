/**
 * Peers that know no secret and mean no good, at the port of a chip that waits.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { WaferError } from '@wafer/core';
import {
  connectLink,
  emptyHeader,
  encodeFrame,
  encodeHello,
  FRAME,
  LinkListener,
  SocketLink,
} from '@wafer/fabric/links';
import type { LinkAddress, LinkClock, LinkHandlers, LinkEnd } from '@wafer/fabric/links';
import { INFERENCE } from './chip.ts';
import { runChipProcess } from './chip-process.ts';
import { WALL_CLOCK } from './link-clock.ts';
import { hostChannels, linkIdentity, PARENT } from './protocol.ts';
import { Refusals } from './refusals.ts';

const secret = new Uint8Array(32).fill(7);
const identity = linkIdentity('plain');

interface Waiting {
  address: { host: string; port: number };
  /** Codes and counts, as they were told. */
  refused: [string, number][];
  served: Promise<void>;
}

async function waitingChip(): Promise<Waiting> {
  const refused: [string, number][] = [];
  const listening = Promise.withResolvers<LinkAddress>();
  const served = runChipProcess(
    {
      listen: { kind: 'tcp' },
      secret,
      rounding: 'plain',
      revectorize: false,
      onListening: listening.resolve,
      onRefused: ({ code }, count) => refused.push([code, count]),
    },
    INFERENCE,
  );
  const address = (await listening.promise) as { host: string; port: number };
  return { address, refused, served };
}

function handlersOf(onOpen = (): void => {}): LinkHandlers {
  const nothing = (): void => undefined;
  const rest = { onCredit: nothing, onRoom: nothing, onMessage: nothing, onEnd: nothing };
  return { channels: () => hostChannels('parent'), onOpen, ...rest };
}

function specOf(role: 'connect' | 'listen'): LinkEnd {
  const nonce = new Uint8Array(16).fill(1);
  return { name: 'Wafer.Link[test]', role, chip: PARENT, identity, secret, nonce };
}

function stranger({ host, port }: Waiting['address']): Socket {
  const socket = connect(port, host);
  socket.on('error', () => {});
  socket.resume();
  onTestFinished(() => void socket.destroy());
  return socket;
}

/** Unlike `once`, it takes an error for an end. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
}

/** Writes as fast as the other end reads, until it is cut off. */
async function flood(socket: Socket, bytes: Uint8Array): Promise<void> {
  const pump = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on('drain', pump);
  pump();
  await closed(socket);
}

const hello = encodeHello({
  ...identity,
  nonce: new Uint8Array(16),
  chip: 3,
  firstSequence: 0,
  isAuthenticated: true,
});
const FLOODS = {
  'zero bytes': new Uint8Array(65_536),
  'another protocol': Buffer.from('GET / HTTP/1.1\r\nHost: wafer\r\n\r\n'.repeat(2000)),
  'messages before the proof': encodeFrame(emptyHeader(FRAME.data), new Uint8Array(65_536)).frame,
  'its hello, again and again': encodeFrame(emptyHeader(FRAME.hello), hello).frame,
  'the start of a message without end': encodeFrame(
    emptyHeader(FRAME.data),
    new Uint8Array(2 ** 24),
  ).frame,
};

test.each(Object.entries(FLOODS))(
  'a peer that sends %s is read a little and cut',
  async (_, bytes) => {
    const taken = Promise.withResolvers<{ socket: Socket; link: SocketLink }>();
    const listener = await LinkListener.open({ kind: 'tcp' }, (socket) => {
      const parts = { spec: specOf('listen'), handlers: handlersOf(), clock: WALL_CLOCK };
      taken.resolve({ socket, link: new SocketLink(socket, parts) });
    });
    onTestFinished(() => listener.close());
    await flood(stranger(listener.address as Waiting['address']), bytes);
    const { socket, link } = await taken.promise;
    expect((await link.ended)?.code).toBe('LINK_FRAME');
    await closed(socket);
    // What the system hands over in one read is 64 KiB.
    expect(socket.bytesRead).toBeLessThan(300_000);
  },
);

test('a chip beset by silent strangers keeps few, and lets its parent in', async () => {
  const { address, served } = await waitingChip();
  const silent = Array.from({ length: 100 }, () => stranger(address));
  await Promise.all(silent.map((socket) => once(socket, 'connect')));
  let open = silent.length;
  const enough = Promise.withResolvers<void>();
  for (const socket of silent) {
    void closed(socket).then(() => --open <= 32 && enough.resolve());
  }
  await enough.promise;
  const link = connectLink(address, {
    spec: specOf('connect'),
    handlers: handlersOf(),
    clock: WALL_CLOCK,
  });
  await link.opened;
  expect(open).toBeGreaterThan(25);
  // Proved, it is no stranger: newer ones do not drive it out.
  const more = Array.from({ length: 60 }, () => stranger(address));
  await Promise.all(more.map((socket) => once(socket, 'connect')));
  await Promise.race(more.map(closed));
  expect(link.state).toBe('open');
  link.close();
  await served;
});

test('two hundred refusals are a few lines, whose counts add up', async () => {
  const { address, refused, served } = await waitingChip();
  for (let i = 0; i < 200; i += 20) {
    const peers = Array.from({ length: 20 }, () => stranger(address));
    await Promise.all(peers.map((socket) => flood(socket, FLOODS['zero bytes'])));
  }
  const link = connectLink(address, {
    spec: specOf('connect'),
    handlers: handlersOf(),
    clock: WALL_CLOCK,
  });
  await link.opened;
  link.close();
  await served;
  expect(refused.length).toBeLessThan(40);
  expect(refused.reduce((sum, [, count]) => sum + count, 0)).toBe(200);
});

test('refusals are told one by one at first, then together when an interval is over', () => {
  const told: [string, number][] = [];
  let expire: (() => void) | undefined;
  const clock: LinkClock = {
    nowMs: () => 0,
    after: (_, call) => {
      expire = call;
      return () => (expire = undefined);
    },
  };
  const refusals = new Refusals((error, count) => told.push([error.code, count]), clock);
  for (let i = 0; i < 10; i++) refusals.note(new WaferError('LINK_SECRET', { link: 'x' }));
  expect(told).toEqual(Array(4).fill(['LINK_SECRET', 1]));
  refusals.note(new WaferError('LINK_FRAME', { link: 'x', reason: 'y' }));
  expire!();
  expect(told.slice(4)).toEqual([['LINK_FRAME', 7]]);
  refusals.note(new WaferError('LINK_SECRET', { link: 'x' }));
  expect(told).toHaveLength(6);
});
