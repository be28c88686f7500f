/**
 * A client that costs as little as one can: raw sockets, and of an answer only its end is read.
 *
 * For measuring what a server costs where both share the cores: what a client spends on parsing
 * would be laid to the server. It is a process of its own, and keeps its connections, as clients
 * do. Answers are streams of server-sent events that end with `[DONE]`; their tokens are told by
 * the usage before it.
 */
import { connect } from 'node:net';
import { WaferError } from '@wafer/core';
import type { Role, Runner } from '../process/runner.ts';
import { threadTimes } from '../thread-times.ts';

/** What is asked, over one connection per stream. */
export interface CountingTask {
  /** Where all are posted to. */
  url: string;
  headers: Readonly<Record<string, string>>;
  /** In JSON: of each stream, one after the other. */
  bodies: readonly (readonly string[])[];
}

export interface CountingSample {
  /** Tokens of each stream. */
  counts: number[];
  /** From the first byte that is sent to the last that comes. */
  ms: number;
  /** Nanoseconds of processor time of this process; 0 where the system does not tell. */
  processorNs: number;
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
    const before = threadTimes(process.pid);
    const counts = await Promise.all(task.bodies.map((bodies) => countStream(task, bodies)));
    const after = threadTimes(process.pid);
    const processorNs = before && after ? after.allNs - before.allNs : 0;
    return { counts, ms: performance.now() - beganAtMs, processorNs };
  }

  async close(): Promise<void> {}
}

const READ_BYTES = 65_536;
/** The usage, `[DONE]` and the end of the body are in so many bytes. */
const TAIL_BYTES = 4096;
const LAST_EVENT = 'data: [DONE]\n\n';
/** Of a body in chunks. */
const LAST_CHUNK = '0\r\n\r\n';

/** Asks for one answer after the other, and counts the tokens of all. */
function countStream(
  { url: address, headers }: CountingTask,
  bodies: readonly string[],
): Promise<number> {
  const url = new URL(address);
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const tail = new Tail();
  let count = 0;
  let asked = 0;
  const ask = (): void => void socket.write(requestText(url, headers, bodies[asked++]!));
  const unusable = (reason: string): WaferError =>
    new WaferError('SERVER_UNUSABLE', { url: url.href, reason });
  const socket = connect({
    host: url.hostname,
    port: Number(url.port),
    noDelay: true,
    onread: {
      buffer: Buffer.alloc(READ_BYTES),
      callback: (length, buffer) => {
        tail.add(buffer.subarray(0, length));
        if (!tail.isLast) return true;
        const used = /"completion_tokens":(\d+)/.exec(tail.text);
        if (used === null) reject(unusable('no usage before the end of an answer'));
        count += Number(used?.[1]);
        tail.clear();
        if (used !== null && asked < bodies.length) {
          ask();
          return true;
        }
        resolve(count);
        socket.destroy();
        return true;
      },
    },
  });
  socket.once('error', (error) => reject(unusable(error.message)));
  socket.once('close', () => reject(unusable(tail.text.slice(0, 400))));
  ask();
  return promise;
}

/** The last bytes of an answer. */
class Tail {
  readonly #bytes = Buffer.alloc(TAIL_BYTES);
  #length = 0;

  add(bytes: Uint8Array): void {
    const kept = bytes.subarray(-TAIL_BYTES);
    const before = Math.min(this.#length, TAIL_BYTES - kept.length);
    this.#bytes.copyWithin(0, this.#length - before, this.#length);
    this.#bytes.set(kept, before);
    this.#length = before + kept.length;
  }

  clear(): void {
    this.#length = 0;
  }

  get text(): string {
    return this.#bytes.toString('latin1', 0, this.#length);
  }

  /** Whether the answer is whole. */
  get isLast(): boolean {
    const end = this.#bytes.toString('latin1', Math.max(0, this.#length - END_BYTES), this.#length);
    return end.endsWith(LAST_CHUNK) && end.includes(LAST_EVENT);
  }
}

/** The last event and the last chunk are in so many bytes. */
const END_BYTES = 64;

function requestText(url: URL, headers: Readonly<Record<string, string>>, body: string): string {
  const all = {
    host: url.host,
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST ${url.pathname} HTTP/1.1\r\n${lines.join('')}\r\n${body}`;
}
