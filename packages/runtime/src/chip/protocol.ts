/**
 * What parent and chip say to each other over their link, beside the traffic of tiles.
 *
 *   parent ── setup ──▶ chip ── planned ──▶ parent ── start: addresses of all chips ──▶ chips
 *   chips open their links, load, say `loaded`; then
 *   parent ── step record ──▶ chip ── rows of logits, steps finished, weights loaded ──▶ parent
 *   parent ── parts of an adapter's slot ──▶ chip ── placed ──▶ parent
 *
 * The link is the chip's life: when it ends, the chip ends. Channels of the plan keep their numbers
 * between chips; on this link, channels are those below.
 */
import { createHash } from 'node:crypto';
import type { ModelSpec, Plan, PlanOptions, Rounding } from '@wafer/core';
import type { LinkAddress, LinkChannel, LinkChannels, LinkIdentity } from '@wafer/fabric/links';
import { kernelHash } from '@wafer/kernels';
import type { ShardError, SourceDescription } from '@wafer/models';
import type { WaitLimits } from '../threads/wait-limits.ts';

/** Number of the parent, and of a chip that was not told its own, in a handshake. */
export const PARENT = 0xffff_ffff;
export const CHIP_UNKNOWN = 0xffff_fffe;

/** Channels of the link between parent and chip. */
export const HOST_CHANNEL = {
  toChip: 0,
  toParent: 1,
  record: 2,
  logits: 3,
  status: 4,
  slots: 5,
} as const;

/** Longest payload on this link; what is longer goes in pieces. */
export const PIECE_BYTES: number = 64 * 1024;
const PIECES_MAX = 16;
export const STATUS_BYTES = 8;

/** All that a chip needs for its plan; everything is JSON. */
export interface ChipSetup {
  kind: 'setup';
  chip: number;
  /** Name of the model, which a chip of another host opens itself. */
  model: string;
  isJoined: boolean;
  spec: ModelSpec;
  source: SourceDescription;
  /** Of the model's files, for a chip of another host. */
  modelDigest: string | undefined;
  options: PlanOptions;
  /** SHA-256 of the plan that the chip must arrive at. */
  planHash: string;
  chipOf: number[];
  threadCount: number;
  spinCount: number;
  hugePages: boolean;
  /** How long the chip waits for its own threads. */
  limits: WaitLimits;
}

export type ToChip<Setup = ChipSetup> =
  | Setup
  | { kind: 'start'; peers: LinkAddress[] }
  | { kind: 'counters'; id: number }
  | { kind: 'ping' };

export type ToParent =
  | { kind: 'pong' }
  | { kind: 'planned' }
  | { kind: 'loaded'; shardErrors: readonly ShardError[] }
  | { kind: 'counters'; id: number; counters: ChipCounters }
  /** A part of a slot lies in its tile. */
  | { kind: 'placed'; id: number }
  | { kind: 'failed'; error: { code: string; details: Record<string, unknown> } };

/** Figures of a chip's tiles and of the channels that end on it, as they lie in SRAM. */
export interface ChipCounters {
  /** tile, computeNs, sendNs, waitNs, idleNs */
  tiles: number[][];
  /** channel, messages, payloadBytes, overheadBytes, waitNs */
  channels: number[][];
  /** tile, address, rows of each expert of a layer */
  experts: number[][];
}

/** Channels of the link, seen from one end. */
export function hostChannels(end: 'parent' | 'chip'): LinkChannels {
  const pieces = { bytesMax: PIECE_BYTES, slots: PIECES_MAX };
  const { toChip, toParent, record, logits, status, slots } = HOST_CHANNEL;
  const down: LinkChannel[] = [toChip, record, slots].map((channel) => ({ channel, ...pieces }));
  const up: LinkChannel[] = [toParent, logits].map((channel) => ({ channel, ...pieces }));
  up.push({ channel: status, bytesMax: STATUS_BYTES, slots: 1 });
  return end === 'parent' ? { sends: down, receives: up } : { sends: up, receives: down };
}

/** Counts changes of channels, messages and layouts between parent and chip. */
const PROTOCOL = 3;

/** Who may compute with whom: the same protocol and kernels, rounded the same way. */
export function linkIdentity(rounding: Rounding): LinkIdentity {
  // The rounding is told apart, so that a mismatch names what differs.
  const sources = kernelHash('fused');
  const hash = createHash('sha256').update(`${PROTOCOL} `).update(sources);
  return { kernelHash: hash.digest('hex'), rounding };
}

/** Identifies a plan: equal hashes mean equal programs. */
export function hashPlan(plan: Plan): string {
  return createHash('sha256').update(JSON.stringify(plan)).digest('hex');
}
