/**
 * One mesh GEMV, [1, n] x [n, n], with the constants of a decode layer's all-reduce.
 *
 * A lone kernel on few PEs is bound by its multiply-adds, on many by hops: a best side exists.
 */
import { share } from './mesh-layer.ts';
import { kernelConstants } from './wafer-kernels.ts';

/** Largest square of WSE-2's kernel rectangle, 750 x 994. */
const SIDE_MAX = 750;
const SIDE_STEP = 10;

/** Cycles on a grid of side P. */
export function meshGemvCycles(n: number, side: number): number {
  const [software = 0, perHop = 0, perMac = 0] = kernelConstants('decode', 'WaferLLM');
  return software + perHop * side + perMac * share(n, side) ** 2;
}

/** The side that takes the fewest cycles, in steps of ten PEs. */
export function bestGemvSide(n: number): number {
  let best = SIDE_STEP;
  for (let side = SIDE_STEP; side <= SIDE_MAX; side += SIDE_STEP) {
    if (meshGemvCycles(n, side) < meshGemvCycles(n, best)) best = side;
  }
  return best;
}
