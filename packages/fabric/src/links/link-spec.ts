/**
 * What a link is told before it starts, and what it tells its owner.
 *
 * The spec is plain data with defaults; the wire, the clock and the handlers are passed in, so that
 * the same endpoint runs over sockets and over a simulated network in virtual time.
 */
import type { WaferError } from '@wafer/core';
import type { FramePayload } from './frame-decoder.ts';
import type { LinkIdentity, LinkRole } from './handshake.ts';
import type { LinkChannels } from './link-channels.ts';

export interface LinkTuning {
  /** Frames in doubt at once. */
  windowFrames: number;
  /** Bytes in doubt at once; a single larger frame is let through. */
  windowBytes: number;
  /** Silence after which frames in doubt are sent again; doubles with every failure. */
  resendMs: number;
  /** Time for which a gap is asked for only once. */
  nakMs: number;
  /** Longest time that an acknowledgement waits for a frame to travel with. */
  ackMs: number;
  /** Recoveries in a row that may fail before the link is given up. */
  recoveriesMax: number;
  /** Bytes that are read of an end before it is proved; a greeting takes less than 300. */
  greetingBytes: number;
}

/** For sockets: they lose nothing, so silence means a stalled process; given up after 15 s. */
export const LINK_TUNING: Readonly<LinkTuning> = {
  windowFrames: 1024,
  windowBytes: 16 * 1024 * 1024,
  resendMs: 1000,
  nakMs: 50,
  ackMs: 5,
  recoveriesMax: 3,
  greetingBytes: 4096,
};

export interface LinkEnd {
  /** Path of the link in errors, such as `Wafer.Link[0-1]`. */
  name: string;
  role: LinkRole;
  /** Number of the chip at this end. */
  chip: number;
  identity: LinkIdentity;
  /** Known to all chips of a run, and to nobody else. */
  secret: Uint8Array;
  /**
   * Whether frames after the greeting carry tags, against whoever can alter what is under way; true
   * unless told. Both ends must say the same.
   */
  isAuthenticated?: boolean;
  /** 16 random bytes, used for no other link. */
  nonce: Uint8Array;
  /** Sequence number of the first frame; 0 unless told. */
  firstSequence?: number;
  tuning?: Partial<LinkTuning>;
}

/** A message as it arrives: once, in order, unharmed. */
export interface LinkMessage {
  channel: number;
  /** Number of the message on its channel. */
  message: number;
  rowCount: number;
  /** Whether the payload begins with `rowCount` row indices of 32 bits. */
  hasIndices: boolean;
}

export interface LinkHandlers {
  /** Names the channels of the link to chip `peer`, once its proof is accepted. */
  channels(peer: number): LinkChannels;
  /** The link is ready to send. */
  onOpen(peer: number): void;
  /** A message; its payload must be copied during the call. Give it back with `release`. */
  onMessage(message: LinkMessage, payload: FramePayload): void;
  /** A message of this channel was given back by the other end. */
  onCredit(channel: number): void;
  /** The wire and the window have room again, after `canSend` found none. */
  onRoom(): void;
  /** The link has ended: as asked by either end, or by an error. Called once. */
  onEnd(error: WaferError | undefined): void;
}

/** What carries frames. */
export interface LinkWire {
  /** Takes a frame, whose bytes do not change until it is acknowledged. */
  write(frame: Uint8Array): void;
  /** Whether a message would leave soon; where it would not, `canSend` is false. */
  readonly hasRoom: boolean;
  /** Something waits for `flush`, to be called when this turn of work is over. */
  requestFlush(): void;
}

export interface LinkStats {
  messagesSent: number;
  messagesReceived: number;
  payloadBytesSent: number;
  payloadBytesReceived: number;
  /** All bytes but payloads sent for the first time: headers, checks, credits, recoveries. */
  overheadBytesSent: number;
  framesSent: number;
  framesResent: number;
  recoveries: number;
  timeouts: number;
  /** Frames dropped because they had come before. */
  duplicates: number;
  /** Frames dropped because one before them is missing. */
  gaps: number;
  /** Losses of framing, failed checks and wrong tags. */
  damages: number;
}

/** Statistics of a link that has not done anything. */
export function emptyStats(): LinkStats {
  return {
    messagesSent: 0,
    messagesReceived: 0,
    payloadBytesSent: 0,
    payloadBytesReceived: 0,
    overheadBytesSent: 0,
    framesSent: 0,
    framesResent: 0,
    recoveries: 0,
    timeouts: 0,
    duplicates: 0,
    gaps: 0,
    damages: 0,
  };
}
