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
  expertsOf,
  expertSumCost,
  kvAppendCost,
  layerOf,
  SEES_ALL,
  maskOf,
  linearCost,
  rmsNormCost,
  ropeCost,
  routeCost,
  swigluCost,
  WSE3,
} from '@wafer/core';
import type {
  LinkSpec,
  MachineSpec,
  ModelSpec,
  OpCost,
  AttentionMask,
  WeightType,
} from '@wafer/core';
import { allReduce, partsNs } from './all-reduce.ts';
import type { AllReduceKind, LinkParts } from './all-reduce.ts';
import { ALL_TERMS, applyTerms } from './channel-cost.ts';
import type { Terms } from './channel-cost.ts';
import { expertCost, expertLoad, sumCosts } from './expert-load.ts';
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
  const experts = Array.from({ length: spec.layerCount }, (_, layer) => layer).filter(
    (layer) => layerOf(spec, layer).ffn === 'experts',
  );
  const windows = Array.from({ length: spec.layerCount }, (_, layer) =>
    maskOf(spec, layer, spec.contextMax),
  ).filter(({ sees }) => sees !== 'all');
  const computeNs =
    (spec.layerCount - windows.length) * timeOf(attentionUses(input)) +
    windows.reduce((sum, mask) => sum + timeOf(attentionUses(input, mask)), 0) +
    (spec.layerCount - experts.length) * timeOf(denseUses(input)) +
    (experts.length > 0 ? experts.length * timeOf(expertUses(input)) : 0) +
    timeOf(edgeUses(input));
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

/** One chip's ops of attention in one layer. */
function attentionUses(
  { spec, type, chipCount: n, step }: ClosedFormInput,
  mask: AttentionMask = SEES_ALL,
): OpUse[] {
  const { modelWidth: d, headCount, kvHeadCount, headWidth } = spec;
  const tokenCount = rowsOf(step);
  const matrix = matrixUse(type, tokenCount);
  const heads = { headCount: headCount / n, kvHeadCount: kvHeadCount / n, headWidth };
  const kvRows = heads.kvHeadCount * headWidth;
  const rotated = { tokenCount, headWidth, rotaryWidth: spec.rope.rotaryWidth };
  const attention = step.segments.flatMap((segment) => [
    kvAppendCost({ ...heads, tokenCount: segment.rowCount }),
    attentionCost(
      { ...heads, startPosition: segment.startPosition, tokenCount: segment.rowCount },
      { mask },
    ),
  ]);
  return [
    plain(rmsNormCost({ tokenCount, width: d })),
    matrix(heads.headCount * headWidth, d, 'matrix'),
    matrix(kvRows, d, 'none'),
    matrix(kvRows, d, 'none'),
    plain(ropeCost({ ...rotated, headCount: heads.headCount })),
    plain(ropeCost({ ...rotated, headCount: heads.kvHeadCount })),
    plain(sumCosts(attention), 'attention'),
    matrix(d, heads.headCount * headWidth, 'matrix'),
    plain(addCost({ tokenCount, width: d })),
  ];
}

/** One chip's ops of a dense feed-forward layer. */
function denseUses({ spec, type, chipCount, step }: ClosedFormInput): OpUse[] {
  const { modelWidth: width, ffnWidth } = spec;
  const tokenCount = rowsOf(step);
  return [
    plain(rmsNormCost({ tokenCount, width })),
    ...gatedUses(matrixUse(type, tokenCount), {
      tokenCount,
      width,
      hidden: ffnWidth / chipCount,
    }),
    plain(addCost({ tokenCount, width })),
  ];
}

/**
 * One chip's ops of a layer of experts, under an even routing. Gathering the router's logits is
 * left out.
 */
function expertUses({ spec, type, chipCount: n, step }: ClosedFormInput): OpUse[] {
  const { modelWidth: d } = spec;
  const { expertCount, chosenCount, expertWidth, sharedWidth } = expertsOf(spec);
  const tokenCount = rowsOf(step);
  const matrix = matrixUse(type, tokenCount);
  const load = expertLoad(expertsOf(spec), { ownCount: expertCount, tokenCount });
  const each = (rows: number, columns: number): OpCost =>
    expertCost(new Array(expertCount).fill({ type, rows, columns }), load);
  const hidden = expertWidth / n;
  const active = swigluCost({ tokenCount: load.rowCount, width: hidden });
  const experts = (costs: OpCost[]): OpUse => ({
    cost: sumCosts(costs),
    floor: 'matrix',
    weights: type,
  });
  const shared = { tokenCount, width: d, hidden: sharedWidth / n };
  return [
    plain(rmsNormCost({ tokenCount, width: d })),
    matrix(expertCount / n, d, 'matrix'),
    plain(routeCost({ tokenCount, expertCount })),
    experts([each(hidden, d), each(hidden, d), active]),
    experts([each(d, hidden)]),
    ...(sharedWidth > 0 ? gatedUses(matrix, shared) : []),
    plain(expertSumCost({ tokenCount, chosenCount, width: d })),
    plain(addCost({ tokenCount, width: d })),
  ];
}

type MatrixUse = (rows: number, columns: number, floor: FloorKind) => OpUse;

function matrixUse(type: WeightType, tokenCount: number): MatrixUse {
  return (rows, columns, floor) => ({
    cost: linearCost({ type, rows, columns }, tokenCount),
    floor,
    weights: type,
  });
}

function plain(cost: OpCost, floor: FloorKind = 'none'): OpUse {
  return { cost, floor, weights: undefined };
}

/** gate, up, activation and down. */
function gatedUses(
  matrix: MatrixUse,
  shape: { tokenCount: number; width: number; hidden: number },
): OpUse[] {
  const { tokenCount, width, hidden } = shape;
  return [
    matrix(hidden, width, 'matrix'),
    matrix(hidden, width, 'none'),
    plain(swigluCost({ tokenCount, width: hidden })),
    matrix(width, hidden, 'matrix'),
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
