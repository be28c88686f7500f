/**
 * What a chip of a training run is told: the inputs of its plan, and the plan it must arrive at.
 */
import { createHash } from 'node:crypto';
import { WaferError } from '@wafer/core';
import type { ModelSpec } from '@wafer/core';
import { trainProgram } from '../../network/program.ts';
import type { AdapterSettings } from '../../network/adapter.ts';
import type { TrainProgram } from '../../network/program.ts';
import { layoutTraining } from '../layout.ts';
import type { TrainLayout, TrainShape } from '../layout.ts';
import type { WeightFormat } from '../../settings.ts';
import { planCut } from './plan-cut.ts';
import type { TrainCut } from './plan-cut.ts';

/** Plain JSON. */
export interface TrainSetup {
  kind: 'setup';
  chip: number;
  chipCount: number;
  spec: ModelSpec;
  adapters: AdapterSettings | undefined;
  context: number;
  rowsOfStep: number;
  shape: TrainShape;
  weights: WeightFormat;
  /** SHA-256 of the cut. */
  cutHash: string;
}

/** The parent's setup of each chip. */
export function setupsOf(program: TrainProgram, layout: TrainLayout, cut: TrainCut): TrainSetup[] {
  const { context, rowsOfStep, shape } = layout;
  const { spec, adaptedBy: adapters } = program;
  const cutHash = hashCut(cut);
  const { chipCount } = cut;
  const weights = layout.weights === layout.masters ? 'f32' : 'bf16';
  const run = { spec, adapters, context, rowsOfStep, shape, weights } as const;
  return cut.shares.map((_, chip) => ({ kind: 'setup', chipCount, ...run, chip, cutHash }));
}

/** The plan of a chip. Throws: LINK_MISMATCH. */
export function planOf({ spec, adapters, chipCount, cutHash, chip, ...use }: TrainSetup): {
  program: TrainProgram;
  layout: TrainLayout;
  cut: TrainCut;
} {
  const program = trainProgram(spec, adapters);
  const layout = layoutTraining(program, use);
  const cut = planCut(program, layout, chipCount);
  const actual = hashCut(cut);
  if (actual !== cutHash) {
    const link = `Wafer.Chip[${chip}].Link`;
    throw new WaferError('LINK_MISMATCH', { link, field: 'plan', actual, expected: cutHash });
  }
  return { program, layout, cut };
}

function hashCut(cut: TrainCut): string {
  return createHash('sha256').update(JSON.stringify(cut)).digest('hex');
}
