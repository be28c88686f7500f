/**
 * The rows of a step as threads read them, and the loss that they leave.
 */
import { assert, firstSeen, ropeTable, WaferError } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import type { TrainRow } from '../data/rows.ts';
import type { TrainProgram } from '../network/program.ts';
import { masksOf } from './layout.ts';
import type { TrainLayout } from './layout.ts';

/** Puts rows where threads read them; how many targets count. Throws: TOKEN_OUT_OF_RANGE. */
export function writeRows(
  rows: readonly TrainRow[],
  { program, layout }: { program: TrainProgram; layout: TrainLayout },
  memory: WebAssembly.Memory,
): number {
  const { panels, rowsOfStep, context, data, embedding } = layout;
  assert(rows.length === rowsOfStep, 'a step has its rows', { rows: rows.length, rowsOfStep });
  const targets = rows.reduce((sum, row) => sum + row.countedTargets, 0);
  const share = targets > 0 ? Math.fround(1 / targets) : 0;
  const length = panels * 16;
  const words = (address: number): Int32Array =>
    new Int32Array(memory.buffer, address, rowsOfStep * length);
  const [tokens, wanted] = [words(data.tokens), words(data.targets)];
  const shares = new Float32Array(memory.buffer, data.shares, rowsOfStep * length);
  const ids = new Int32Array(memory.buffer, embedding.ids, rowsOfStep * context);
  const { attention, vocabCount } = program.spec;
  const masks = masksOf(program).map((sees) => {
    return { firsts: words(data.firsts[sees]!), mask: { sees, ...attention } };
  });
  rows.forEach((row, r) => {
    const factor = row.share ?? share;
    for (let t = 0; t < length; t++) {
      const at = r * length + t;
      const isInside = t < context;
      tokens[at] = isInside ? checked(row.tokens[t]!, t, vocabCount) : 0;
      wanted[at] = isInside ? checked(row.targets[t]!, t + 1, vocabCount) : 0;
      shares[at] = isInside && row.counts[t] ? factor : 0;
      if (isInside) ids[r * context + t] = row.tokens[t]!;
      const document = row.firsts[Math.min(t, context - 1)]!;
      for (const { firsts, mask } of masks) firsts[at] = Math.max(document, firstSeen(t, mask));
    }
  });
  return targets;
}

function checked(token: number, position: number, vocabCount: number): number {
  if (token < vocabCount) return token;
  throw new WaferError('TOKEN_OUT_OF_RANGE', { token, position, vocabCount });
}

/** Sums over the targets that count, rows and tokens ascending. */
export interface LossSums {
  loss: number;
  /** Of the squared log-sum-exp. */
  zSquares: number;
}

/** What the rows of a step left. */
export function lossOf(
  rows: readonly TrainRow[],
  layout: TrainLayout,
  memory: WebAssembly.Memory,
): LossSums {
  let [loss, zSquares] = [0, 0];
  forEachTarget(rows, layout, memory, (whole, ofTarget) => {
    loss += whole - ofTarget;
    zSquares += whole ** 2;
  });
  return { loss, zSquares };
}

/** The losses of each row by itself. Shapes: [rows]. */
export function lossesOfRows(
  rows: readonly TrainRow[],
  layout: TrainLayout,
  memory: WebAssembly.Memory,
): Float64Array {
  const sums = new Float64Array(rows.length);
  forEachTarget(rows, layout, memory, (whole, ofTarget, row) => {
    sums[row] = sums[row]! + (whole - ofTarget);
  });
  return sums;
}

/** Log-sum-exp and logit of each target that counts. */
function forEachTarget(
  rows: readonly TrainRow[],
  { panels, data }: TrainLayout,
  memory: WebAssembly.Memory,
  take: (whole: number, ofTarget: number, row: number) => void,
): void {
  const stats = new Float32Array(memory.buffer, data.stats, rows.length * panels * 64);
  rows.forEach((row, r) => {
    row.counts.forEach((counts, t) => {
      if (!counts) return;
      const at = (r * panels + (t >> 4)) * 64 + (t & 15);
      take(Math.log(stats[at + 16]!) + stats[at]!, stats[at + 32]!, r);
    });
  });
}

/** What the layers of experts left of each row, f64 [layers][rows]. */
export function loadsOf(
  memory: WebAssembly.Memory,
  { data, rowsOfStep }: TrainLayout,
  { experts, layerCount }: ModelSpec,
): Float64Array {
  const count = experts === undefined ? 0 : layerCount * rowsOfStep;
  return new Float64Array(memory.buffer, data.loads, count);
}

/** (cos, sin) of each pair, 16 positions side by side. */
export function writeAngles(
  { spec: { rope } }: TrainProgram,
  { panels, angles }: TrainLayout,
  memory: WebAssembly.Memory,
): void {
  const half = rope.rotaryWidth / 2;
  const table = new Float32Array(memory.buffer, angles, panels * half * 32);
  const row = ropeTable(rope);
  for (let position = 0; position < panels * 16; position++) {
    row(position).forEach((value, i) => {
      const at = ((position >> 4) * half + (i >> 1)) * 32 + (i & 1) * 16 + (position & 15);
      table[at] = value;
    });
  }
}
