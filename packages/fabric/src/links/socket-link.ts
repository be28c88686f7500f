/**
 * A link over a socket of the system: unix or TCP, either end.
 *
 *   send ─┐                       ┌─▶ small frames: one write at the end of the turn
 *   send ─┴▶ endpoint ─▶ frames ──┴─▶ large frames: at once, while the next one is checked
 *
 * A turn is what happens between two visits of the event loop; all its small frames leave together.
 * The socket itself is reliable: what recovery guards against here is damage, and a process that
 * stalls. A socket that closes ends the link at once.
 */
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import type { WaferError } from '@wafer/core';
import { LinkEndpoint } from './endpoint.ts';
import type { OutgoingRows } from './frame-writer.ts';
import type { LinkHandlers, LinkEnd, LinkStats, LinkWire } from './link-spec.ts';
import type { LinkAddress } from './listener.ts';
import { SocketBatches } from './socket-batches.ts';

/** Time, as the owner has it. */
export interface LinkClock {
  nowMs(): number;
  /** Calls back once; the result cancels. */
  after(delayMs: number, call: () => void): () => void;
}

export interface SocketLinkParts {
  spec: LinkEnd;
  handlers: LinkHandlers;
  clock: LinkClock;
  /** Stands between framing and socket, in tests. */
  intercept?: (wire: LinkWire) => LinkWire;
}

/** After an end, the socket may take this long to hand over its last bytes. */
const LINGER_MS = 500;

/** Silence after which the system asks whether the other host is still there. */
const KEEP_ALIVE_MS = 10_000;

/** What an end that was never proved may still send after it was refused; then it is cut off. */
const REFUSED_BYTES_MAX = 4096;

export class SocketLink {
  readonly #socket: Socket;
  readonly #clock: LinkClock;
  readonly #batches: SocketBatches;
  readonly #endpoint: LinkEndpoint;
  readonly #opened = Promise.withResolvers<number>();
  readonly #ended = Promise.withResolvers<WaferError | undefined>();
  #isTurnDue = false;
  #isInTurn = false;
  #timerAtMs = Infinity;
  #cancelTimer: (() => void) | undefined;
  #hasOpened = false;
  #refusedBytes = 0;
  #reason = 'the socket was closed';

