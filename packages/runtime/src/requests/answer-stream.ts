/**
 * The pieces of all answers of a request, as they come: opened for the first, and ended with the
 * last, with a failure, or when its reader leaves.
 *
 *     events of a step ─▶ inbox ─ filled ─▶ next ─▶ piece
 *
 * No generator: a piece waits in one place only, and passes one promise on its way. Between two
 * tokens the caches of a busy core forget all of this; what a token runs through is what it costs.
 * So calls of `next` side by side do not queue as those of a generator do: each piece goes to one
 * of them, but one that comes while an earlier call is being woken may have the earlier piece.
 */
import type { PieceEvent } from '../engine/messages.ts';
import type { GenerateRequest } from '../engine/request.ts';
import type { Piece } from '../piece.ts';
import { LeftStream } from './left-stream.ts';
import { grantMore } from './request-streams.ts';
import type { RequestLine } from './request-streams.ts';

/** A request that may be sent. */
export interface OpenRequest {
  line: RequestLine;
  request: GenerateRequest;
  signal: AbortSignal | undefined;
}

export interface AnswerStreamParts {
  /** Called once, for the first piece. */
  open: () => Promise<OpenRequest>;
  /** Told once, however the stream ends. */
  onEnd: () => void;
}

/** Throws: what opening throws, and what the engine refuses with. */
export class AnswerStream extends LeftStream<Piece> {
  readonly #parts: AnswerStreamParts;
  #opening: Promise<void> | undefined;
  #sent: OpenRequest | undefined;
  /** Events at hand, and which is next. */
  #events: readonly PieceEvent[] = [];
  #next = 0;
  /** Pieces of each answer since it was last granted more. */
  #taken = new Int32Array(0);
  #openCount = 0;
  #isOver = false;
  readonly #abort = (): void => {
    const { line, signal } = this.#sent!;
    line.command({ kind: 'abort', id: line.id });
    line.inbox.fail(signal?.reason);
  };

  constructor(parts: AnswerStreamParts) {
    super();
    this.#parts = parts;
  }

  async next(): Promise<IteratorResult<Piece, void>> {
    try {
      if (this.#sent === undefined && !this.#isOver) await (this.#opening ??= this.#open());
      while (!this.#isOver && this.#openCount > 0) {
        const { line, request, signal } = this.#sent!;
        if (this.#next < this.#events.length) {
          signal?.throwIfAborted();
          const event = this.#events[this.#next++]!;
          if (event.finish !== undefined) this.#openCount--;
          else grantMore(line, { taken: this.#taken, index: event.index, ahead: request.credit });
          return { done: false, value: pieceOf(event) };
        }
        const events = line.inbox.takeNow();
        if (events === undefined) await line.inbox.filled();
        else {
          this.#events = events as PieceEvent[];
          this.#next = 0;
        }
      }
    } catch (error) {
      this.#end();
      throw error;
    }
    this.#end();
    return LeftStream.DONE;
  }

  async #open(): Promise<void> {
    const opened = await this.#parts.open();
    const { line, request, signal } = opened;
    if (this.#isOver) return line.close();
    this.#sent = opened;
    this.#taken = new Int32Array(request.answerCount);
    this.#openCount = request.answerCount;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', this.#abort, { once: true });
    line.command({ kind: 'generate', id: line.id, request });
  }

  /** Who leaves while it is being opened waits for that. */
  async leave(): Promise<void> {
    const wasOver = this.#isOver;
    this.#isOver = true;
    await this.#opening?.catch(() => undefined);
    if (!wasOver) this.#close();
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#close();
  }

  /** Once. */
  #close(): void {
    try {
      if (this.#sent === undefined) return;
      const { line, signal } = this.#sent;
      signal?.removeEventListener('abort', this.#abort);
      line.close();
      line.inbox.fail(undefined); // whoever waits beside the one that leaves
      if (this.#openCount > 0) line.command({ kind: 'abort', id: line.id });
    } finally {
      this.#parts.onEnd();
    }
  }
}

/** A piece has all its fields, so that all are of one shape. */
function pieceOf(event: PieceEvent): Piece {
  return {
    token: event.token,
    index: event.index,
    text: event.text,
    logprob: event.logprob,
    top: event.top,
    promptLogprobs: event.promptLogprobs,
    virtualNs: event.virtualNs,
    finish: event.finish,
    stop: event.stop,
    usage: event.usage,
  };
}
