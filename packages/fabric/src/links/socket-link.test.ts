import { statSync } from 'node:fs';
import { connect, createServer, Socket } from 'node:net';
import type { AddressInfo } from 'node:net';
import { dirname } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { WaferError } from '@wafer/core';
import { mix, Random } from '../random.ts';
import { everyFault, FaultInjector } from './faults.ts';
import type { LinkHandlers, LinkEnd, LinkWire } from './link-spec.ts';
import { LinkListener } from './listener.ts';
import { connectLink, SocketLink } from './socket-link.ts';
import type { LinkClock } from './socket-link.ts';

const BYTES_MAX = 200_000;
const SLOTS = 16;
const KINDS = ['unix', 'tcp'] as const;

const clock: LinkClock = {
  nowMs: () => performance.now(),
  after: (delayMs, call) => {
    const timer = setTimeout(call, delayMs);
    return () => clearTimeout(timer);
  },
};

function specOf(role: 'connect' | 'listen', changes: Partial<LinkEnd> = {}): LinkEnd {
  return {
    name: 'Wafer.Link[0-1]',
    role,
    chip: role === 'connect' ? 1 : 0,
    identity: { kernelHash: '01'.repeat(32), rounding: 'plain' },
    secret: new Uint8Array(32).fill(5),
    nonce: new Uint8Array(16).fill(role.length),
    ...changes,
  };
}

/** What a message of this number holds: sizes around the batches that frames are written in. */
function contentOf(message: number): Uint8Array {
  const size = [0, 5, 4096, 32_768, 32_769, 70_000, BYTES_MAX][message % 7]!;
  const words = new Int32Array(Math.ceil(size / 4));
  for (let i = 0; i < words.length; i++) words[i] = mix(message + i);
  return new Uint8Array(words.buffer, 0, size);
}

/** The server's end: sends every message back as it came. */
function echo(received: number[]): { handlers: LinkHandlers; take: (link: SocketLink) => void } {
  let link: SocketLink;
  const waiting: Uint8Array[] = [];
  const answer = (): void => {
    while (waiting.length > 0 && link.canSend(2)) {
      const bytes = waiting.shift()!;
      const rows = { rowCount: 1, hasIndices: false, payloadBytes: bytes.length };
      link.send(2, rows, (target) => target.set(bytes));
      link.release(1);
    }
  };
  const channels = {
    sends: [{ channel: 2, bytesMax: BYTES_MAX, slots: SLOTS }],
    receives: [{ channel: 1, bytesMax: BYTES_MAX, slots: SLOTS }],
  };
  const handlers: LinkHandlers = {
    channels: () => channels,
    onRoom: answer,
    onOpen: () => {},
    onCredit: answer,
    onEnd: () => {},
    onMessage: ({ message }, payload) => {
      const bytes = new Uint8Array(payload.byteLength);
      payload.read(bytes);
      received.push(message);
      waiting.push(bytes);
      answer();
    },
  };
  return { handlers, take: (taken) => (link = taken) };
}

interface Pair {
  listener: LinkListener;
  client: SocketLink;
  serverEnded: Promise<WaferError | undefined>;
  serverSocket: Promise<Socket>;
  serverLink: Promise<SocketLink>;
  received: number[];
  echoed: Promise<number[]>;
}

interface Timer {
  delayMs: number;
  isOver: boolean;
}

/** The clock, and what was asked of it. */
function watchedClock(): { watched: LinkClock; timers: Timer[] } {
  const timers: Timer[] = [];
  const after = (delayMs: number, call: () => void): (() => void) => {
    const timer = { delayMs, isOver: false };
    timers.push(timer);
    const cancel = clock.after(delayMs, () => {
      timer.isOver = true;
      call();
    });
    return () => {
      timer.isOver = true;
      cancel();
    };
  };
  return { watched: { nowMs: () => clock.nowMs(), after }, timers };
}

