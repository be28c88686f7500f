/**
 * A model on wafers, as a projection.
 *
 * What is assumed stands in wafer-swings.ts. Half-precision arithmetic whatever the weights: fewer
 * bits do not make multiply-adds cheaper, but the same wafers may give each layer more PEs than it
 * needs. Source: wafer-region.ts for a token, wafer-batch.ts for many sequences, wafer-prefill.ts
 * for a prompt.
 */
import { atClock, tryWaferFacts } from '@wafer/core';
import type { WaferFacts } from '@wafer/core';
import { waferName } from './machine-name.ts';
import { headBytes, kvBytes, weightBytes } from './model-shape.ts';
import {
  causesOf,
  heldTokens,
  inType,
  precisionOf,
  sumOfCauses,
  uncheckedOf,
} from './projection.ts';
import type {
  CheckTime,
  Basis,
  BareTime,
  ProjectedWork,
  BareProjection,
  RegionTold,
} from './projection.ts';
import { besideWafer } from './beside.ts';
import { expertsTold } from './experts-told.ts';
import { fullestWaferBytes, waferResidency, withRoom } from './residency.ts';
import { waferExperts, waferGroups } from './wafer-experts.ts';
import { waferBatch } from './wafer-batch.ts';
import { measuredSides } from './wafer-kernels.ts';
import type { WaferBatch } from './wafer-batch.ts';
import { prefillRange, waferPrefill } from './wafer-prefill.ts';
import { layoutOf, slowestRegionNs, waferStepNs } from './wafer-region.ts';
import type { WaferRun } from './wafer-region.ts';
import { NO_CROSSING, serviceCrossing } from './wafer-service.ts';
import { waferCorners, waferSwings } from './wafer-swings.ts';

export interface WaferAsked {
  readonly wafer: WaferFacts;
  /** As many as the model needs where absent. */
  readonly wafers?: number;
  /** A preset; absent: that of its facts, and the range to the least. */
  readonly clock?: string;
}

const SERVICES: Basis = {
  cohort: 'wafer services without speculation',
  machine: 'CS-3',
  note:
    'two models of one vendor on one day, each told by what the other leaves; the same rows set ' +
    'the crossing taken here: no independent row checks it',
};
const PROMPTS: Omit<Basis, 'machine'> = {
  cohort: 'wafer prefill',
  note: 'layer by layer, 4096 tokens; no row is of tokens through the regions of decode',
};
/** Where a wafer's kernels were published, instead of its services. */
const TOKEN_BASES: Readonly<Record<string, Basis>> = {
  wse2: { cohort: 'wafer decode', machine: 'WSE-2' },
};

/** A model on wafers. Throws: PLAN_OPTION for a clock that is no preset. */
export function projectWafer(work: ProjectedWork, asked: WaferAsked): BareProjection {
  const { wafers, clock } = asked;
  const wafer = clock === undefined ? asked.wafer : atClock(asked.wafer, clock);
  const typed = inType(work.shape, work.type);
  const { placement } = work.experts ?? {};
  const groups = placement && typed.experts ? waferGroups(placement, typed.experts.count) : 1;
  const shape = placement ? withRoom(typed, groups, placement) : typed;
  const held = { shape, contextTokens: work.contextTokens, batch: work.batch };
  const experts = waferExperts(typed, work.experts);
  const most = { ...held, contextTokens: heldTokens(work) };
  const residency = waferResidency(most, wafer, wafers === undefined ? {} : { wafers });
  // One that is refused keeps the name it was asked by.
  const count = residency.mode === 'refused' ? (wafers ?? 1) : residency.chips;
  const machine = waferName({ chip: wafer.name, count, ...(clock === undefined ? {} : { clock }) });
  const title = `${count} x ${wafer.title}`;
  const { clockHz } = wafer;
  const base = { machine, title, clockHz, precision: precisionOf(typed, work.type), residency };
  if (residency.mode === 'refused') return base;
  const assumptions = { ...NO_CROSSING, crossingUs: serviceCrossing().us };
  const own = { wafer, wafers: residency.chips, assumptions };
  const wide = placement ? withRoom(work.shape, groups, placement) : work.shape;
  const run: WaferRun = { ...held, ...own, wide, ...(experts ? { experts } : {}) };
  const told = expertsTold({ ...work, shape: typed }, { groups, tokens: 1 });
  const layout = layoutOf(run);
  const fullestBytes = fullestWaferBytes(most, layout.wafers);
  const time = { ...timeOf(work, { ...run, layout }), ...told };
  return { ...base, residency: { ...residency, fullestBytes }, time };
}

