/**
 * What a block type's kernels are made of: one class per type, without fields.
 *
 * The loops around them (`loops.ts`) are generic over the class, so that every call is resolved,
 * and mostly inlined, at compile time. All data of a block lies in its panel: 32 outputs side by
 * side. A group is a run of inputs that share a scale; `w` is the start of a panel's block.
 * `hidden` is a zero that no compiler foresees (see `decode.ts`).
 */
import { madd } from '../fma';

export interface BlockKernel {
  /** Inputs per block, and per group. */
  columns(): i32;
  group(): i32;
  /** Whether values have a minimum; without, `minima` is never called. */
  hasMinima(): bool;
  /** Bytes of a block in a file. */
  storedBytes(): usize;
  /** Bytes of 32 blocks in a panel. */
  panelBytes(): usize;
  /** A group's scales / unit. target: [32] f32. */
  scales(target: usize, w: usize, group: i32, hidden: i32): void;
  /** A group's minima. target: [32] f32. */
  minima(target: usize, w: usize, group: i32, hidden: i32): void;
  /** A group's integers · unit. target: [group inputs][32] f32. */
  decode(target: usize, w: usize, group: i32, hidden: i32): void;
  /**
   * One token: y = sum · scale + y, then y = Σx · minimum + y where there is one; y: [32] f32.
   * `xSum` is the address of Σx.
   */
  vector(
    y: usize,
    w: usize,
    group: i32,
    x: usize,
    scales: usize,
    minima: usize,
    xSum: usize,
    hidden: i32,
  ): void;
  /** Packs one block of up to 32 rows, zero-padded; 1 where a value is not finite. */
  pack(target: usize, source: usize, rowBytes: usize, rowCount: i32): i32;
  /** The values of output `lane` of a block. y: [columns] f32. */
  embed(y: usize, w: usize, lane: i32): void;
}

/** y = sum · scale + y for four outputs. */
// @ts-ignore: decorator
@inline
export function join(y: usize, offset: usize, sum: v128, scales: usize): void {
  v128.store(y + offset, madd(sum, v128.load(scales + offset), v128.load(y + offset)));
}
