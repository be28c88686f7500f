/**
 * Streams to clients that are slow or gone: what they cost, and what is left of them.
 */
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { mergeStreams } from '../requests/merge-streams.ts';
import { STREAM_LIMITS_DEFAULT, writeEvents } from './event-stream.ts';
import type { StreamEnd, StreamLimits } from './event-stream.ts';
import type { ServerEvent } from './route.ts';

let serve: (response: ServerResponse) => Promise<void>;
const server = createServer((_request, response) => void serve(response));
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

/** A client that asks and reads nothing. */
function ask(): Socket {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').pause();
  socket.write('GET / HTTP/1.0\r\n\r\n');
  return socket;
}

interface Told extends StreamEnd {
  /** Listeners that the stream left behind. */
  left: number;
  isSourceOver: boolean;
}

/** Streams `count` events of so many bytes to the next client. */
function stream(count: number, bytes: number, limits: StreamLimits): Promise<Told> {
  const told = Promise.withResolvers<Told>();
  serve = async (response) => {
    let isSourceOver = false;
    const events = async function* (): AsyncGenerator<ServerEvent> {
      try {
        for (let i = 0; i < count; i++) yield { data: 'x'.repeat(bytes) };
      } finally {
        isSourceOver = true;
      }
    };
    const rest = events();
    const listeners = (): number =>
      response.listenerCount('drain') + response.listenerCount('close');
    const before = listeners();
    const end: StreamEnd = { eventCount: 0, error: undefined, wasCut: false };
    const answer = { kind: 'events', events: rest, end: { data: '[DONE]' } } as const;
    const first = await rest.next();
    await writeEvents(response, answer, { first, rest, headers: {}, limits, stream: end });
    told.resolve({ ...end, left: listeners() - before, isSourceOver });
  };
  return told.promise;
}

test('a reader that stutters gets everything, and leaves no listener behind', async () => {
  const told = stream(64, 2 ** 18, { bufferedBytesMax: 2 ** 25, stallMs: 20_000 });
  const socket = ask();
  let length = 0;
  let tail = '';
  for await (const chunk of socket) {
    length += (chunk as Buffer).length;
    tail = (tail + (chunk as Buffer).toString('latin1')).slice(-20);
  }
  expect(await told).toMatchObject({ eventCount: 64, wasCut: false, left: 0, isSourceOver: true });
  expect(length).toBeGreaterThan(64 * 2 ** 18);
  expect(tail.endsWith('data: [DONE]\n\n')).toBe(true);
});

test('one that takes nothing is cut when it has stalled, and its source ends', async () => {
  const told = stream(10_000, 2 ** 18, { bufferedBytesMax: 2 ** 25, stallMs: 20 });
  const socket = ask();
  expect(await told).toMatchObject({ wasCut: true, isSourceOver: true, left: 0 });
  socket.destroy();
});

test('one that leaves was not cut, and its source ends', async () => {
  const told = stream(10_000, 2 ** 18, { bufferedBytesMax: 2 ** 25, stallMs: 2 ** 30 });
  const socket = ask().resume();
  socket.once('data', () => socket.destroy());
  expect(await told).toMatchObject({ wasCut: false, isSourceOver: true });
});

test('no timer is left behind, whether a client reads on or leaves', async () => {
  const STALL_MS = 20_011;
  const set = vi.spyOn(globalThis, 'setTimeout');
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  onTestFinished(() => void vi.restoreAllMocks());
  const told = stream(64, 2 ** 18, { bufferedBytesMax: 2 ** 25, stallMs: STALL_MS });
  for await (const _ of ask()) void _;
  await told;
  const timers = set.mock.calls.flatMap(([, ms], i) =>
    ms === STALL_MS ? [set.mock.results[i]!.value as unknown] : [],
  );
  expect(timers.length).toBeGreaterThan(0);
  const gone = new Set<unknown>(cleared.mock.calls.map(([timer]) => timer));
  expect(timers.filter((timer) => !gone.has(timer))).toEqual([]);
});

/** All that a client gets of such an answer, without its head. */
async function bodyOf(
  events: () => AsyncGenerator<ServerEvent>,
  answer: Partial<Parameters<typeof writeEvents>[1]>,
): Promise<{ body: string; end: StreamEnd }> {
  const end: StreamEnd = { eventCount: 0, error: undefined, wasCut: false };
  serve = async (response) => {
    const rest = events();
    const whole = { kind: 'events', events: rest, ...answer } as const;
    const use = { rest, headers: {}, limits: STREAM_LIMITS_DEFAULT, stream: end };
    await writeEvents(response, whole, { ...use, first: await rest.next() });
  };
  let text = '';
  for await (const chunk of ask()) text += (chunk as Buffer).toString('utf8');
  return { body: text.slice(text.indexOf('\r\n\r\n') + 4), end };
}

test('events have names and data, texts as they are; lines are data alone', async () => {
  const events = async function* (): AsyncGenerator<ServerEvent> {
    yield { event: 'one', data: { a: 1 } };
    yield { data: 'text' };
  };
  const last = { end: { data: '[DONE]' } };
  const { body, end } = await bodyOf(events, last);
  expect(body).toBe('event: one\ndata: {"a":1}\n\ndata: text\n\ndata: [DONE]\n\n');
  expect(end).toEqual({ eventCount: 2, error: undefined, wasCut: false });
  const lines = await bodyOf(events, { framing: 'lines' });
  expect(lines.body).toBe('{"a":1}\n"text"\n');
});

test('a failure on the way is told as the last event, and noted', async () => {
  const failure = new Error('the engine is gone');
  const events = async function* (): AsyncGenerator<ServerEvent> {
    yield { data: 'text' };
    throw failure;
  };
  const errorEvent = (): ServerEvent => ({ event: 'error', data: 'told' });
  const { body, end } = await bodyOf(events, { end: { data: '[DONE]' }, errorEvent });
  expect(body).toBe('data: text\n\nevent: error\ndata: told\n\n');
  expect(end).toEqual({ eventCount: 1, error: failure, wasCut: false });
});

test('one for which too much waits is cut at once, however long it may stall', async () => {
  const told = stream(3, 2 ** 24, { bufferedBytesMax: 2 ** 20, stallMs: 2 ** 30 });
  const socket = ask();
  expect(await told).toMatchObject({ eventCount: 2, wasCut: true, isSourceOver: true });
  socket.destroy();
});

test('merged streams end together: whoever leaves, or fails, ends those that go on', async () => {
  const over: string[] = [];
  const source = async function* (name: string, failAt = Infinity): AsyncGenerator<string, void> {
    try {
      for (let i = 0; ; i++) {
        await turn(); // a source that never waits leaves no turn to another
        if (i === failAt) throw new Error(`${name} fails`);
        yield `${name}${i}`;
      }
    } finally {
      over.push(name);
    }
  };
  for await (const item of mergeStreams([source('a'), source('b')])) if (item === 'b2') break;
  expect(over.toSorted()).toEqual(['a', 'b']);
  over.length = 0;
  const failing = mergeStreams([source('a', 3), source('b'), source('c')]);
  const items: string[] = [];
  const read = async (): Promise<void> => {
    for await (const item of failing) items.push(item);
  };
  await expect(read()).rejects.toThrow('a fails');
  expect(over.toSorted()).toEqual(['a', 'b', 'c']);
  expect(items).toContain('c1');
});