function timeOf(work: ProjectedWork, run: WaferRun): BareTime {
  const batch = waferBatch(run);
  const { step, tokensPerS: throughputTokensPerS } = batch;
  const us = (ns: number): number => ns / 1e3;
  const causes = causesOf({
    'arithmetic and memory': us(step.macsNs),
    'mesh collectives': us(step.softwareNs + step.headNs),
    'mesh hops': us(step.hopsNs),
    'crossings and the rest': us(step.crossingsNs),
    'waiting for its turn': us(batch.waitingNs),
  });
  const tokenUs = sumOfCauses(causes);
  const beside = besideWafer(work, run, { step, tokenUs });
  const check = checkOf(work, run, batch);
  const corners = waferCorners(run);
  const { swings, lowUs, highUs } = waferSwings(run, corners);
  const { ms: ttftMs, schedule, otherMs } = waferPrefill(work, run);
  const kilowatts = (run.wafers * run.wafer.watts.value) / 1e3;
  const perS = run.wafer.clockHz.value * BYTES_PER_CYCLE * pesOf(run.wafer) * run.wafers;
  // Sequences together in a region meet its weights once.
  const reads = throughputTokensPerS / batch.together;
  return {
    causes,
    tokenUs,
    lowUs: Math.min(tokenUs, lowUs),
    highUs: Math.max(tokenUs, highUs),
    tokensPerS: 1e6 / tokenUs,
    throughputTokensPerS,
    ttftMs,
    prompt: { schedule, otherMs, ...prefillRange(work, corners) },
    requestMs: ttftMs + (work.promptTokens * tokenUs) / 1e3,
    powerOf: 'systems',
    joulesPerToken: (kilowatts * 1e3) / throughputTokensPerS,
    tokensPerSPerKw: throughputTokensPerS / kilowatts,
    tokensPerSPerMm2: throughputTokensPerS / (run.wafers * run.wafer.areaMm2.value),
    memoryShare: (weightBytes(run.shape, 'met') * reads) / perS,
    flight: { regions: batch.regions, together: batch.together, inFlight: batch.inFlight },
    region: regionTold(run, step.side),
    basis: {
      token: TOKEN_BASES[run.wafer.name] ?? SERVICES,
      prefill: { ...PROMPTS, machine: run.wafer.name === 'wse2' ? 'WSE-2' : 'WSE-3' },
    },
    unchecked: [
      ...uncheckedOf(work),
      ...(run.wafers > CHECKED_WAFERS ? [`more than ${CHECKED_WAFERS} wafers`] : []),
      ...sideUnchecked(step.side),
      ...clockUnchecked(run.wafer),
      ...(work.promptTokens === CHECKED_PROMPT
        ? []
        : [`prompts of other than ${CHECKED_PROMPT} tokens`]),
    ],
    swings,
    ...(beside ? { beside } : {}),
    ...(check ? { check } : {}),
  };
}

/** Rows of a check follow each other through the regions, as those of a prompt do. */
function checkOf(
  { draftTokens, batch }: ProjectedWork,
  run: WaferRun,
  { step, together }: WaferBatch,
): CheckTime | undefined {
  if (draftTokens === undefined) return undefined;
  const rowNs = slowestRegionNs({ ...run, together }, step) / together;
  const alone = waferStepNs(step) + draftTokens * rowNs;
  const paced = batch * (draftTokens + 1) * rowNs;
  return { draftTokens, stepUs: Math.max(alone, paced) / 1e3 };
}

/** Most wafers of a published speed, and the one prompt of published prefill. */
const CHECKED_WAFERS = 4;
const CHECKED_PROMPT = 4096;

/** Regions smaller or larger than those whose kernels were published. */
function sideUnchecked(side: number): string[] {
  const [least, most] = measuredSides();
  if (side >= least && side <= most) return [];
  return [`regions of ${Math.round(side)} PEs a side, by kernels of ${least} to ${most}`];
}

/** Kernels and services are told with the clock of the facts. */
function clockUnchecked({ name, clockHz }: WaferFacts): string[] {
  const own = tryWaferFacts(name)?.clockHz.value;
  if (own === undefined || own === clockHz.value) return [];
  return [`another clock than ${own / 1e9} GHz`];
}

/** A layer's region, and what a PE of it holds. */
function regionTold(run: WaferRun, side: number): RegionTold {
  const { wafers, headPes, packingAt } = layoutOf(run);
  const packing = packingAt(side);
  // Both sides of a rectangle by their mean: w + h = 2 * stretch * side, w * h = side * side.
  const stretch = packing?.stretch ?? 1;
  const across = side * (stretch + Math.sqrt(Math.max(0, stretch ** 2 - 1)));
  const weights = weightBytes(run.shape, 'all') - headBytes(run.shape);
  const kv = kvBytes(run.shape, run.contextTokens) * run.batch;
  const pes = run.shape.layers * side ** 2;
  return {
    wafers,
    perWafer: packing?.perWafer ?? run.shape.layers,
    sides: [Math.floor(side ** 2 / across), Math.floor(across)],
    weightBytesPerPe: weights / pes,
    kvBytesPerPe: kv / pes,
    codeBytesPerPe: run.wafer.codeBytesPerPe.value,
    idleShare: Math.max(0, 1 - (pes + headPes) / (pesOf(run.wafer) * run.wafers)),
  };
}

/** Two 64-bit reads and a write of a PE and cycle. */
const BYTES_PER_CYCLE = 24;

function pesOf({ pesAcross, pesDown }: WaferFacts): number {
  return pesAcross.value * pesDown.value;
}
