/**
 * From rows to panels of 16 tokens and back, by squares of 4 × 4 numbers.
 */
import { loadPart, storePart } from '../lanes';
import { storeTransposed } from '../transpose';

/** x[d][16] = rows tokens[t] of the table, [V, D]. tokens: i32 [panels · 16]. */
export function embedPanels(x: usize, table: usize, tokens: usize, panels: i32, D: i32): void {
  const rowBytes = <usize>D << 2;
  for (let p = 0; p < panels; p++) {
    for (let lane: usize = 0; lane < 64; lane += 16) {
      const a = table + <usize>load<u32>(tokens) * rowBytes;
      const b = table + <usize>load<u32>(tokens, 4) * rowBytes;
      const c = table + <usize>load<u32>(tokens, 8) * rowBytes;
      const d = table + <usize>load<u32>(tokens, 12) * rowBytes;
      let k = 0;
      for (; k + 4 <= D; k += 4) {
        const at = <usize>k << 2;
        const target = x + (<usize>k << 6) + lane;
        storeTransposed(
          target,
          64,
          v128.load(a + at),
          v128.load(b + at),
          v128.load(c + at),
          v128.load(d + at),
        );
      }
      for (; k < D; k++) {
        const at = <usize>k << 2;
        const target = x + (<usize>k << 6) + lane;
        store<f32>(target, load<f32>(a + at));
        store<f32>(target, load<f32>(b + at), 4);
        store<f32>(target, load<f32>(c + at), 8);
        store<f32>(target, load<f32>(d + at), 12);
      }
      tokens += 16;
    }
    x += <usize>D << 6;
  }
}

/** xt[k / 16][t][16] from x [panels][K][16], blocks [b0, b1) of 16 inputs; zeros past K. */
export function transposePanels(
  xt: usize,
  x: usize,
  panels: i32,
  K: i32,
  b0: i32,
  b1: i32,
): void {
  for (let block = b0; block < b1; block++) {
    const rows = min(16, K - (block << 4));
    for (let p = 0; p < panels; p++) {
      const from = x + (<usize>(p * K + (block << 4)) << 6);
      transposeSquare(xt + (<usize>(block * panels + p) << 10), from, rows);
    }
  }
}

/** 16 × 16 numbers turned; rows of the source past `rows` count as zeros. */
export function transposeSquare(target: usize, source: usize, rows: i32): void {
  const zero = f32x4.splat(0);
  for (let r = 0; r < 16; r += 4) {
    const from = source + (<usize>r << 6);
    const to = target + (<usize>r << 2);
    for (let t: usize = 0; t < 4; t++) {
      const at = from + (t << 4);
      const a = r < rows ? v128.load(at) : zero;
      const b = r + 1 < rows ? v128.load(at, 64) : zero;
      const c = r + 2 < rows ? v128.load(at, 128) : zero;
      const d = r + 3 < rows ? v128.load(at, 192) : zero;
      storeTransposed(to + (t << 8), 64, a, b, c, d);
    }
  }
}

/** rows [tokens, D] from x [panels][D][16]. */
export function rowsOfPanels(rows: usize, x: usize, tokens: i32, D: i32): void {
  for (let t = 0; t < tokens; t++) {
    const from = x + (<usize>((t >> 4) * D) << 6) + (<usize>(t & 15) << 2);
    for (let d = 0; d < D; d++) {
      store<f32>(rows + (<usize>(t * D + d) << 2), load<f32>(from + (<usize>d << 6)));
    }
  }
}

/** table[tokens[i]] += rows[i], ascending i, for elements [e0, e1) of the table, [V, D]. */
export function scatterRows(
  table: usize,
  tokens: usize,
  rows: usize,
  count: i32,
  D: i32,
  e0: i32,
  e1: i32,
): void {
  for (let i = 0; i < count; i++) {
    const start = load<i32>(tokens + (<usize>i << 2)) * D;
    const from = max(start, e0);
    let rest = min(start + D, e1) - from;
    let target = table + (<usize>from << 2);
    let source = rows + (<usize>(i * D + from - start) << 2);
    for (; rest >= 4; rest -= 4) {
      v128.store(target, f32x4.add(v128.load(target), v128.load(source)));
      target += 16;
      source += 16;
    }
    storePart(target, f32x4.add(loadPart(target, rest), loadPart(source, rest)), rest);
  }
}
