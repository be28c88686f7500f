/**
 * One end of a link: messages of many channels over a wire that may lose, repeat, reorder or
 * damage frames. Each message arrives once, in order and unharmed, or the link ends with a code.
 *
 *   greeting ── proof accepted ──▶ open ── both said bye, all acknowledged ──▶ ended
 *      └──────── error, silence after three recoveries, wire closed ─────────────▲
 *
 * Go-back-N: only the next frame in sequence is accepted; a gap or damage asks for it by a nak,
 * and silence sends all frames in doubt again. Acknowledgements travel with every frame. Pure: the
 * owner feeds `receive`, calls `flush` when asked and `advance` at `deadlineMs`.
 *
 *   owner ──▶ endpoint: turns, time, the end ──▶ writer ──▶ wire ──▶ decoder ──▶ arrivals
 *             introduction · recovery · open channels: what both sides of it work with
 *
 * Source: Tanenbaum, "Computer Networks" (go-back-N with negative acknowledgements).
 */
import { WaferError } from '@wafer/core';
import { Arrivals } from './arrivals.ts';
import type { ArrivalOwner } from './arrivals.ts';
import { FrameDecoder } from './frame-decoder.ts';
import { FRAME, TAG_BYTES } from './frame.ts';
import { FrameWriter } from './frame-writer.ts';
import type { OutgoingRows } from './frame-writer.ts';
import type { Hello } from './handshake.ts';
import { Introduction } from './introduction.ts';
import { LinkEnding } from './link-ending.ts';
import { emptyStats, LINK_TUNING } from './link-spec.ts';
import type { LinkHandlers, LinkEnd, LinkStats, LinkTuning, LinkWire } from './link-spec.ts';
import { newLinkState } from './link-state.ts';
import type { LinkPhase } from './link-state.ts';
import { OpenChannels } from './open-channels.ts';
import { Recovery } from './recovery.ts';

/** What an endpoint speaks through, whom it tells, and its clock in milliseconds. */
export interface EndpointParts {
  wire: LinkWire;
  handlers: LinkHandlers;
  now: () => number;
}

export class LinkEndpoint {
  readonly stats: LinkStats = emptyStats();
  readonly #name: string;
  readonly #parts: EndpointParts;
  readonly #state = newLinkState();
  readonly #introduction: Introduction;
  readonly #decoder: FrameDecoder;
  readonly #recovery: Recovery;
  readonly #channels: OpenChannels;
  readonly #writer: FrameWriter;
  readonly #ending: LinkEnding;
  #wantsRoom = false;

