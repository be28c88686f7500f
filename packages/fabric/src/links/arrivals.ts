/**
 * Frames that arrive sound: what each kind does. Of frames with a sequence number only the next one
 * is taken; what comes before the other end is proved is not heard.
 */
import type { FramePayload, FrameSink } from './frame-decoder.ts';
import { FRAME, isSequenced } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import type { Hello } from './handshake.ts';
import type { Introduction } from './introduction.ts';
import type { LinkEnding } from './link-ending.ts';
import type { LinkHandlers, LinkStats, LinkWire } from './link-spec.ts';
import { frameRefused } from './link-state.ts';
import type { LinkState } from './link-state.ts';
import type { OpenChannels } from './open-channels.ts';
import type { Recovery } from './recovery.ts';

/** What frames may bring about for the whole link. */
export interface ArrivalOwner {
  /** The other end is proved. */
  open(theirs: Hello): void;
  /** The other end has said goodbye. */
  close(): void;
  /** Frames in doubt are asked for. */
  recover(now: number): void;
}

export interface ArrivalParts {
  link: string;
  state: LinkState;
  stats: LinkStats;
  introduction: Introduction;
  recovery: Recovery;
  channels: OpenChannels;
  ending: LinkEnding;
  wire: LinkWire;
  handlers: LinkHandlers;
  now: () => number;
  /** Whether somebody waits for room in the window. */
  isRoomWanted: () => boolean;
  owner: ArrivalOwner;
}

export class Arrivals implements FrameSink {
  readonly #parts: ArrivalParts;

  constructor(parts: ArrivalParts) {
    this.#parts = parts;
  }

  /** Takes a sound frame. Throws: LINK_FRAME, LINK_SECRET, LINK_MISMATCH, SEQUENCE_BROKEN. */
  onFrame(header: Readonly<FrameHeader>, payload: FramePayload): void {
    const { state, recovery, wire, owner } = this.#parts;
    if (state.error !== undefined) return;
    const { kind } = header;
    if (kind === FRAME.error || kind === FRAME.failure) {
      this.#takeError(header, payload);
      return;
    }
    if (kind === FRAME.hello || kind === FRAME.proof) {
      this.#takeGreeting(header, payload);
      return;
    }
    if (state.phase === 'greeting') return;
    const now = this.#parts.now();
    const freed = recovery.acknowledge(header.acknowledged, now);
    if (freed < 0) this.#refuse('an acknowledgement of what was never sent');
    if (freed > 0 && (state.hasSaidBye || this.#parts.isRoomWanted())) wire.requestFlush();
    if (kind === FRAME.nak && recovery.shouldHeedNak(now)) owner.recover(now);
    if (isSequenced(kind) && recovery.accept(header, now)) this.#takeNext(header, payload);
  }

  /** Bytes were lost or altered. */
  onDamage(): void {
    const { stats, state, recovery } = this.#parts;
    stats.damages++;
    if (state.phase === 'open') recovery.wantNak();
  }

  #takeGreeting(header: Readonly<FrameHeader>, payload: FramePayload): void {
    const { introduction, state, owner } = this.#parts;
    if (header.kind === FRAME.hello) introduction.hear(header, payload);
    else if (state.phase === 'greeting') {
      const theirs = introduction.verify(header, payload);
      if (theirs !== undefined) owner.open(theirs);
    }
  }

  /** Who has opened its end says why it stops with a tag, where frames have them. */
  #takeError({ kind, payloadBytes }: Readonly<FrameHeader>, payload: FramePayload): void {
    const { state, introduction, ending } = this.#parts;
    if (kind === FRAME.error && state.isProved && introduction.isAuthenticated) {
      this.onDamage();
      return;
    }
    const bytes = new Uint8Array(payloadBytes);
    payload.read(bytes);
    const code = Buffer.from(bytes).toString('latin1');
    const readable = code.replace(/[^A-Z_]/g, '');
    ending.end(ending.broken(`the other end stopped with ${readable}`));
  }

  /** Takes the next frame in sequence. */
  #takeNext(header: Readonly<FrameHeader>, payload: FramePayload): void {
    const { link, state, stats, channels, handlers, owner, wire } = this.#parts;
    const { kind, channel, message } = header;
    if (kind === FRAME.data) {
      const receiver = channels.receiver(channel);
      if (receiver === undefined) this.#refuse(`a message on channel ${channel}`);
      else receiver.accept(link, message, payload.byteLength);
      if (header.hasIndices && header.rowCount * 4 > payload.byteLength) {
        this.#refuse(`${header.rowCount} row indices in ${payload.byteLength} bytes`);
      }
      stats.messagesReceived++;
      stats.payloadBytesReceived += payload.byteLength;
      handlers.onMessage(header, payload);
    } else if (kind === FRAME.credit) {
      const isGood = channels.sender(channel)?.takeCredit(message) ?? false;
      if (!isGood) this.#refuse(`a credit for message ${message} of channel ${channel}`);
      handlers.onCredit(channel);
    } else {
      state.hasHeardBye = true;
      owner.close();
      wire.requestFlush();
    }
  }

  #refuse(reason: string): never {
    throw frameRefused(this.#parts.link, reason);
  }
}
