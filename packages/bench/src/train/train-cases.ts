/**
 * Shapes and arrangements that training is measured with: those that other trainers were measured
 * with, and who computes what.
 */
import { assert } from '@wafer/core';
import { LINK_KINDS, LINK_TRAITS } from '@wafer/runtime/internal';
import type { CutOptions, NewModelShape, TrainShape } from '@wafer/train';

/** A shape and the rows of a step. */
export interface TrainCase extends NewModelShape {
  rows: number;
}

const BASE = { context: 256, isTied: true };
const HEADS_6 = { ...BASE, layers: 6, heads: 6, kvHeads: 6 };

export const TRAIN_CASES: Readonly<Record<string, TrainCase>> = {
  '260k': { ...BASE, width: 64, layers: 5, heads: 8, kvHeads: 4, ffn: 172, vocab: 512, rows: 16 },
  '3m': { ...HEADS_6, width: 192, ffn: 512, vocab: 4096, rows: 8 },
  '15m': { ...HEADS_6, width: 288, ffn: 768, vocab: 32_000, rows: 4 },
};

/** Shows that it works, not how fast. */
export const TRAIN_CASE_QUICK: Readonly<Record<string, TrainCase>> = {
  tiny: {
    ...{ ...BASE, width: 16, layers: 2, heads: 2, kvHeads: 2, ffn: 24, vocab: 64 },
    ...{ context: 16, rows: 2 },
  },
};

/** Who computes what, in how many rows, and what it is at least to gain over one thread. */
export interface Arrangement {
  name:
    | 'one thread'
    | '2 tiles'
    | '2 replicas'
    | '2 stages'
    | '2 replicas diced'
    | '2 stages diced';
  shape: TrainShape;
  /** The same on chips that are processes. */
  cut?: CutOptions;
  rows: number;
  bar: number | undefined;
}

const ALONE: TrainShape = { replicas: 1, stages: 1, tiles: 1, recompute: false };
/** A row is a microbatch of a pipeline. */
const PIPELINE_ROWS = 8;

/** The first link whose chips are processes. */
function processLink(): CutOptions['link'] {
  const link = LINK_KINDS.find((kind) => LINK_TRAITS[kind].chips === 'processes');
  assert(link !== undefined, 'a link joins processes', {});
  return link;
}

/** One thread first, at each number of rows that others are compared at. */
export function arrangementsOf({ rows }: TrainCase): Arrangement[] {
  const one = { name: 'one thread', shape: ALONE, bar: undefined } as const;
  const cut: CutOptions = { chips: 2, link: processLink() };
  const [replicas, stages] = [
    { ...ALONE, replicas: 2 },
    { ...ALONE, stages: 2 },
  ];
  return [
    { ...one, rows },
    { name: '2 tiles', shape: { ...ALONE, tiles: 2 }, rows, bar: 1.8 },
    { name: '2 replicas', shape: replicas, rows, bar: 1.8 },
    { name: '2 replicas diced', shape: replicas, cut, rows, bar: undefined },
    ...(rows === PIPELINE_ROWS ? [] : [{ ...one, rows: PIPELINE_ROWS }]),
    { name: '2 stages', shape: stages, rows: PIPELINE_ROWS, bar: 1.5 },
    { name: '2 stages diced', shape: stages, cut, rows: PIPELINE_ROWS, bar: undefined },
  ];
}