  constructor(spec: LinkEnd, parts: EndpointParts) {
    const { wire, handlers, now } = parts;
    const { name: link, firstSequence = 0 } = spec;
    const [state, stats] = [this.#state, this.stats];
    const tuning: LinkTuning = { ...LINK_TUNING, ...spec.tuning };
    const recovery = new Recovery(tuning, firstSequence, stats);
    const writer = new FrameWriter({ wire, now, recovery, stats });
    const bytesMax = tuning.greetingBytes;
    const introduction = new Introduction(spec, { writer, recovery, bytesMax });
    const channels = new OpenChannels({ state, writer, wire, now, waitMs: tuning.ackMs });
    const ending = new LinkEnding({ link, state, writer, recovery, handlers });
    const owner: ArrivalOwner = {
      open: (theirs) => this.#open(theirs),
      close: () => this.close(),
      recover: (time) => this.#recover(time),
    };
    const isRoomWanted = (): boolean => this.#wantsRoom;
    const shared = { link, state, stats, recovery, introduction, channels, ending };
    this.#decoder = new FrameDecoder({
      name: link,
      payloadBytesMax: () => channels.payloadBytesMax,
      tags: introduction.isAuthenticated ? () => introduction.opener : undefined,
      sink: new Arrivals({ ...shared, ...parts, isRoomWanted, owner }),
    });
    this.#name = link;
    this.#parts = parts;
    this.#introduction = introduction;
    this.#recovery = recovery;
    this.#channels = channels;
    this.#writer = writer;
    this.#ending = ending;
  }

  get state(): LinkPhase {
    return this.#state.phase;
  }

  /** What a frame carries as its tag. */
  get tagBytes(): number {
    return this.#introduction.isAuthenticated ? TAG_BYTES : 0;
  }

  /** Why the link ended; undefined if it did not, or as asked. */
  get error(): WaferError | undefined {
    return this.#state.error;
  }

  /** When `advance` is due; infinite if only the wire can bring news. */
  get deadlineMs(): number {
    return this.#state.phase === 'ended'
      ? Infinity
      : Math.min(this.#recovery.deadlineMs, this.#channels.creditAtMs);
  }

  // ---- the owner's side

  /** Says hello. */
  start(): void {
    this.#introduction.greet();
    this.#recovery.armResend(this.#parts.now());
  }

  /** Whether the channel has a credit and the window has room. */
  canSend(channel: number): boolean {
    if (this.#state.phase !== 'open' || this.#state.hasSaidBye) return false;
    if (!this.#hasRoom) {
      this.#wantsRoom = true;
      return false;
    }
    return this.#channels.sender(channel)?.hasCredit ?? false;
  }

  get #hasRoom(): boolean {
    return this.#recovery.hasRoom && this.#parts.wire.hasRoom;
  }

  /** Sends one message; `fill` writes its payload in place. Only if `canSend`. */
  send(channel: number, rows: OutgoingRows, fill: (payload: Uint8Array) => void): void {
    const sender = this.#channels.sender(channel);
    const bytesMax = sender?.spec.bytesMax ?? 0;
    if (sender === undefined || !this.canSend(channel) || rows.payloadBytes > bytesMax) {
      throw new RangeError(`${this.#name}: channel ${channel} cannot send this message`);
    }
    this.#writer.writeMessage(sender, rows, fill);
  }

  /** Gives a received message's place back to the sender. */
  release(channel: number): void {
    this.#channels.release(channel);
  }

  /** Ends the link once everything sent so far has arrived. */
  close(): void {
    const { phase, hasSaidBye } = this.#state;
    if (phase === 'greeting') {
      this.disconnect('it was closed before it was open');
    } else if (phase === 'open' && !hasSaidBye) {
      this.flush();
      this.#ending.sayBye();
    }
  }

  /** Ends the link with an error, and tells the other end. */
  abort(error: WaferError): void {
    this.#ending.abort(error);
  }

  /** The wire is gone. An error, unless only the last goodbye was under way. */
  disconnect(reason: string): void {
    this.#ending.disconnect(reason);
  }

  // ---- turns of work

  /** Takes bytes from the wire. */
  receive(chunk: Uint8Array): void {
    if (this.#state.error !== undefined) return;
    try {
      const rest = this.#state.phase === 'greeting' ? this.#receiveGreeting(chunk) : chunk;
      if (rest.length > 0) this.#decoder.push(rest);
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      this.abort(error);
    }
    const isLingering = this.#state.phase === 'ended' && this.#recovery.owesAny;
    if (isLingering || this.#recovery.owesReply) this.#parts.wire.requestFlush();
  }

  /** Takes so much as a stranger may say; returns the rest, once it is none any more. */
  #receiveGreeting(chunk: Uint8Array): Uint8Array {
    const head = this.#introduction.admit(chunk);
    this.#decoder.push(head);
    if (this.#state.phase === 'greeting') this.#introduction.checkPatience();
    return chunk.subarray(head.length);
  }

  /** Sends what is owed: credits, naks, acknowledgements that no frame carried. */
  flush(): void {
    const state = this.#state;
    if (state.phase === 'greeting' || state.error !== undefined) return;
    if (this.#wantsRoom && this.#hasRoom) {
      this.#wantsRoom = false;
      this.#parts.handlers.onRoom();
    }
    const now = this.#parts.now();
    if (this.#recovery.takeNak(now)) this.#writer.writeAlone(FRAME.nak);
    this.#channels.flushCredits(now);
    const isDone = this.#ending.isDone();
    // The last acknowledgement has no frame to wait for.
    const owesAck = isDone ? this.#recovery.owesAny : this.#recovery.owesAck(now);
    if (owesAck) this.#writer.writeAlone(FRAME.ack);
    if (isDone && state.phase === 'open') this.#ending.end(undefined);
  }

  /** Does what time asks for. Call at `deadlineMs`. */
  advance(): void {
    if (this.#state.phase === 'ended') return;
    const now = this.#parts.now();
    if (this.#recovery.isResendDue(now)) {
      this.stats.timeouts++;
      this.#recover(now);
    }
    this.flush();
  }

  // ---- changes of state

  #open({ chip: peer, firstSequence }: Hello): void {
    this.#state.isProved = true;
    this.#channels.open(this.#parts.handlers.channels(peer));
    this.#recovery.begin(firstSequence);
    this.#state.phase = 'open';
    this.#parts.handlers.onOpen(peer);
  }

  /** Sends everything in doubt again, or gives up. */
  #recover(now: number): void {
    if (!this.#recovery.tryRecover(now)) {
      this.abort(this.#ending.broken(this.#recovery.lossReason));
    } else if (this.#state.phase === 'greeting') {
      this.#introduction.greet();
    } else {
      this.#writer.writeAgain();
    }
  }
}