interface PairOptions {
  messages?: number;
  clock?: LinkClock;
  /** Whether the client keeps what it got. */
  holds?: boolean;
  client?: Partial<LinkEnd>;
  intercept?: (wire: LinkWire) => LinkWire;
}

/** A client that sends so many messages, a few under way, and checks what comes back. */
async function pair(kind: 'unix' | 'tcp', options: PairOptions = {}): Promise<Pair> {
  const { messages = 0, client: changes = {}, intercept = (wire) => wire } = options;
  const received: number[] = [];
  const returned: number[] = [];
  const ended = Promise.withResolvers<WaferError | undefined>();
  const accepted = Promise.withResolvers<Socket>();
  const linked = Promise.withResolvers<SocketLink>();
  const echoed = Promise.withResolvers<number[]>();
  const listener = await LinkListener.open({ kind }, (socket) => {
    const { handlers, take } = echo(received);
    const { tuning = {} } = changes;
    const link = new SocketLink(socket, {
      spec: specOf('listen', { tuning }),
      handlers,
      clock,
      intercept,
    });
    take(link);
    void link.ended.then(ended.resolve);
    accepted.resolve(socket);
    linked.resolve(link);
  });
  let sent = 0;
  const pump = (): void => {
    while (sent < messages && client.canSend(1)) {
      const content = contentOf(++sent);
      const rows = { rowCount: 1, hasIndices: false, payloadBytes: content.length };
      client.send(1, rows, (target) => target.set(content));
    }
  };
  const client = connectLink(listener.address, {
    spec: specOf('connect', changes),
    clock: options.clock ?? clock,
    intercept,
    handlers: {
      channels: () => ({
        sends: [{ channel: 1, bytesMax: BYTES_MAX, slots: SLOTS }],
        receives: [{ channel: 2, bytesMax: BYTES_MAX, slots: SLOTS }],
      }),
      onRoom: pump,
      onOpen: pump,
      onCredit: pump,
      onMessage: ({ message }, payload) => {
        const bytes = new Uint8Array(payload.byteLength);
        payload.read(bytes);
        if (Buffer.compare(bytes, contentOf(message)) === 0) returned.push(message);
        if (options.holds !== true) client.release(2);
        if (message === messages) echoed.resolve(returned);
      },
      onEnd: () => echoed.resolve(returned),
    },
  });
  onTestFinished(async () => {
    listener.close();
    await client.ended;
  });
  return {
    listener,
    client,
    serverEnded: ended.promise,
    serverSocket: accepted.promise,
    serverLink: linked.promise,
    received,
    echoed: echoed.promise,
  };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

test.each(KINDS)('messages go there and back over %s, and a close ends both ends', async (kind) => {
  // No silence of a busy machine counts as a loss.
  const link = await pair(kind, { messages: 60, client: { tuning: { resendMs: 60_000 } } });
  expect(await link.client.opened).toBe(0);
  expect(await link.echoed).toEqual(upTo(60));
  expect(link.received).toEqual(upTo(60));
  link.client.close();
  expect(await link.client.ended).toBeUndefined();
  expect(await link.serverEnded).toBeUndefined();
  expect(link.client.stats.framesResent).toBe(0);
});

test('a frame that is lost while nothing else happens is sent again', async () => {
  let isLosing = false;
  const intercept = (wire: LinkWire): LinkWire => ({
    get hasRoom() {
      return wire.hasRoom;
    },
    requestFlush: () => wire.requestFlush(),
    write: (frame) => {
      if (!isLosing) wire.write(frame);
      isLosing = false;
    },
  });
  const link = await pair('unix', { client: { tuning: { resendMs: 20 } }, intercept });
  await link.client.opened;
  // What the greeting has left to do is over: no turn is due that could set a timer.
  await new Promise<void>((resolve) => clock.after(50, resolve));
  isLosing = true;
  link.client.send(1, { rowCount: 1, hasIndices: false, payloadBytes: 0 }, () => {});
  while (link.received.length === 0) {
    await new Promise<void>((resolve) => clock.after(5, resolve));
  }
  expect(link.client.stats.framesResent).toBeGreaterThan(0);
  link.client.close();
  expect(await link.client.ended).toBeUndefined();
  expect(link.received).toEqual([1]);
});

test('what is due soon does not wait for what is due later, and no timer stays', async () => {
  const { watched, timers } = watchedClock();
  const tuning = { resendMs: 60_000 };
  const link = await pair('tcp', { messages: 1, clock: watched, client: { tuning } });
  await link.echoed;
  // A frame in doubt was due in a minute when its answer came, to be acknowledged at once.
  await vi.waitFor(() => expect(timers.some(({ delayMs }) => delayMs <= 5)).toBe(true));
  link.client.close();
  expect(await link.client.ended).toBeUndefined();
  await vi.waitFor(() => expect(timers.filter(({ isOver }) => !isOver)).toEqual([]));
});

test('a message that is given back outside a turn is credited by itself', async () => {
  const { watched, timers } = watchedClock();
  const link = await pair('tcp', { clock: watched, holds: true });
  await link.client.opened;
  const server = await link.serverLink;
  server.send(2, { rowCount: 1, hasIndices: false, payloadBytes: 0 }, () => {});
  await vi.waitFor(() => expect(link.client.stats.messagesReceived).toBe(1));
  await vi.waitFor(() => expect(timers.every(({ isOver }) => isOver)).toBe(true));
  timers.length = 0;
  link.client.release(2);
  expect(timers.map(({ delayMs }) => Math.ceil(delayMs))).toEqual([5]);
  link.client.close();
  expect(await link.client.ended).toBeUndefined();
});

test('an end that is over does not wait for one that never ends', async () => {
  const { watched, timers } = watchedClock();
  const silent = createServer({ allowHalfOpen: true }, (socket) => void socket.resume());
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void silent.close());
  const socket = connect((silent.address() as AddressInfo).port, '127.0.0.1');
  const { handlers } = echo([]);
  const link = new SocketLink(socket, { spec: specOf('connect'), handlers, clock: watched });
  await new Promise((resolve) => socket.once('connect', resolve));
  link.close();
  expect((await link.ended)?.code).toBe('LINK_BROKEN');
  await vi.waitFor(() => expect(socket.destroyed).toBe(true), { timeout: 10_000 });
  await vi.waitFor(() => expect(timers.filter(({ isOver }) => !isOver)).toEqual([]));
});

