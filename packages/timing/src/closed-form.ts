/**
 * The time of a step in closed form, beside the walk: C / (C + communication).
 *
 * C is one chip's share of the network's ops (network-use.ts) under Megatron tensor parallelism,
 * communication two all-reduces a layer. Shares are exact fractions. Left out, as everyone leaves
 * it out: handing the embedded row to the other chips, gathering a router's logits, and the mesh
 * below the links.
 *
 * Source: Shoeybi 2019, "Megatron-LM"; machine and link figures from their specs.
 */
import { layerKinds, networkOps, WSE3 } from '@wafer/core';
import { rowsOf } from '@wafer/core';
import type { LinkSpec, MachineSpec, ModelSpec, OpUse, StepShape, WeightType } from '@wafer/core';
import { allReduce, partsNs } from './all-reduce.ts';
import type { AllReduceKind, LinkParts } from './all-reduce.ts';
import { ALL_TERMS, applyTerms } from './channel-cost.ts';
import type { Terms } from './channel-cost.ts';
import { networkUses } from './network-use.ts';
import { opNs, TileRates } from './op-time.ts';

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
  const { embed, layers, logits } = networkOps(spec);
  const ends = step.logitRows > 0 ? [embed, logits] : [embed];
  const computeNs =
    layerKinds(spec).reduce(
      (sum, { layer, count }) => sum + count * timeOf(networkUses(layers[layer]!, input)),
      0,
    ) + timeOf(networkUses(ends, input));
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
