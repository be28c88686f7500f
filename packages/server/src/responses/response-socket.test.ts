/** A WebSocket of responses: one turn at a time, what it keeps, and how it ends. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import type { Socket } from 'node:net';
import { WebSocket } from 'ws';
import { expect, onTestFinished, test } from 'vitest';
import { openModel, Wafer } from '@wafer/runtime';
import { keyOf, SMALL_MODEL, startTestServer, STORIES } from '../../scripts/test-server.ts';
import type { ServedModelSpec } from '../models/model-entry.ts';
import { withPlainTemplate } from '../models/plain-template.ts';
import type { RunningServer } from '../server.ts';

const ASK = { type: 'response.create', model: 'stories', input: 'Once upon a time', store: false };
const LONG = { ...ASK, temperature: 0 };
const END = /^(response\.(completed|incomplete|failed)|error)$/;

interface Event {
  type: string;
  response?: { id: string };
  error?: { code: string };
}

interface Client {
  ws: WebSocket;
  /** What came, in its order. */
  events: Event[];
  ask: (body: object) => void;
  /** The last event of so many turns in all. */
  end: (turns: number) => Promise<Event>;
}

async function connect(
  { url }: RunningServer,
  headers: Record<string, string> = { authorization: `Bearer ${keyOf('first')}` },
): Promise<Client> {
  const ws = new WebSocket(`${url.replace('http', 'ws')}/v1/responses`, { headers });
  const events: Event[] = [];
  ws.on('error', () => undefined);
  ws.on('message', (data: Buffer) => events.push(JSON.parse(data.toString()) as Event));
  await once(ws, 'open');
  onTestFinished(() => ws.terminate());
  const end = async (turns: number): Promise<Event> => {
    for (;;) {
      const ends = events.filter(({ type }) => END.test(type));
      if (ends.length >= turns) return ends[turns - 1]!;
      await once(ws, 'message');
    }
  };
  return { ws, events, ask: (body) => ws.send(JSON.stringify(body)), end };
}

const waiting = ({ services }: RunningServer): number =>
  services.models.find('stories').gate!.requestCount;

/** A model that answers one request at a time. */
const ONE_SLOT: ServedModelSpec = {
  ...STORIES,
  start: async () =>
    Wafer.start({ model: withPlainTemplate(await openModel(SMALL_MODEL)), sequences: 1 }),
};

/** Has the slot, with an answer that nobody reads: a turn waits until it lets go. */
async function occupy({ services }: RunningServer): Promise<AsyncDisposable> {
  using lease = await services.models.lease('stories');
  // More than an engine says ahead of its reader, and nothing that ends it before.
  const answer = lease.wafer.generate('a', { maxTokens: 400, logitBias: { 1: -100, 2: -100 } });
  await answer.next();
  return { [Symbol.asyncDispose]: async () => void (await answer.return()) };
}

test('one turn at a time: another one is refused, and the first goes on', async () => {
  await using server = await startTestServer({ models: [ONE_SLOT] });
  const { ask, events, end } = await connect(server);
  {
    await using _ = await occupy(server);
    ask({ ...LONG, max_output_tokens: 50 });
    ask({ ...ASK, max_output_tokens: 1 });
    expect((await end(1)).error?.code).toBe('response_in_progress');
  }
  expect((await end(2)).type).toBe('response.incomplete');
  expect(events.filter(({ type }) => type === 'response.created')).toHaveLength(1);
  ask({ ...ASK, max_output_tokens: 1 });
  expect((await end(3)).type).toBe('response.incomplete');
});

test('a client that leaves ends its turn, though nothing comes of that', async () => {
  await using server = await startTestServer({ models: [ONE_SLOT] });
  await using _ = await occupy(server);
  const { ws, ask, events } = await connect(server);
  ask(LONG);
  await expect.poll(() => waiting(server)).toBe(1);
  ws.terminate();
  await expect.poll(() => waiting(server)).toBe(0);
  expect(events).toEqual([]);
});

test('a connection keeps the last 64 responses that are not stored, and no more', async () => {
  await using server = await startTestServer();
  const { ask, end } = await connect(server);
  const ids: string[] = [];
  for (let turn = 1; turn <= 65; turn++) {
    ask({ ...ASK, max_output_tokens: 1 });
    ids.push((await end(turn)).response!.id);
  }
  ask({ ...ASK, max_output_tokens: 1, previous_response_id: ids[1] });
  expect((await end(66)).type).toBe('response.incomplete');
  // That one made another one go.
  for (const [i, gone] of [ids[0], ids[1]].entries()) {
    ask({ ...ASK, max_output_tokens: 1, previous_response_id: gone });
    expect((await end(67 + i)).error?.code).toBe('previous_response_not_found');
  }
});

test('a drain waits for a turn under way, refuses others, and then ends all sockets', async () => {
  const server = await startTestServer({ models: [ONE_SLOT] });
  const [one, other] = [await connect(server), await connect(server)];
  const slots = await occupy(server);
  one.ask({ ...LONG, max_output_tokens: 15 });
  await expect.poll(() => waiting(server)).toBe(1);
  const closed = [one.ws, other.ws].map(async (ws) => once(ws, 'close'));
  const drained = server.drain(60_000);
  other.ask({ ...ASK, max_output_tokens: 1 });
  expect((await other.end(1)).error?.code).toBe('draining');
  await slots[Symbol.asyncDispose]();
  expect((await one.end(1)).type).toBe('response.incomplete');
  await drained;
  await Promise.all(closed);
});

test('pages of other origins get no socket where no key is asked for', async () => {
  await using server = await startTestServer({ models: [STORIES], keys: [] });
  const refused = connect(server, { origin: 'http://evil.test' });
  await expect(refused).rejects.toThrow(/403/);
  for (const headers of [{}, { origin: server.url }] as Record<string, string>[]) {
    const { ws } = await connect(server, headers);
    expect(ws.readyState).toBe(ws.OPEN);
  }
});

test('a connection whose upgrade is refused ends, though its client keeps it open', async () => {
  await using server = await startTestServer();
  const sockets: Socket[] = [];
  const note = (message: unknown): void =>
    void sockets.push((message as { socket: Socket }).socket);
  subscribe('net.server.socket', note);
  onTestFinished(() => void unsubscribe('net.server.socket', note));
  const client = connectTcp({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
  onTestFinished(() => void client.destroy());
  client.write('GET /none HTTP/1.1\r\nHost: localhost\r\n');
  client.write('Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  client.on('data', (bytes) => expect(String(bytes)).toMatch(/^HTTP\/1.1 404 /));
  await once(client, 'end');
  await expect.poll(() => sockets.map(({ destroyed }) => destroyed)).toEqual([true]);
});