test('small messages that wait in the socket are not written over by the next ones', async () => {
  const link = await pair('unix');
  await link.client.opened;
  const server = await link.serverSocket;
  server.pause();
  let sent = 0;
  /** Messages of one turn, which leave as one batch. */
  const sendTurn = async (sizes: readonly number[]): Promise<void> => {
    for (const payloadBytes of sizes) {
      const rows = { rowCount: ++sent, hasIndices: false, payloadBytes };
      link.client.send(1, rows, (payload) => payload.fill(sent));
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  };
  // More than the system takes from one end while the other does not read.
  for (let i = 0; i < 5 && link.client.canSend(1); i++) {
    await sendTurn([90_000]);
    if (link.client.canSend(1)) await sendTurn([20, 20]);
  }
  server.resume();
  await vi.waitFor(() => expect(link.received).toEqual(upTo(sent)), { timeout: 20_000 });
  // Damage would have been mended, at a price.
  expect(link.client.stats.framesResent).toBe(0);
  expect((await link.serverLink).stats.damages).toBe(0);
});

test('both ends of a link ask for a vanished host, and send without delay', async () => {
  const asks = vi.spyOn(Socket.prototype, 'setKeepAlive');
  const delays = vi.spyOn(Socket.prototype, 'setNoDelay');
  onTestFinished(() => void vi.restoreAllMocks());
  const link = await pair('tcp');
  await link.client.opened;
  const ends = [...asks.mock.contexts];
  expect(new Set(ends).size).toBe(2);
  expect(ends).toContain(await link.serverSocket);
  for (const [isOn, afterMs] of asks.mock.calls) {
    expect(isOn).toBe(true);
    expect(afterMs).toBeGreaterThan(0);
    expect(afterMs).toBeLessThanOrEqual(60_000);
  }
  expect(delays.mock.calls.length).toBe(2);
  for (const [isWithout = true] of delays.mock.calls) expect(isWithout).toBe(true);
});

test('a socket file is private to its user, and gone afterwards', async () => {
  const { listener, client } = await pair('unix');
  const { path } = listener.address as { path: string };
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(dirname(path)).mode & 0o777).toBe(0o700);
  await client.opened;
  listener.close();
  expect(statSync(dirname(path), { throwIfNoEntry: false })).toBeUndefined();
  expect((await client.ended)?.code).toBe('LINK_BROKEN');
});

