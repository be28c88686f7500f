/**
 * A client that costs as little as one can: raw sockets, and of an answer only its end is read.
 *
 * For measuring what a server costs where both share the cores: what a client spends on parsing
 * would be laid to the server. It is a process of its own, as clients are. Answers are streams of
 * server-sent events that end with `[DONE]`; their tokens are told by the usage before it.
 */
import { connect } from 'node:net';
import { WaferError } from '@wafer/core';
import type { Role, Runner } from '../process/runner.ts';

/** What is asked at once, each on a connection of its own. */
export interface CountingTask {
  /** Where all are posted to. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** In JSON. */
  bodies: readonly string[];
}

export interface CountingSample {
  /** Tokens of each answer. */
  counts: number[];
  /** From the first byte that is sent to the last that comes. */
  ms: number;
}

export interface CountingClientRole extends Role {
  name: 'counting-client';
  options: undefined;
  task: CountingTask;
  sample: CountingSample;
}

export class CountingClient implements Runner<CountingTask, CountingSample> {
  static async open(): Promise<CountingClient> {
    return new CountingClient();
  }

  /** Throws: SERVER_UNUSABLE where an answer is none. */
  async measure(task: CountingTask): Promise<CountingSample> {
    const beganAtMs = performance.now();
    const counts = await Promise.all(task.bodies.map((body) => countOne(task, body)));
    return { counts, ms: performance.now() - beganAtMs };
  }

  async close(): Promise<void> {}
}

const READ_BYTES = 65_536;
/** The usage, `[DONE]` and the end of the body are in so many bytes. */
const TAIL_BYTES = 4096;
const END = Buffer.from('data: [DONE]\n\n');

function countOne({ url: address, headers }: CountingTask, body: string): Promise<number> {
  const url = new URL(address);
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
  socket.once('error', (error) => reject(unusable(error.message)));
  socket.once('close', () => reject(unusable(tail.toString('latin1', 0, tailBytes).slice(0, 400))));
  socket.write(requestText(url, headers, body));
  return promise;
}

function requestText(url: URL, headers: Readonly<Record<string, string>>, body: string): string {
  const all = {
    host: url.host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
