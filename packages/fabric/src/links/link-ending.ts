/**
 * How a link ends: by goodbyes of both ends, once all that was sent has arrived, or by an error,
 * whose code the other end is told.
 */
import { WaferError } from '@wafer/core';
import { FRAME } from './frame.ts';
import type { FrameWriter } from './frame-writer.ts';
import type { LinkHandlers } from './link-spec.ts';
import type { LinkState } from './link-state.ts';
import type { Recovery } from './recovery.ts';

export interface LinkEndingParts {
  link: string;
  state: LinkState;
  writer: FrameWriter;
  recovery: Recovery;
  handlers: LinkHandlers;
}

export class LinkEnding {
  readonly #link: string;
  readonly #state: LinkState;
  readonly #writer: FrameWriter;
  readonly #recovery: Recovery;
  readonly #handlers: LinkHandlers;

  constructor({ link, state, writer, recovery, handlers }: LinkEndingParts) {
    this.#link = link;
    this.#state = state;
    this.#writer = writer;
    this.#recovery = recovery;
    this.#handlers = handlers;
  }

  /** Whether both ends have said goodbye, and at most `count` frames are in doubt. */
  isDone(count = 0): boolean {
    const { hasSaidBye, hasHeardBye } = this.#state;
    return hasSaidBye && hasHeardBye && this.#recovery.count <= count;
  }

  sayBye(): void {
    this.#state.hasSaidBye = true;
    this.#writer.writeSequenced(FRAME.bye, 0, 0);
  }

  /** Ends the link with an error, and tells the other end. */
  abort(error: WaferError): void {
    if (this.#state.phase === 'ended') return;
    const kind = this.#state.isProved ? FRAME.failure : FRAME.error;
    this.#writer.writeAlone(kind, Buffer.from(error.code, 'latin1'));
    this.end(error);
  }

  /** The link is no more, for this reason. */
  broken(reason: string): WaferError {
    return new WaferError('LINK_BROKEN', { link: this.#link, reason });
  }

  /** The wire is gone. An error, unless only the last goodbye was under way. */
  disconnect(reason: string): void {
    if (this.#state.phase === 'ended') return;
    this.end(this.isDone(1) ? undefined : this.broken(reason));
  }

  /** Ends the link, as asked or with an error. */
  end(error: WaferError | undefined): void {
    this.#state.phase = 'ended';
    this.#state.error = error;
    this.#handlers.onEnd(error);
  }
}
