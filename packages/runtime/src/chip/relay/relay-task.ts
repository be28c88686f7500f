/** What the parent's relay thread is started with, and what it and the main thread say. */
import type { MessagePort } from 'node:worker_threads';
import type { Plan, Rounding } from '@wafer/core';
import type { LinkAddress } from '@wafer/fabric/links';
import type { ShardError } from '@wafer/models';
import type { SlotPart } from '../../adapters/adapter-slots.ts';
import type { HostLayout } from '../../host.ts';
import type { ChipSetup } from '../protocol.ts';

export interface RelayTask {
  plan: Plan;
  setups: ChipSetup[];
  secret: Uint8Array;
  /** Whether frames carry tags: where chips were joined, not started. */
  isAuthenticated: boolean;
  rounding: Rounding;
  /** Images of all tiles' SRAM: records, counters and figures, no weights. */
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  host: { memory: WebAssembly.Memory; layout: HostLayout };
  /** Signs of life, by chip. */
  beats: Int32Array;
  /** The relay's, then the engine's. */
  doorbells: Int32Array;
  port: MessagePort;
}

/** What a part of a slot is to be. */
export interface SlotPiece {
  id: number;
  part: SlotPart;
  bytes: ArrayBuffer;
}

export type ToRelay =
  | { kind: 'connect'; addresses: LinkAddress[] }
  | { kind: 'counters'; id: number }
  /** Fills a part of a slot. */
  | ({ kind: 'place' } & SlotPiece)
  /** Asks all chips for a sign of life. */
  | { kind: 'ping' };

/** An error as it crosses threads. */
export interface PlainError {
  code: string;
  details: Readonly<Record<string, unknown>>;
}

export type FromRelay =
  /** All chips have their weights. */
  | { kind: 'loaded'; shardErrors: ShardError[] }
  /** Figures of all chips are in their images. */
  | { kind: 'counters'; id: number }
  /** A part of a slot lies in its tile. */
  | { kind: 'placed'; id: number }
  /** A chip says that something failed there. */
  | { kind: 'failed'; chip: number; error: PlainError }
  /** The link to a chip ended, and nobody asked: `isOwn`, by a failure of its own. */
  | { kind: 'ended'; chip: number; error: PlainError; isOwn: boolean };
