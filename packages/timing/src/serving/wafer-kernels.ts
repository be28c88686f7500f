/**
 * The constants of published wafer kernels, from the rows that set them, and times of a model.
 *
 * Three for decode (software of an all-reduce, cycles per PE that a message passes, cycles per
 * multiply-add) and three for prefill (cycles per multiply-add, per wavelet shifted, software of a
 * step). Compilers that route through every PE instead of over preset paths have constants of their
 * own: a stage of software at each of P PEs, tiles that cross P PEs in each of P steps (T10: of one
 * operand), or a read over P PEs for each multiply-add.
 *
 * Source: WaferLLM (arXiv 2502.04563v3) Tables 3 and 4; cycles at its clock of 1.1 GHz.
 */
import { maxOf, minOf, WAFER_CLOCKS_HZ } from '@wafer/core';
import { applyConstants, fitConstants } from '../fit/least-squares.ts';
import type { FitRow } from '../fit/least-squares.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import { WAFER_DECODE } from '../published/wafer-decode.ts';
import { WAFER_PREFILL } from '../published/wafer-prefill.ts';
import {
  decodeFeatures,
  PREFILL_PRODUCTS,
  prefillFeatures,
  shiftedWavelets,
} from './mesh-layer.ts';
import type { LayerWidths, ShiftedWavelets } from './mesh-layer.ts';
import { multiHead, widthsOf } from './model-shape.ts';
import type { ModelShape } from './model-shape.ts';
import { tryModel } from './models.ts';

/** Whose kernels: preset paths and trees, or one of two compilers made for other chips. */
export type WaferSystem = 'WaferLLM' | 'T10' | 'Ladder';

export const WAFER_SYSTEMS: readonly WaferSystem[] = ['WaferLLM', 'T10', 'Ladder'];

/** A layer of decode or prefill as the published kernels run it. */
export interface LayerRun {
  readonly shape: ModelShape;
  readonly tokens: number;
  readonly side: number;
}

type Features = (widths: LayerWidths, tokens: number, side: number) => number[];

const DECODE: Readonly<Record<WaferSystem, Features>> = {
  WaferLLM: decodeFeatures,
  // A pipeline: software at every PE of the line.
  T10: (widths, tokens, side) => decodeFeatures(widths, tokens, side).slice(0, 2),
  // Reads of a far PE's memory for each multiply-add's operand: each passes a line of PEs.
  Ladder: (widths, tokens, side) => {
    const [, hops, macs] = decodeFeatures(widths, tokens, side);
    return [hops, macs * side];
  },
};

/** Tiles that cross all PEs of a line in each step, and a stage of software at each. */
function acrossLine(moved: (wavelets: ShiftedWavelets) => number): Features {
  return (widths, tokens, side) => [
    moved(shiftedWavelets(widths, tokens, side)) * side,
    side * side * PREFILL_PRODUCTS,
  ];
}

const PREFILL: Readonly<Record<WaferSystem, Features>> = {
  WaferLLM: prefillFeatures,
  // It computes and shifts: one operand of a product goes round, activations stay where they are.
  T10: acrossLine(({ right }) => right),
  Ladder: acrossLine(({ left, right }) => left + right),
};

export type WaferPhase = 'decode' | 'prefill';

/** Column that holds the tokens of a phase's table. */
const TOKENS_COLUMN = { decode: 'context_tokens', prefill: 'prompt_tokens' } as const;

/** What a layer's constants multiply in a system's kernels. */
export function layerFeatures(phase: WaferPhase, system: WaferSystem, run: LayerRun): number[] {
  const features = (phase === 'decode' ? DECODE : PREFILL)[system];
  return features(multiHead(widthsOf(run.shape)), run.tokens, run.side);
}

/** Cycles of a layer, as published for a row. */
export function publishedCycles(phase: WaferPhase, row: PublishedRow): number {
  const tokens = phase === 'decode' ? 1 : numberAt(row, 'prompt_tokens');
  const seconds = tokens / numberAt(row, 'tokens_per_second') / numberAt(row, 'layers');
  return seconds * WAFER_CLOCKS_HZ.paper.value;
}

/** The run of a row; undefined where the model is unknown or the grid is no square. */
export function runOfRow(phase: WaferPhase, row: PublishedRow): LayerRun | undefined {
  const shape = tryModel(textAt(row, 'model'));
  const side = numberAt(row, 'grid_width_pes');
  const tokens = numberAt(row, TOKENS_COLUMN[phase]);
  const isRun = side === numberAt(row, 'grid_height_pes') && tokens > 0;
  return shape && isRun ? { shape, tokens, side } : undefined;
}

/** Constants of a system's kernels from rows of one phase. */
export function fitKernels(
  phase: WaferPhase,
  system: WaferSystem,
  rows: readonly PublishedRow[],
): number[] {
  const fitRows = rows.flatMap((row): FitRow[] => {
    const run = runOfRow(phase, row);
    if (!run) return [];
    return [{ features: layerFeatures(phase, system, run), measured: publishedCycles(phase, row) }];
  });
  return fitConstants(fitRows);
}

/** Rows that set constants: the smallest and the largest model on the smallest and largest grid. */
export function setsKernels(phase: WaferPhase, row: PublishedRow): boolean {
  const side = numberAt(row, 'grid_width_pes');
  const sides = phase === 'decode' ? [420, 660] : [480, 720];
  return ['Llama 3 8B', 'Qwen2 72B'].includes(textAt(row, 'model')) && sides.includes(side);
}

/** Least and most side of the regions that decode was published on. */
export function measuredSides(): [least: number, most: number] {
  const own = WAFER_DECODE.rows.filter((row) => textAt(row, 'system') === 'WaferLLM');
  const sides = own.map((row) => numberAt(row, 'grid_width_pes'));
  return [minOf(sides), maxOf(sides)];
}

const memo = new Map<string, readonly number[]>();

/** The constants from our rows. */
export function kernelConstants(phase: WaferPhase, system: WaferSystem): readonly number[] {
  const key = `${phase} ${system}`;
  const known = memo.get(key);
  if (known) return known;
  const table = phase === 'decode' ? WAFER_DECODE : WAFER_PREFILL;
  const rows = table.rows.filter(
    (row) => textAt(row, 'system') === system && setsKernels(phase, row),
  );
  const constants = Object.freeze(fitKernels(phase, system, rows));
  memo.set(key, constants);
  return constants;
}

/** Seconds of a phase of a whole model on WSE-2 at the paper's clock: a prompt, or one token. */
export function waferSeconds(phase: WaferPhase, system: WaferSystem, run: LayerRun): number {
  const features = layerFeatures(phase, system, run);
  const cycles = applyConstants(kernelConstants(phase, system), { features });
  return (cycles * run.shape.layers) / WAFER_CLOCKS_HZ.paper.value;
}