test('tcp listens on loopback unless told otherwise', async () => {
  const link = await pair('tcp');
  expect(link.listener.address).toMatchObject({ host: '127.0.0.1' });
});

test.each(KINDS)('over %s, a client with another secret is refused at both ends', async (kind) => {
  const link = await pair(kind, { client: { secret: new Uint8Array(32) } });
  await expect(link.client.opened).rejects.toBeInstanceOf(WaferError);
  const codes = [(await link.client.ended)?.code, (await link.serverEnded)?.code];
  expect(codes).toContain('LINK_SECRET');
});

test.each(KINDS)('a %s socket that closes ends the link with a code', async (kind) => {
  const link = await pair(kind);
  await link.client.opened;
  (await link.serverSocket).destroy();
  expect((await link.client.ended)?.code).toBe('LINK_BROKEN');
});

test('a listener that is not there is a broken link', async () => {
  const { listener, client } = await pair('unix');
  listener.close();
  await client.ended;
  const { handlers } = echo([]);
  const late = connectLink(listener.address, { spec: specOf('connect'), handlers, clock });
  await expect(late.opened).rejects.toMatchObject({ code: 'LINK_BROKEN' });
  await expect(late.opened).rejects.toThrow(/ENOENT|ECONNREFUSED/); // in the system's words
});

test('a stranger is dropped with a code, and no exception', async () => {
  const link = await pair('tcp');
  const { host, port } = link.listener.address as { host: string; port: number };
  await link.client.opened;
  const stranger = connect(port, host);
  stranger.on('error', () => {});
  const closed = new Promise((resolve) => stranger.once('close', resolve));
  stranger.resume();
  stranger.write(Buffer.alloc(20_000, 'GET / HTTP/1.1\r\n'));
  await closed;
});

test('faults between framing and a real socket are recovered, or end with a code', async () => {
  const random = new Random(11);
  const rates = everyFault(0.01);
  const injectors: FaultInjector[] = [];
  const intercept = (wire: LinkWire): LinkWire => {
    const parts = { random, rates, delayMsMax: 5, now: () => performance.now() };
    const injector = new FaultInjector(wire, parts);
    injectors.push(injector);
    return injector;
  };
  const timer = setInterval(() => injectors.forEach((injector) => injector.advance()), 1);
  // A machine that stalls is not given up: a fault is to be met.
  const tuning = { resendMs: 30, nakMs: 5, recoveriesMax: 8 };
  const link = await pair('unix', { messages: 200, intercept, client: { tuning } });
  const returned = await link.echoed;
  clearInterval(timer);
  expect(returned).toEqual(upTo(returned.length));
  expect(returned.length === 200 || (await link.client.ended)?.code === 'LINK_BROKEN').toBe(true);
  expect(injectors.reduce((sum, { counts }) => sum + counts.corrupt, 0)).toBeGreaterThan(0);
});
