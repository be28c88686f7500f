/**
 * The border of requests on the caller's side: what comes in is checked, what comes back is sorted.
 */
import { WaferError } from '@wafer/core';
import type { EngineEvent } from './engine/messages.ts';
import { refuse } from './engine/sampling-options.ts';
import type { Inbox } from './inbox.ts';
import type { RequestOptions } from './piece.ts';

/** What waits for its caller, by request. */
export type Inboxes = Map<number, Inbox<EngineEvent>>;

/** What is read before a request is resolved. Throws: REQUEST_INVALID. */
export function checkRequest(prompt: unknown, options: RequestOptions): RequestOptions {
  if (prompt === undefined || prompt === null) {
    refuse('prompt', prompt, 'a text or token ids');
  }
  if (typeof options !== 'object' || options === null) {
    refuse('options', options, 'an object');
  }
  const { signal } = options;
  if (signal !== undefined && typeof signal?.throwIfAborted !== 'function') {
    refuse('signal', typeof signal, 'an AbortSignal');
  }
  return options;
}

/** Puts events into the inboxes of their requests. */
export function dispatch(events: EngineEvent[], inboxes: Inboxes): void {
  for (const event of events) {
    if (event.kind === 'ready' || event.kind === 'crashed') continue; // the fleet's own affair
    const inbox = inboxes.get(event.id);
    if (event.kind === 'refused') inbox?.fail(WaferError.fromJSON(event.error));
    else inbox?.put(event);
  }
}
