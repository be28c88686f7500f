/**
 * Messages of a cut before they have channels.
 */
import type { ExchangePhase } from '../thread.ts';
import type { MemoryRange } from './ranges.ts';

/** From a stage of a replica to the one after (`values`), or before (`gradients`). */
export interface HandOff {
  way: 'values' | 'gradients';
  replica: number;
  /** The stage before the cut. */
  stage: number;
  frame: number;
}

/** Why a message crosses. */
export type Crossing = HandOff | { phase: ExchangePhase };

/** Bytes of the memory of one thread's chip, for another's. */
export interface CrossingDraft {
  source: number;
  target: number;
  range: MemoryRange;
  use: Crossing;
}
