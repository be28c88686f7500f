/**
 * A client that costs as little as one can: raw sockets, and of an answer only its end is read.
 *
 * For measuring what a server costs where both share the cores: what a client spends on parsing
 * would be laid to the server. Answers are streams of server-sent events that end with `[DONE]`;
 * their tokens are told by the usage that stands before it.
 */
import { connect } from 'node:net';
import { WaferError } from '@wafer/core';
import { headersOf, pathOf } from './target.ts';
import type { MeasuredServer } from './target.ts';

const READ_BYTES = 65_536;
/** The usage, `[DONE]` and the end of the body are in so many bytes. */
const TAIL_BYTES = 4096;
const END = Buffer.from('data: [DONE]\n\n');

/**
 * Sends all bodies at once, on connections of their own; resolves with the tokens of each answer.
 * Throws: SERVER_UNUSABLE where an answer is none, the signal's reason.
 */
export async function countTokens(
  target: MeasuredServer,
  bodies: readonly Record<string, unknown>[],
  signal: AbortSignal,
): Promise<number[]> {
  return Promise.all(bodies.map((body) => countOne(target, body, signal)));
}

function countOne(
  target: MeasuredServer,
  body: Record<string, unknown>,
  signal: AbortSignal,
): Promise<number> {
  const url = new URL(pathOf(target));
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const tail = Buffer.alloc(TAIL_BYTES);
  let tailBytes = 0;
  const take = (bytes: Buffer): void => {
    const kept = bytes.subarray(-TAIL_BYTES);
    const before = Math.min(tailBytes, TAIL_BYTES - kept.length);
    tail.copyWithin(0, tailBytes - before, tailBytes);
    kept.copy(tail, before);
    tailBytes = before + kept.length;
  };
  const unusable = (reason: string): WaferError =>
    new WaferError('SERVER_UNUSABLE', { url: url.href, reason });
  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    noDelay: true,
    signal,
    onread: {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (count, buffer) => {
        take(Buffer.from(buffer.buffer, buffer.byteOffset, count));
        if (!tail.subarray(0, tailBytes).includes(END)) return true;
        const used = /"completion_tokens":(\d+)/.exec(tail.toString('latin1', 0, tailBytes));
        if (used === null) reject(unusable('no usage before the end of an answer'));
        else resolve(Number(used[1]));
        socket.destroy();
        return true;
      },
    },
  });
  socket.once('error', (error) => {
    reject(signal.aborted ? (signal.reason as Error) : unusable(error.message));
  });
  socket.once('close', () => reject(unusable(tail.toString('latin1', 0, tailBytes).slice(0, 400))));
  socket.write(requestText(url, target, JSON.stringify(body)));
  return promise;
}

function requestText(url: URL, target: MeasuredServer, body: string): string {
  const headers = {
    host: url.host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headersOf(target),
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
