/**
 * Server-sent events onto a socket.
 *
 * Events are handed to the socket as they come; a reader that is slow makes the kernel's and Node's
 * buffers grow, and past a bound it is cut: other clients pay nothing for it. The source pauses at
 * the high-water mark first, so that a reader which only stutters loses nothing.
 *
 *     event ─▶ write ─ false? ─▶ wait for drain, at most `stallMs` ─▶ cut
 */
import type { ServerResponse } from 'node:http';
import { toApiError } from '../errors/api-error.ts';
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
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no',
    ...use.headers,
  });
  try {
    for (let next = use.first; next.done !== true; next = await rest.next()) {
      end.eventCount++;
      if (await send(response, next.value, limits)) continue;
      end.wasCut = true;
      break;
    }
    if (!end.wasCut && answer.end) await send(response, answer.end, limits);
  } catch (error) {
    end.error = error;
    const told = toApiError(error);
    const event = answer.errorEvent?.(told) ?? { data: told.body };
    if (!response.destroyed) await send(response, event, limits);
  }
  if (end.wasCut) {
    await rest.return?.();
    response.destroy();
  } else response.end();
}

/** Whether the client still takes something. */
async function send(
  response: ServerResponse,
  { event, data }: ServerEvent,
  { bufferedBytesMax, stallMs }: StreamLimits,
): Promise<boolean> {
  if (response.destroyed) return false;
  const name = event === undefined ? '' : `event: ${event}\n`;
  const text = typeof data === 'string' ? data : JSON.stringify(data);
  if (response.write(`${name}data: ${text}\n\n`)) return true;
  if (response.writableLength > bufferedBytesMax) return false;
  return drained(response, stallMs);
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
