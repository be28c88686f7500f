/**
 * Server-sent events onto a socket.
 *
 * Events are handed to the socket at the end of the turn that they come in; a reader that is slow
 * makes the kernel's and Node's buffers grow, and past a bound it is cut: other clients pay nothing
 * for it. The source pauses at the high-water mark first, so that a reader which only stutters
 * loses nothing.
 *
 *     event ─▶ full? ─▶ wait for drain, at most `stallMs` ─▶ cut
 *                └ no ─▶ write
 */
import type { ServerResponse } from 'node:http';
import { toApiError } from '../errors/api-error.ts';
import { ChunkWriter } from './chunk-writer.ts';
import type { Reply, ServerEvent } from './route.ts';

export interface StreamLimits {
  /** Bytes that wait in this process for one client; then it is cut. */
  bufferedBytesMax: number;
  /** Milliseconds that a full buffer may stay full; then it is cut. */
  stallMs: number;
}

export const STREAM_LIMITS_DEFAULT: StreamLimits = { bufferedBytesMax: 2 ** 20, stallMs: 30_000 };

type EventReply = Reply & { kind: 'events' };

/** How a stream went. */
export interface StreamEnd {
  eventCount: number;
  /** What the client was told of, or undefined. */
  error: unknown;
  wasCut: boolean;
}

/**
 * Writes the events of an answer, and ends the response. `first` was taken from the iterator
 * before. Never throws.
 */
export async function writeEvents(
  response: ServerResponse,
  answer: EventReply,
  use: {
    first: IteratorResult<ServerEvent>;
    rest: AsyncIterator<ServerEvent>;
    headers: Readonly<Record<string, string>>;
    limits: StreamLimits;
    /** Kept up to date. */
    stream: StreamEnd;
  },
): Promise<void> {
  const { limits, rest, stream: end } = use;
  const { framing = 'events' } = answer;
  response.writeHead(200, {
    'content-type': CONTENT_TYPES[framing],
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...use.headers,
  });
  const writer = new ChunkWriter(response);
  const room = { response, writer, limits };
  const put = (event: ServerEvent): void =>
    writer.write(framing === 'lines' ? lineOf(event) : textOf(event));
  let isRead = true;
  try {
    for (let next = use.first; next.done !== true; next = await rest.next()) {
      end.eventCount++;
      if (!hasRoom(room) && !(await getsRoom(room))) {
        isRead = false;
        // A client that left was not cut.
        end.wasCut = !response.destroyed;
        break;
      }
      put(next.value);
    }
    if (isRead && answer.end) put(answer.end);
  } catch (error) {
    end.error = error;
    const told = toApiError(error);
    put(answer.errorEvent?.(told) ?? { data: told.body });
  }
  if (!isRead) {
    await rest.return?.();
    response.destroy();
  } else writer.end();
}

const CONTENT_TYPES = {
  events: 'text/event-stream; charset=utf-8',
  lines: 'application/x-ndjson',
} as const;

function textOf({ event, data }: ServerEvent): string {
  const name = event === undefined ? '' : `event: ${event}\n`;
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  return `${name}data: ${text}\n\n`;
}

function lineOf({ data }: ServerEvent): string {
  return `${JSON.stringify(data)}\n`;
}

/** Where an event goes. */
interface Room {
  response: ServerResponse;
  writer: ChunkWriter;
  limits: StreamLimits;
}

function hasRoom({ response, writer }: Room): boolean {
  const isFull =
    response.writableNeedDrain || writer.waitingLength > response.writableHighWaterMark;
  return !isFull && !response.destroyed;
}

/** Whether the client takes something again, in time. */
async function getsRoom({ response, writer, limits }: Room): Promise<boolean> {
  writer.flush();
  if (response.destroyed) return false;
  if (!response.writableNeedDrain) return true;
  if (response.writableLength > limits.bufferedBytesMax) return false;
  return drained(response, limits.stallMs);
}

/** Whether the buffer became empty in time. */
function drained(response: ServerResponse, stallMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (isDrained: boolean): void => {
      clearTimeout(timer);
      response.off('drain', onDrain);
      response.off('close', onClose);
      resolve(isDrained);
    };
    const onDrain = (): void => settle(true);
    const onClose = (): void => settle(false);
    const timer = setTimeout(() => settle(false), stallMs);
    response.once('drain', onDrain);
    response.once('close', onClose);
  });
}
