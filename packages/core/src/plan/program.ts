/**
 * The instructions of a tile's program, as plain data.
 *
 * A program is a flat list that a tile walks once per step, top to bottom. Addresses are byte
 * offsets in the tile's own SRAM; T, the rows of the step, and the positions come with the step
 * record. Only `receive` and `send` can block.
 */
import type { Sight } from '../model/sight.ts';
import type { WeightType } from '../model/spec.ts';
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

export type Instruction =
  /** target[t] = table[token[t] - firstId] for the tokens this tile owns. */
  | { op: 'embed'; table: PackedMatrix; firstId: number; target: Rows }
  /** Waits for credit, then copies the rows of each channel to its window and rings. */
  | { op: 'send'; channels: readonly number[] }
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
  | { op: 'linear'; weights: PackedMatrix; source: Rows; target: Rows; bias: number | undefined }
  /** Rotates the heads of target in place. */
  | { op: 'rope'; target: Rows; headCount: number }
  /** Multiplies the row of position p by factors[floor((p + 1) / floorTokens)]. */
  | { op: 'temper'; target: Rows; floorTokens: number; factors: readonly number[] }
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
      sight: Sight;
      sinks: number | undefined; // f32 [heads]
    }
  /** target = silu(gate) * up, `count` columns; gate and up [T, count]. */
  | { op: 'swiglu'; target: Rows; gate: Rows; up: Rows; count: number }
  /** target += source, both [T, D], contiguous. */
  | { op: 'add'; target: Rows; source: Rows }
  /** Norms the logit rows of source, computes this tile's logits and hands them to the host. */
  | {
      op: 'logits';
      source: Rows;
      gain: number;
      picked: Rows; // [logitRowsMax, D]
      weights: PackedMatrix | undefined; // undefined: this tile only reports
      logits: Rows; // [logitRowsMax, rows]
      firstId: number;
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
  scratch: number;
}
