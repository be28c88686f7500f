/**
 * The time of a step in closed form, beside the walk: C / (C + communication).
 *
 * C is one chip's share of the ops under Megatron tensor parallelism, communication two all-reduces
 * a layer. Shares are exact fractions. Left out, as everyone leaves it out: handing the embedded
 * row to the other chips, and the mesh below the links.
 *
 * Source: Shoeybi 2019, "Megatron-LM"; machine and link figures from their specs.
 */
import {
  addCost,
  attentionCost,
  embedCost,
  kvAppendCost,
  linearCost,
  rmsNormCost,
  ropeCost,
  swigluCost,
  WSE3,
} from '@wafer/core';
import type { LinkSpec, MachineSpec, ModelSpec, OpCost, WeightType } from '@wafer/core';
import { allReduce, partsNs } from './all-reduce.ts';
import type { AllReduceKind, LinkParts } from './all-reduce.ts';
import { ALL_TERMS, applyTerms } from './channel-cost.ts';
import type { Terms } from './channel-cost.ts';
import { sumCosts } from './instruction-use.ts';
import { opNs, TileRates } from './op-time.ts';
import type { FloorKind, OpUse } from './op-time.ts';
import { rowsOf } from './step.ts';
import type { StepShape } from './step.ts';

export interface ClosedFormInput {
  spec: ModelSpec;
  type: WeightType;
  machine: MachineSpec;
  chipCount: number;
  /** Needed for more than one chip. */
  link: LinkSpec;
  kind: AllReduceKind;
  step: StepShape;
  elementBytes?: 2 | 4;
  terms?: Terms;
  /** Whose SRAM stands where memory is off. Default: WSE-3. */
  wafer?: MachineSpec;
}

export interface ClosedForm {
  clock: 'closed form';
  computeNs: number;
  communicationNs: number;
  communication: LinkParts;
  tokensPerS: number;
  /** C / (C + communication). */
  computeShare: number;
}

/** Time of a step on `chipCount` chips. Throws: MACHINE_PARAMETER. */
export function closedForm(input: ClosedFormInput): ClosedForm {
  const { spec, machine, chipCount, link, kind, step } = input;
  const { elementBytes = 4, terms = ALL_TERMS, wafer = WSE3 } = input;
  const isChip = machine.covers === 'chip';
  const rates = new TileRates({
    machine,
    tilesPerChip: 1,
    tileCount: chipCount,
    waferMemory: isChip && !terms.memory ? wafer.memory : undefined,
    elementBytes,
  });
  const timeOf = (uses: readonly OpUse[]): number =>
    uses.reduce((sum, use) => sum + opNs(rates.time(use)), 0);
  const computeNs = spec.layerCount * timeOf(layerUses(input)) + timeOf(edgeUses(input));
  const bytes = rowsOf(step) * spec.modelWidth * elementBytes;
  const one = applyTerms(allReduce({ link, kind, chipCount, bytes }), terms);
  const times = 2 * spec.layerCount;
  const communication = {
    overheadNs: times * one.overheadNs,
    latencyNs: times * one.latencyNs,
    bandwidthNs: times * one.bandwidthNs,
  };
  const communicationNs = partsNs(communication);
  const stepNs = computeNs + communicationNs;
  return {
    clock: 'closed form',
    computeNs,
    communicationNs,
    communication,
    tokensPerS: (rowsOf(step) / stepNs) * 1e9,
    computeShare: computeNs / stepNs,
  };
}

/** One chip's ops of one layer. */
function layerUses({ spec, type, chipCount: n, step }: ClosedFormInput): OpUse[] {
  const { modelWidth: d, ffnWidth: f, headCount, kvHeadCount, headWidth } = spec;
  const tokenCount = rowsOf(step);
  const heads = { headCount: headCount / n, kvHeadCount: kvHeadCount / n, headWidth };
  const matrix = (rows: number, columns: number, floor: FloorKind): OpUse => ({
    cost: linearCost({ type, rows, columns }, tokenCount),
    floor,
    weights: type,
  });
  const plain = (cost: OpCost, floor: FloorKind = 'none'): OpUse => ({
    cost,
    floor,
    weights: undefined,
  });
  const kvRows = heads.kvHeadCount * headWidth;
  const rotated = { tokenCount, headWidth, rotaryWidth: spec.rope.rotaryWidth };
  const attention = step.segments.flatMap((segment) => [
    kvAppendCost({ ...heads, tokenCount: segment.rowCount }),
    attentionCost({
      ...heads,
      startPosition: segment.startPosition,
      tokenCount: segment.rowCount,
    }),
  ]);
  const norm = plain(rmsNormCost({ tokenCount, width: d }));
  const sum = plain(addCost({ tokenCount, width: d }));
  return [
    norm,
    matrix(heads.headCount * headWidth, d, 'matrix'),
    matrix(kvRows, d, 'none'),
    matrix(kvRows, d, 'none'),
    plain(ropeCost({ ...rotated, headCount: heads.headCount })),
    plain(ropeCost({ ...rotated, headCount: heads.kvHeadCount })),
    plain(sumCosts(attention), 'attention'),
    matrix(d, heads.headCount * headWidth, 'matrix'),
    sum,
    norm,
    matrix(f / n, d, 'matrix'),
    matrix(f / n, d, 'none'),
    plain(swigluCost({ tokenCount, width: f / n })),
    matrix(d, f / n, 'matrix'),
    sum,
  ];
}

/** Embedding and head. */
function edgeUses({ spec, type, chipCount, step }: ClosedFormInput): OpUse[] {
  const { modelWidth: columns, vocabCount } = spec;
  const rows = vocabCount / chipCount;
  const head = sumCosts([
    rmsNormCost({ tokenCount: step.logitRows, width: columns }),
    linearCost({ type, rows, columns }, step.logitRows),
  ]);
  return [
    { cost: embedCost({ type, columns }, rowsOf(step)), floor: 'none', weights: type },
    { cost: head, floor: 'matrix', weights: type },
  ];
}
