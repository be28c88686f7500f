/**
 * What instructions work on, as plain data: rows and packed matrices in the SRAM of one tile.
 *
 * Addresses are byte offsets in the tile's own SRAM; T, the rows of the step, and the positions
 * come with the step record.
 */
import type { ActivationSpec, ExpertSpec, WeightType } from '../model/spec.ts';
import type { KvType } from './kv-types.ts';

/** What activations are multiplied as. Only weights of some types follow `int8`. */
export type Activations = 'f32' | 'int8';

/** A buffer of rows: [T, stride] f32 at `address`. */
export interface Rows {
  address: number;
  stride: number; // elements
}

/** A packed matrix in SRAM. */
export interface PackedMatrix {
  address: number;
  type: WeightType;
  rows: number;
  columns: number;
}

/**
 * Where the router's decisions of a step lie, for k experts of E per token. Slot t · k + j is the
 * j-th expert of token t; rows are slots sorted by expert, then token.
 */
export interface RoutingBuffers {
  chosen: number; // i32 [T, k], ascending per token
  weights: number; // f32 [T, k]
  starts: number; // i32 [E + 1]: expert e has the rows [starts[e], starts[e + 1])
  places: number; // i32 [T * k]: the row of a slot
  slots: number; // i32 [T * k]: the slot of a row
  scratch: number;
}

/** Where a layer's keys and values lie. */
export interface KvPlace {
  kv: number;
  kvBlockStride: number; // bytes from one KV block to the next
  /** Whether blocks are those of the pool of windows. */
  isInWindowPool: boolean;
}

/** What a program does not have to say with every instruction. */
export interface ProgramConstants {
  modelWidth: number;
  headWidth: number;
  rotaryWidth: number;
  isRopePairs: boolean;
  normEpsilon: number;
  attentionScale: number;
  vocabCount: number;
  activations: Activations;
  kvType: KvType;
  activation: ActivationSpec;
  experts: ExpertSpec | undefined;
  scratch: number;
}
