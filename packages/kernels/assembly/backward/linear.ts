/**
 * Linear layer, both ways, by register blocks of 6 × 16 sums.
 *
 *   y[N][16]   from w [N, K] and x [K][16]          chains over k
 *   dx[K][16]  from wᵀ and dy [N][16]               chains over n, 128 at a time
 *   dw[N, K]   from dy panels and xᵀ [T][16]        chains over t
 *
 * Outer loops keep what is met again in the second-level cache.
 */
import { joinBlock, moreBlock, startBlock } from '../generated/train-blocks';

/** Elements of a part of w that stays in the second-level cache. */
const CACHED: i32 = 65536;
const ROWS: i32 = 6;
/** Outputs whose chains are continued at once on the way back. */
const CHAIN: i32 = 128;

/** Rows [n0, n1) of y = w · x. y: [panels][N][16]; x: [panels][K][16]. */
export function linearForward(
  y: usize,
  w: usize,
  x: usize,
  panels: i32,
  N: i32,
  K: i32,
  n0: i32,
  n1: i32,
): void {
  const part = max(ROWS, (CACHED / K / ROWS) * ROWS);
  const rowBytes = <usize>K << 2;
  for (let n = n0; n < n1; n += part) {
    const end = min(n + part, n1);
    for (let p = 0; p < panels; p++) {
      const b = x + (<usize>(p * K) << 6);
      for (let m = n; m < end; m += ROWS) {
        const c = y + (<usize>(p * N + m) << 6);
        const a = w + <usize>m * rowBytes;
        startBlock(min(ROWS, end - m), c, 64, a, rowBytes, 4, b, K, K, 0);
      }
    }
  }
}

/** Rows [k0, k1) of dx (+)= wᵀ · dy. dx: [panels][K][16]; dy: [panels][N][16]. */
export function linearInputs(
  dx: usize,
  w: usize,
  dy: usize,
  panels: i32,
  N: i32,
  K: i32,
  k0: i32,
  k1: i32,
  adds: i32,
): void {
  const rowBytes = <usize>K << 2;
  for (let n = 0; n < N; n += CHAIN) {
    const count = min(CHAIN, N - n);
    const isFirst = n === 0 && !adds;
    for (let p = 0; p < panels; p++) {
      const b = dy + (<usize>(p * N + n) << 6);
      for (let k = k0; k < k1; k += ROWS) {
        const c = dx + (<usize>(p * K + k) << 6);
        const a = w + <usize>n * rowBytes + (<usize>k << 2);
        const rows = min(ROWS, k1 - k);
        if (isFirst) startBlock(rows, c, 64, a, 4, rowBytes, b, count, count, 0);
        else moreBlock(rows, c, 64, a, 4, rowBytes, b, count, count, 0);
      }
    }
  }
}

/**
 * Rows [n0, n1) of dw = dyᵀ · x, or dw += where `joins`. dw: [N, K]; dy: [panels][N][16];
 * xt: [⌈K / 16⌉][panels · 16][16]; edge: [6][16]. Of no tokens it is 0.
 */
export function linearWeights(
  dw: usize,
  dy: usize,
  xt: usize,
  tokens: i32,
  N: i32,
  K: i32,
  n0: i32,
  n1: i32,
  joins: i32,
  edge: usize,
): void {
  const panels = (tokens + 15) >> 4;
  const part = max(ROWS, (CACHED / (max(1, panels) << 4) / ROWS) * ROWS);
  const jump = (<usize>N << 6) - 64;
  const rowBytes = <usize>K << 2;
  for (let n = n0; n < n1; n += part) {
    const end = min(n + part, n1);
    for (let k = 0; k < K; k += 16) {
      const b = xt + (<usize>(k * panels) << 6);
      const width = min(16, K - k);
      for (let m = n; m < end; m += ROWS) {
        const c = dw + <usize>m * rowBytes + (<usize>k << 2);
        const a = dy + (<usize>m << 6);
        const rows = min(ROWS, end - m);
        if (width < 16) {
          startBlock(rows, edge, 64, a, 64, 4, b, tokens, 16, jump);
          storeEdge(c, rowBytes, edge, rows, width, joins);
        } else if (joins) joinBlock(rows, c, rowBytes, a, 64, 4, b, tokens, 16, jump);
        else startBlock(rows, c, rowBytes, a, 64, 4, b, tokens, 16, jump);
      }
    }
  }
}

/** The last columns of a matrix, fewer than 16. */
function storeEdge(
  c: usize,
  rowBytes: usize,
  edge: usize,
  rows: i32,
  width: i32,
  joins: i32,
): void {
  for (let r = 0; r < rows; r++) {
    for (let i = 0; i < width; i++) {
      const value = load<f32>(edge + (<usize>i << 2));
      const target = c + (<usize>i << 2);
      store<f32>(target, joins ? load<f32>(target) + value : value);
    }
    c += rowBytes;
    edge += 64;
  }
}
