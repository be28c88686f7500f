/**
 * Cycles of plain kernels on one PE in fp32, as the vendor's simulator counts them.
 *
 *   y = A x, column by column   n (n + start) + misaligned columns + set-up
 *   C += A B, one by one        cycles per multiply-add + cycles per inner loop
 *
 * A column whose words lie on the other banks than y's runs at one multiply-add per cycle after one
 * cycle of start. Where n is no multiple of four, columns come to lie on y's own banks in turn, and
 * two reads of one bank wait: 2 cycles a column on average. Constants are fitted where they are
 * used. Source: lingzhi227/MIMD_dataflow and pr0f3ss/SpMM_Cerebras; bank rule: cerebras-csl-skills.
 */

/** What constants of a matrix times a vector multiply: set-up, misaligned columns. */
export function peMatvecFeatures(n: number): { fixed: number; features: number[] } {
  return { fixed: n * (n + COLUMN_START_CYCLES), features: [1, n % BANKS === 0 ? 0 : n] };
}

/** Reads conflict where banks agree modulo four. */
const BANKS = 4;
/** Issue of one vector operation. */
const COLUMN_START_CYCLES = 1;

/** A product [n, k] x [k, m] on a grid: A is cut both ways, each PE keeps all m columns. */
export interface DenseProduct {
  readonly width: number;
  readonly height: number;
  readonly n: number;
  readonly k: number;
  readonly m: number;
}

/** What each constant multiplies: multiply-adds of a PE, and its inner loops over rows of A. */
export function densePeFeatures({ width, height, n, k, m }: DenseProduct): number[] {
  const rows = Math.ceil(n / height);
  const columns = Math.ceil(k / width);
  return [rows * columns * m, columns * m];
}

/** Cycles of the phases of a SUMMA product of square tiles on a square grid. */
export interface SummaProduct {
  readonly side: number;
  readonly tile: number;
  /** Words of A and B, and of C, over the host's channel. */
  readonly wordsIn: number;
  readonly wordsOut: number;
}

/** Scalar overhead of one vector operation: index, load, loop, stalls, descriptor, branch. */
export const SCALAR_OVERHEAD_CYCLES = 43;
const VECTOR_ISSUE_CYCLES = 1;
/** Measured by the same source apart from the product: words per cycle over one channel. */
const HOST_IN_WORDS_PER_CYCLE = 0.868;
const HOST_OUT_WORDS_PER_CYCLE = 0.298;
/** Of a step that is not a vector operation. */
const STEP_CYCLES = 120;
const BROADCAST_START_CYCLES = 1;

/** Cycles of one multiply-add over a vector in naive code. */
export function vectorOpCycles(length: number): number {
  return length + VECTOR_ISSUE_CYCLES + SCALAR_OVERHEAD_CYCLES;
}

/** Cycles of the phases; their sum is the product, transfers included. */
export function summaCycles({ side, tile, wordsIn, wordsOut }: SummaProduct): {
  hostIn: number;
  compute: number;
  broadcast: number;
  hostOut: number;
} {
  return {
    hostIn: wordsIn / HOST_IN_WORDS_PER_CYCLE,
    compute: side * (STEP_CYCLES + tile * tile * vectorOpCycles(tile)),
    broadcast: tile * tile + (side - 1) + BROADCAST_START_CYCLES,
    hostOut: wordsOut / HOST_OUT_WORDS_PER_CYCLE,
  };
}
