/**
 * What waits for its callers, by request, and how events get there.
 */
import { WaferError } from '@wafer/core';
import type { EngineEvent } from './engine/messages.ts';
import type { Inbox } from './inbox.ts';

export type Inboxes = Map<number, Inbox<EngineEvent>>;

/** Puts events into the inboxes of their requests. */
export function dispatch(events: EngineEvent[], inboxes: Inboxes): void {
  for (const event of events) {
    if (event.kind === 'ready' || event.kind === 'crashed') continue; // the fleet's own affair
    const inbox = inboxes.get(event.id);
    if (event.kind === 'refused') inbox?.fail(WaferError.fromJSON(event.error));
    else inbox?.put(event);
  }
}
