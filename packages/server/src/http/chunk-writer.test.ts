import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ChunkWriter } from './chunk-writer.ts';

let write: (writer: ChunkWriter) => Promise<void> | void;
const writes: string[] = [];
const server = createServer((_request, response: ServerResponse) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  const writer = new ChunkWriter(response);
  const send = response.write.bind(response);
  response.write = (text: string) => {
    writes.push(text);
    return send(text);
  };
  void write(writer);
});
beforeAll(() => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve)));
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const port = (): number => (server.address() as AddressInfo).port;

/** All that a socket is answered, as text. */
async function answerTo(request: string): Promise<string> {
  const socket = connect(port(), '127.0.0.1').setEncoding('utf8');
  socket.write(request);
  let text = '';
  for await (const part of socket) text += String(part);
  return text;
}

const TEXTS = ['one ', 'é😀 ', 'three'];

test('what is said in a turn is one write, and turns are apart; lengths count bytes', async () => {
  writes.length = 0;
  write = async (writer) => {
    for (const text of TEXTS) writer.write(text);
    await turn();
    await turn();
    writer.write('next turn');
    await turn();
    await turn();
    writer.write(' and the end');
    writer.end();
  };
  const answer = await fetch(`http://127.0.0.1:${port()}/`);
  expect(answer.headers.get('transfer-encoding')).toBe('chunked');
  expect(await answer.text()).toBe(`${TEXTS.join('')}next turn and the end`);
  expect(writes).toEqual(['10\r\none é😀 three\r\n', '9\r\nnext turn\r\n']);
});

test('an empty body has an end, and the connection takes the next request', async () => {
  write = (writer) => writer.end();
  const one = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
  const last = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n';
  const text = await answerTo(one + last);
  const [first, second, rest] = text.split('\r\n\r\n0\r\n\r\n');
  expect([first!.slice(0, 15), second!.slice(0, 15), rest]).toEqual([
    ...['HTTP/1.1 200 OK', 'HTTP/1.1 200 OK', ''],
  ]);
});

test('a client of HTTP/1.0 gets the body as it is', async () => {
  write = (writer) => {
    for (const part of TEXTS) writer.write(part);
    writer.end();
  };
  const text = await answerTo('GET / HTTP/1.0\r\n\r\n');
  expect(text.split('\r\n\r\n').slice(1)).toEqual([TEXTS.join('')]);
});

test('what is said to a client that left goes nowhere', async () => {
  writes.length = 0;
  const left = Promise.withResolvers<void>();
  write = async (writer) => {
    socket.destroy();
    await left.promise;
    writer.write('to nobody');
    await turn();
    writer.end();
  };
  const socket = connect(port(), '127.0.0.1');
  socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  server.once('connection', (peer) => peer.once('close', () => left.resolve()));
  await left.promise;
  await turn();
  expect(writes).toEqual([]);
});
