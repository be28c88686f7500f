/**
 * What a chip process is for, apart from being one: inference, or training.
 *
 * The process proves itself, obeys its parent and ends with it (`chip-process.ts`); what it plans,
 * loads and computes is its program's.
 */
import type { Rounding } from '@wafer/core';
import type {
  FramePayload,
  LinkAddress,
  LinkChannels,
  LinkEnd,
  LinkMessage,
  LinkRole,
  SocketLink,
} from '@wafer/fabric/links';
import type { ShardError } from '@wafer/models';
import type { ChipLinks } from './chip-links.ts';
import type { ChipCounters, ToParent } from './protocol.ts';

/** The least that a parent's first message says. */
export interface SetupOfChip {
  kind: 'setup';
  chip: number;
}

export interface ChipParts {
  rounding: Rounding;
  /** To the parent. */
  link: SocketLink;
  /** Spec of a link to another chip. */
  spec(role: LinkRole): LinkEnd;
  /** Tells the parent. */
  say(message: ToParent): void;
  onFailure(error: unknown): void;
}

export interface ChipProgram<Setup extends SetupOfChip> {
  /** Channels of the link to the parent, seen from the chip. */
  channels: LinkChannels;
  /** Plans what the parent asks. Throws: LINK_MISMATCH, where it does not arrive at the same. */
  plan(setup: Setup, parts: ChipParts): Promise<ChipBody>;
}

/** A chip that has its plan. */
export interface ChipBody {
  readonly chip: number;
  readonly links: ChipLinks;
  /** Opens links, starts threads, loads; resolves with what was wrong with weights. */
  start(addresses: readonly LinkAddress[]): Promise<readonly ShardError[]>;
  /** Takes a message of the parent that is none of the control channel. */
  take(message: LinkMessage, payload: FramePayload): void;
  /** The link to the parent has room, or a credit came. */
  flush(): void;
  counters(): ChipCounters;
  stop(): Promise<void>;
}
