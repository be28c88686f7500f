/**
 * Whether V8 fuses pairs of 128-bit operations into 256 bits: wider register blocks pay then.
 *
 * Given at instantiation; it changes speed, never a bit.
 */

/** 1 to use blocks of 16 outputs, else 0. */
// @ts-ignore: decorator
@external("env", "wide")
export declare const WIDE: i32;
