import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { Random } from '../random.ts';
import { SocketBatches } from './socket-batches.ts';

/** A socket on its way to a server, and all that the server gets once it reads. */
async function joined(): Promise<{ socket: Socket; received: () => Promise<Buffer> }> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  onTestFinished(() => void server.close());
  const received = async (): Promise<Buffer> => {
    const [other] = await accepted;
    const chunks: Buffer[] = [];
    for await (const chunk of other) chunks.push(chunk as Buffer);
    return Buffer.concat(chunks);
  };
  return { socket, received };
}

test('there is room up to 256 KiB, held by the socket or waiting for a batch', async () => {
  const { socket, received } = await joined();
  const batches = new SocketBatches(socket);
  const [large, small] = [Buffer.alloc(250 * 1024, 1), Buffer.alloc(4 * 1024, 2)];
  batches.add(large); // more than a batch: the socket holds it until it is connected
  expect([batches.hasRoom, socket.writableLength]).toEqual([true, large.length]);
  batches.add(small);
  expect([batches.hasRoom, socket.writableLength]).toEqual([true, large.length]);
  batches.add(small);
  expect([batches.hasRoom, socket.writableLength]).toEqual([false, large.length]);
  batches.drain();
  expect([batches.hasRoom, socket.writableLength]).toEqual([false, 258 * 1024]);
  socket.end();
  expect(Buffer.compare(await received(), Buffer.concat([large, small, small]))).toBe(0);
  expect(batches.hasRoom).toBe(true);
});

test('frames of any size arrive in order, whenever batches end', async () => {
  const { socket, received } = await joined();
  const batches = new SocketBatches(socket);
  const random = new Random(21);
  const sizes = [0, 1, 36, 100, 20_000, 32_767, 32_768, 32_769, 70_000];
  const sent: Buffer[] = [];
  const arrived = received();
  for (let i = 0; i < 300; i++) {
    const frame = Buffer.alloc(sizes[random.below(sizes.length)]!, 1 + (i % 250));
    sent.push(frame);
    batches.add(frame);
    if (random.chance(0.3)) batches.drain();
    if (random.chance(0.2)) await new Promise<void>((resolve) => void setImmediate(resolve));
  }
  batches.drain();
  socket.end();
  expect(Buffer.compare(await arrived, Buffer.concat(sent))).toBe(0);
});
