/**
 * The open requests of a wafer: each has a number, an inbox where its events wait, and a line that
 * its caller speaks through. While somebody waits on a line, the process stays alive.
 */
import { WaferError } from '@wafer/core';
import type { EngineCommand, EngineEvent } from '../engine/messages.ts';
import { Inbox } from './inbox.ts';
import { ProcessHold } from '../threads/process-hold.ts';
import type { RequestLine } from './request-streams.ts';

export class RequestLines {
  readonly #inboxes = new Map<number, Inbox<EngineEvent>>();
  #hold: ProcessHold | undefined;
  #count = 0;

  /** Opens the line of one request to an engine. */
  open(engine: { command(command: EngineCommand): void }): RequestLine {
    const id = this.#count++;
    const hold = (this.#hold ??= new ProcessHold());
    const inbox = new Inbox<EngineEvent>((isWaiting) => hold.count(isWaiting));
    this.#inboxes.set(id, inbox);
    return {
      id,
      inbox,
      command: (command) => engine.command(command),
      close: () => void this.#inboxes.delete(id),
    };
  }

  /** Puts events into the inboxes of their requests. */
  dispatch(events: readonly EngineEvent[]): void {
    for (const event of events) {
      if (event.kind === 'ready' || event.kind === 'crashed') continue; // the fleet's own affair
      const inbox = this.#inboxes.get(event.id);
      if (event.kind === 'refused') inbox?.fail(WaferError.fromJSON(event.error));
      else inbox?.put(event);
    }
  }

  /** Ends all requests that are open with an error. */
  fail(error: unknown): void {
    for (const inbox of this.#inboxes.values()) inbox.fail(error);
  }

  /** Nobody waits any more. */
  close(): void {
    this.#hold?.close();
  }
}