  /** Takes a socket, connecting or connected, and says hello. */
  constructor(socket: Socket, { spec, handlers, clock, intercept }: SocketLinkParts) {
    this.#socket = socket;
    this.#clock = clock;
    const batches = new SocketBatches(socket);
    this.#batches = batches;
    const direct: LinkWire = {
      get hasRoom() {
        return batches.hasRoom;
      },
      write: (frame) => this.#write(frame),
      requestFlush: () => this.#requestTurn(),
    };
    this.#endpoint = new LinkEndpoint(spec, {
      wire: intercept?.(direct) ?? direct,
      handlers: this.#watch(handlers),
      now: () => clock.nowMs(),
    });
    this.#opened.promise.catch(() => {}); // whoever asks for `opened` sees the error
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS); // else an idle link outlives a host that vanished
    socket.on('drain', () => this.#finishTurn());
    socket.on('data', (chunk) => this.#take(chunk as Uint8Array));
    socket.on('error', (error) => (this.#reason = error.message));
    socket.on('close', () => this.#close());
    this.#endpoint.start();
    this.#requestTurn();
  }

  /** The other end's chip, once it is proved. Rejects with the error that ended the link. */
  get opened(): Promise<number> {
    return this.#opened.promise;
  }

  /** The error that ended the link; undefined if it ended as asked. */
  get ended(): Promise<WaferError | undefined> {
    return this.#ended.promise;
  }

  get state(): LinkEndpoint['state'] {
    return this.#endpoint.state;
  }

  /** What a frame carries as its tag. */
  get tagBytes(): number {
    return this.#endpoint.tagBytes;
  }

  get stats(): Readonly<LinkStats> {
    return this.#endpoint.stats;
  }

  canSend(channel: number): boolean {
    return this.#endpoint.canSend(channel);
  }

  /** Sends one message, see `LinkEndpoint`. Only if `canSend`. */
  send(channel: number, rows: OutgoingRows, fill: (payload: Uint8Array) => void): void {
    this.#endpoint.send(channel, rows, fill);
    this.#keepTime();
  }

  /** Gives a received message's place back. */
  release(channel: number): void {
    this.#endpoint.release(channel);
    this.#keepTime();
  }

  /** Ends the link once all that was sent has arrived. */
  close(): void {
    this.#endpoint.close();
    this.#requestTurn();
  }

  /** Ends the link with an error at once, and tells the other end its code. */
  abort(error: WaferError): void {
    this.#endpoint.abort(error);
  }

  #watch(handlers: LinkHandlers): LinkHandlers {
    return {
      channels: (peer) => handlers.channels(peer),
      onMessage: (message, payload) => handlers.onMessage(message, payload),
      onCredit: (channel) => handlers.onCredit(channel),
      onRoom: () => handlers.onRoom(),
      onOpen: (peer) => {
        this.#hasOpened = true;
        this.#opened.resolve(peer);
        handlers.onOpen(peer);
      },
      onEnd: (error) => {
        this.#opened.reject(error);
        this.#ended.resolve(error);
        this.#requestTurn();
        handlers.onEnd(error);
      },
    };
  }

  // ---- turns

  #take(chunk: Uint8Array): void {
    if (this.#endpoint.state === 'ended' && !this.#hasOpened) {
      this.#refusedBytes += chunk.length;
      if (this.#refusedBytes > REFUSED_BYTES_MAX) this.#socket.destroy();
      return;
    }
    this.#isInTurn = true;
    this.#endpoint.receive(chunk);
    this.#isInTurn = false;
    this.#finishTurn();
  }

  #requestTurn(): void {
    if (this.#isTurnDue || this.#isInTurn) return;
    this.#isTurnDue = true;
    queueMicrotask(() => {
      this.#isTurnDue = false;
      this.#finishTurn();
    });
  }

  #finishTurn(): void {
    this.#isInTurn = true;
    this.#endpoint.flush();
    this.#isInTurn = false;
    this.#batches.drain();
    if (this.#endpoint.state === 'ended') this.#finish();
    else this.#armTimer();
  }

  #write(frame: Uint8Array): void {
    this.#requestTurn();
    this.#batches.add(frame);
  }

  // ---- time

  /** Outside of turns: a frame that no wire took, or a credit that may wait, has a deadline. */
  #keepTime(): void {
    if (!this.#isInTurn) this.#armTimer();
  }

  /** Keeps one timer, which may fire early but never late. */
  #armTimer(): void {
    const deadlineMs = this.#endpoint.deadlineMs;
    if (deadlineMs >= this.#timerAtMs) return;
    this.#cancelTimer?.();
    this.#timerAtMs = deadlineMs;
    const delayMs = Math.max(1, deadlineMs - this.#clock.nowMs());
    this.#cancelTimer = this.#clock.after(delayMs, () => {
      this.#timerAtMs = Infinity;
      this.#cancelTimer = undefined;
      if (this.#endpoint.deadlineMs <= this.#clock.nowMs()) this.#endpoint.advance();
      this.#finishTurn();
    });
  }

  // ---- the end

  /** Lets the last bytes leave, then closes the socket. */
  #finish(): void {
    if (this.#timerAtMs === -Infinity) return;
    this.#cancelTimer?.();
    this.#timerAtMs = -Infinity;
    if (this.#socket.destroyed) return;
    this.#socket.end();
    this.#cancelTimer = this.#clock.after(LINGER_MS, () => this.#socket.destroy());
  }

  #close(): void {
    this.#endpoint.disconnect(this.#reason);
    this.#finish();
    this.#cancelTimer?.();
  }
}

/** Opens a link to a listener. Its `opened` tells whether that succeeded. */
export function connectLink(address: LinkAddress, parts: SocketLinkParts): SocketLink {
  const socket = 'path' in address ? connect(address.path) : connect(address.port, address.host);
  return new SocketLink(socket, parts);
}
