/**
 * exp in four lanes: 2^n · P(r), the polynomial of the reference (`ops/exp.ts` of `@wafer/core`).
 */
import { madd } from './fma';

/** exp(x); 0 below the smallest normal result, NaN stays NaN. */
export function exp4(x: v128): v128 {
  const lowest = f32x4.splat(<f32>-87.33654);
  const isZero = f32x4.lt(x, lowest);
  const clamped = f32x4.pmin(f32x4.pmax(x, lowest), f32x4.splat(<f32>88.37626));
  const n = f32x4.nearest(f32x4.mul(clamped, f32x4.splat(<f32>1.4426950408889634)));
  let r = madd(n, f32x4.splat(<f32>-0.693359375), clamped);
  r = madd(n, f32x4.splat(<f32>2.1219444005469057e-4), r); // ln 2 = 355/512 - 2.12e-4
  let sum = f32x4.splat(<f32>(1.0 / 5040.0));
  sum = madd(sum, r, f32x4.splat(<f32>(1.0 / 720.0)));
  sum = madd(sum, r, f32x4.splat(<f32>(1.0 / 120.0)));
  sum = madd(sum, r, f32x4.splat(<f32>(1.0 / 24.0)));
  sum = madd(sum, r, f32x4.splat(<f32>(1.0 / 6.0)));
  sum = madd(sum, r, f32x4.splat(0.5));
  sum = madd(sum, r, f32x4.splat(1));
  sum = madd(sum, r, f32x4.splat(1));
  const power = i32x4.shl(i32x4.add(i32x4.trunc_sat_f32x4_s(n), i32x4.splat(127)), 23);
  return v128.andnot(f32x4.mul(sum, power), isZero);
}

