/**
 * The cells of the table family × format × weight type, and what each must show.
 *
 * A cell is a random model, written in a format, opened again, and run: it computes what it did
 * before it was written, what the double-precision forward says of the opened files, and the same
 * bits on every layout.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { WEIGHT_TYPES } from '@wafer/core';
import type { ExpertSpec, ModelSpec, WeightType } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { syntheticModel, writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model, WaferOptions } from '@wafer/runtime';
import { logitBits, seededTokens, withWafer } from '../contract/wafers.ts';
import { differentChoices, worstDifference } from '../golden/compare.ts';
import {
  DOUBLE_TOLERANCE,
  forwardDouble,
  newTrace,
  readDoubleWeights,
} from '../golden/double-forward.ts';
import { LLAMA_CPP_SPECS, ROUTER_MARGIN_MIN } from '../golden/family-llama-cpp.ts';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import { oneThreadAnswers } from '../sim/one-thread-answers.ts';

/** Types that no writer stores are proved as they come from their seed. */
export const FORMATS = ['safetensors', 'gguf', 'memory'] as const;
export type Format = (typeof FORMATS)[number];
export const TYPES = Object.keys(WEIGHT_TYPES) as readonly WeightType[];

const TOKEN_COUNT = 12;
const FIRST_SEED = 12;
/** A file holds epsilon and frequencies as f32. */
const WRITTEN_TOLERANCE = 1e-6;

/** Shapes that a format can describe: GGUF has the conventions of llama.cpp. */
const SPECS: Readonly<Record<Format, Readonly<Record<string, ModelSpec>>>> = {
  safetensors: FAMILY_GOLDEN_SPECS,
  gguf: LLAMA_CPP_SPECS,
  memory: FAMILY_GOLDEN_SPECS,
};

export const FAMILY_NAMES: readonly string[] = Object.keys(LLAMA_CPP_SPECS);

/**
 * Everything but one tile, one chunk, one sequence. Cells take them in turn, so that every family
 * and every type meets both.
 */
const LAYOUTS: readonly Partial<WaferOptions>[] = [
  { grid: '2x2', stages: 2, threads: 2, experts: 'whole', prefillChunk: 5, dice: '2x1' },
  { grid: '3x1', threads: 2, experts: 'rows', prefillChunk: 64 },
];

export interface Cell {
  family: string;
  format: Format;
  type: WeightType;
}

/**
 * Whether a format stores matrices of a type: folders hold no blocks but GPT-OSS's experts, and
 * 8-bit floats are only read.
 */
export function hasCell({ family, format, type }: Cell): boolean {
  const isEightBits = type === 'f8_e4m3' || type === 'f8_e5m2';
  if (format === 'memory') return isEightBits;
  if (format === 'gguf') return !isEightBits;
  return WEIGHT_TYPES[type].blockColumns === 1 || (family === 'gpt-oss' && type === 'mxfp4');
}

/** Proves a cell; the worst difference of a logit from double precision. */
export async function proveCell(cell: Cell): Promise<number> {
  const { model, tokens, logits } = steadyModel(cell);
  if (cell.format === 'memory') return await proveWafer(cell, model, { tokens, exact: logits });
  const folder = mkdtempSync(join(tmpdir(), 'wafer-cell-'));
  try {
    const path = join(folder, cell.format === 'gguf' ? 'model.gguf' : 'model');
    writeModel({ model, format: cell.format, path });
    const opened = await openModel(path);
    expect(Object.values(opened.source.tensors).map(({ type }) => type)).toContain(cell.type);
    const exact = forwardDouble(opened.spec, readDoubleWeights(opened), tokens);
    expect(worstDifference(exact, logits), 'as before it was written').toBeLessThan(
      WRITTEN_TOLERANCE,
    );
    return await proveWafer(cell, opened, { tokens, exact });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function proveWafer(
  { family, format, type }: Cell,
  model: Model,
  { tokens, exact }: { tokens: number[]; exact: readonly Float64Array[] },
): Promise<number> {
  const run = (layout: Partial<WaferOptions>): Promise<Uint32Array[]> =>
    withWafer({ model, ...layout }, async (wafer) => {
      const others = [3, 5].map((seed) => logitBits(wafer, seededTokens(model, seed, seed)));
      const [bits] = await Promise.all([logitBits(wafer, tokens), ...others]);
      return bits;
    });
  // The same engine, tile and kernels as with threads, which the layouts below have.
  const one = { model, grid: '1x1', rounding: detectRounding() };
  const { rows: bits } = await oneThreadAnswers(one, { prompt: tokens, maxTokens: 0 });
  // Formats hold the same rows: layouts of one show those of the other.
  if (format !== 'safetensors') {
    const turn = FAMILY_NAMES.indexOf(family) + TYPES.indexOf(type);
    const layout = LAYOUTS[turn % LAYOUTS.length];
    expect(await run({ ...layout }), JSON.stringify(layout)).toEqual(bits);
  }
  const actual = bits.map((row) => new Float32Array(row.buffer));
  const difference = worstDifference(actual, exact);
  expect(difference).toBeLessThanOrEqual(DOUBLE_TOLERANCE);
  const { differing, comparedCount } = differentChoices(actual, exact, DOUBLE_TOLERANCE);
  expect(differing).toEqual([]);
  expect(comparedCount).toBeGreaterThan(TOKEN_COUNT * 0.7);
  return difference;
}

/** A random model none of whose experts is chosen by a hair. */
function steadyModel({ family, format, type }: Cell): {
  model: Model;
  tokens: number[];
  logits: Float64Array[];
} {
  const narrow = SPECS[format][family] as ModelSpec;
  const spec = WEIGHT_TYPES[type].blockColumns > 32 ? widened(narrow) : narrow;
  for (let seed = FIRST_SEED; ; seed++) {
    const model = syntheticModel({ name: family, spec, type, seed });
    const tokens = seededTokens(model, TOKEN_COUNT);
    const trace = newTrace();
    const logits = forwardDouble(spec, readDoubleWeights(model), tokens, trace);
    if (trace.routerMarginMin > ROUTER_MARGIN_MIN) return { model, tokens, logits };
    if (seed > FIRST_SEED + 8) throw new Error(`${family}, ${type}: every router is undecided`);
  }
}

/** The same network with rows of 256 weights, and few of them. */
export function widened(spec: ModelSpec): ModelSpec {
  const { rope, experts } = spec;
  const headWidth = 32;
  const wide = {
    ...spec,
    vocabCount: 160,
    modelWidth: 256,
    headCount: 8,
    kvHeadCount: 2,
    headWidth,
    ffnWidth: 256,
    rope: { ...rope, rotaryWidth: (headWidth * rope.rotaryWidth) / spec.headWidth },
  };
  return experts ? { ...wide, experts: fewExperts(experts) } : wide;
}

function fewExperts(experts: ExpertSpec): ExpertSpec {
  const { router, chosenCount, sharedWidth } = experts;
  return {
    ...experts,
    expertCount: router.groups ? 4 : 3,
    chosenCount: Math.min(2, chosenCount),
    expertWidth: 256,
    sharedWidth: sharedWidth > 0 ? 256 : 0,
    router: { ...router, groups: router.groups && { count: 2, keptCount: 1 } },
  };
}
