/**
 * The instructions of a tile's program, as plain data.
 *
 * A program is a flat list that a tile walks once per step, top to bottom. Addresses are byte
 * offsets in the tile's own SRAM; T, the rows of the step, and the positions come with the step
 * record. Only `receive` and `send` can block. Instructions with the same `launch` are one kernel
 * on machines that fuse; those without an id ride along with the kernel before them.
 */
import type { AttentionMask } from '../model/attention-mask.ts';
import type { ActivationSpec, ExpertSpec, WeightType } from '../model/spec.ts';
import type { KvType } from '../ops/kv-types.ts';
import type { Activations } from '../ops/linear-int8.ts';

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

/** A tile's share of the first two matrices of an expert. */
export interface ExpertHidden {
  expert: number;
  gate: PackedMatrix;
  up: PackedMatrix;
  gateBias: number | undefined;
  upBias: number | undefined;
}

/** A tile's share of the last matrix of an expert. */
export interface ExpertDown {
  expert: number;
  down: PackedMatrix;
  bias: number | undefined;
}

export type Instruction =
  /** target[t] = table[token[t] - firstId] for the tokens this tile owns. */
  | { op: 'embed'; table: PackedMatrix; firstId: number; target: Rows }
  /**
   * Waits for credit, then copies the rows of each channel to its window and rings. `completes`:
   * id of the all-reduce whose sum it is the first to hand out.
   */
  | { op: 'send'; channels: readonly number[]; completes?: number }
  /** Waits until every channel holds its next message. */
  | { op: 'receive'; channels: readonly number[] }
  /** Gives the windows of the channels back to their senders. */
  | { op: 'release'; channels: readonly number[] }
  /** target = rmsNorm(source) * gain, for `perToken` pieces of `width` of each row; contiguous. */
  | {
      op: 'norm';
      target: Rows;
      source: Rows;
      gain: number;
      width: number;
      perToken: number;
    }
  /** target = weights · source (+ bias). */
  | {
      op: 'linear';
      weights: PackedMatrix;
      source: Rows;
      target: Rows;
      bias: number | undefined;
      launch: number;
    }
  /** Rotates the heads of target in place. */
  | { op: 'rope'; target: Rows; headCount: number }
  /** Multiplies the row of position p by factors[floor((p + 1) / floorTokens)]. */
  | { op: 'attention-temperature'; target: Rows; floorTokens: number; factors: readonly number[] }
  /** Appends k and v to the cache of the layer and attends to what it sees. */
  | {
      op: 'attend';
      q: Rows;
      k: Rows;
      v: Rows;
      out: Rows;
      kv: number;
      kvBlockStride: number; // bytes from one KV block to the next
      /** Whether blocks are those of the pool of windows. */
      isInWindowPool: boolean;
      heads: number;
      kvHeads: number;
      mask: AttentionMask;
      sinks: number | undefined; // f32 [heads]
      launch: number;
    }
  /** target = activation(gate, up), `count` columns; gate and up [T, count]. */
  | { op: 'swiglu'; target: Rows; gate: Rows; up: Rows; count: number }
  /** Chooses and weighs the experts of each row, [T, E], and sorts slots by expert. */
  | { op: 'route'; logits: Rows; selectionBias: number | undefined; routing: RoutingBuffers }
  /** target[row] = activation(gate · source, up · source) for the rows of these experts. */
  | {
      op: 'expertHidden';
      experts: readonly ExpertHidden[];
      routing: RoutingBuffers;
      source: Rows; // [T, D]
      gathered: Rows; // [T, D]: inputs of one expert
      gate: Rows; // [T, count]
      up: Rows; // [T, count]
      target: Rows; // [T * k, …]
      count: number;
      launch: number;
    }
  /** target[row] = down · source[row] for the rows of these experts; both [T * k, …]. */
  | {
      op: 'expertDown';
      experts: readonly ExpertDown[];
      routing: RoutingBuffers;
      source: Rows;
      target: Rows;
      launch: number;
    }
  /** target[t] = weighted sum of the rows of t's experts (+ shared[t]), `count` columns. */
  | {
      op: 'expertSum';
      target: Rows;
      source: Rows; // [T * k, …]
      routing: RoutingBuffers;
      shared: Rows | undefined;
      count: number;
    }
  /** target += source, both [T, D], contiguous. `reduces`: id of the all-reduce it is a step of. */
  | { op: 'add'; target: Rows; source: Rows; reduces?: number }
  /** Norms the logit rows of source, computes this tile's logits and hands them to the host. */
  | {
      op: 'logits';
      source: Rows;
      gain: number;
      picked: Rows; // [logitRowsMax, D]
      weights: PackedMatrix | undefined; // undefined: this tile only reports
      logits: Rows; // [logitRowsMax, rows]
      firstId: number;
      launch: number;
    };

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
