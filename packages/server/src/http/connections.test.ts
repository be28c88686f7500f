import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect, createServer as createDoor } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { boundConnections } from './connections.ts';

const COUNT_MAX = 4;
const server = createServer((_request, response) => void asked.push(response));
let asked: ServerResponse[] = [];
let clients: { name: string; socket: Socket }[] = [];

beforeAll(async () => {
  boundConnections(server, COUNT_MAX);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => server.close());
beforeEach(async () => {
  for (const { socket } of clients) socket.destroy();
  await until(async () => (await openCount()) === 0);
  [asked, clients] = [[], []];
});

const REQUEST = 'GET / HTTP/1.1\r\nHost: x\r\n\r\n';

async function until(isDone: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await isDone())) await new Promise((resolve) => setTimeout(resolve, 2));
}

function openCount(): Promise<number> {
  return new Promise((resolve) => server.getConnections((_, count) => resolve(count)));
}

function dial(name: string, to: Server): Socket {
  const { port } = to.address() as AddressInfo;
  const socket = connect(port, '127.0.0.1').on('error', () => undefined);
  clients.push({ name, socket });
  return socket.resume();
}

/** Opens a connection, and says that on it. */
async function open(name: string, text: string): Promise<Socket> {
  const seen = new Promise((resolve) => server.once('connection', resolve));
  const socket = dial(name, server);
  await seen;
  const before = asked.length;
  if (text !== '') socket.write(text);
  if (text === REQUEST) await until(() => asked.length > before);
  return socket;
}

/** Who is still connected, once so many are not. */
async function leftAfter(endCount: number): Promise<string[]> {
  const left = (): string[] =>
    clients.filter(({ socket }) => !socket.closed).map(({ name }) => name);
  await until(() => left().length <= clients.length - endCount);
  return left();
}

test('where all are taken, the one that has been idle for the longest gives way', async () => {
  await open('silent', '');
  await open('half', 'GET / HTTP/1.1\r\nX: ');
  await open('busy', REQUEST);
  await open('third', '');
  await open('fourth', '');
  expect(await leftAfter(1)).toEqual(['half', 'busy', 'third', 'fourth']);
  await open('fifth', REQUEST);
  expect(await leftAfter(2)).toEqual(['busy', 'third', 'fourth', 'fifth']);
});

test('who was answered is idle from then on', async () => {
  const first = await open('first', REQUEST);
  await open('second', '');
  await open('third', REQUEST);
  await open('fourth', '');
  asked[0]!.end('done');
  await new Promise((resolve) => first.once('data', resolve));
  await open('fifth', '');
  expect(await leftAfter(1)).toEqual(['first', 'third', 'fourth', 'fifth']);
  await open('sixth', '');
  await open('seventh', '');
  expect(await leftAfter(3)).toEqual(['third', 'fifth', 'sixth', 'seventh']);
});

test('for each of several that come in one turn another one gives way', async () => {
  for (const name of ['first', 'second', 'third', 'fourth']) await open(name, '');
  const come: Socket[] = [];
  const door = createDoor((socket) => void come.push(socket.once('close', () => come.pop())));
  await new Promise<void>((resolve) => door.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void door.close());
  for (const name of ['fifth', 'sixth', 'seventh']) dial(name, door);
  await until(() => come.length === 3);
  for (const socket of come) server.emit('connection', socket);
  expect(await leftAfter(3)).toEqual(['fourth', 'fifth', 'sixth', 'seventh']);
  for (const { socket } of clients) socket.destroy();
  await until(() => come.length === 0);
});

test('where all are busy, the next is refused', async () => {
  for (let i = 0; i < COUNT_MAX; i++) await open(`busy ${i}`, REQUEST);
  await open('late', '');
  expect(await leftAfter(1)).toEqual(Array.from({ length: COUNT_MAX }, (_, i) => `busy ${i}`));
});
