/**
 * The integers of iq4_nl and iq4_xs, by nibble.
 */

// @ts-ignore: decorator
@inline
export function iq4Table(hidden: i32): v128 {
  const entries = i8x16(
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113,
  );
  return v128.or(entries, i32x4.splat(hidden));
}
