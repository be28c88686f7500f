/**
 * A model on wafers, as a projection.
 *
 * Assumed: how far short vectors use WSE-3's wider lanes, the crossing, and what code leaves of a
 * PE's SRAM. Half-precision arithmetic whatever the weights: fewer bits make regions smaller, not
 * multiply-adds cheaper. Source: wafer-region.ts; prefill as wafer-kernels.ts, a layer at a time on
 * one square of the wafer, at the measured lanes.
 */
import type { WaferFacts } from '@wafer/core';
import { maxOf, minOf } from '@wafer/core';
import { applyConstants } from '../fit/least-squares.ts';
import { prefillFeatures } from './mesh-layer.ts';
import { widthsOf, weightBytes } from './model-shape.ts';
import { besideWafer } from './beside.ts';
import { expertsTold } from './experts-told.ts';
import { causesOf, inType, sumOfCauses, uncheckedOf } from './projection.ts';
import type { Basis, BareTime, ProjectedWork, BareProjection, Swing } from './projection.ts';
import { waferResidency, withRoom } from './residency.ts';
import { waferExperts, waferGroups } from './wafer-experts.ts';
import { kernelConstants } from './wafer-kernels.ts';
import { waferStep, waferStepNs, waferThroughput } from './wafer-region.ts';
import type { WaferRun } from './wafer-region.ts';
import { NO_CROSSING, serviceCrossing } from './wafer-service.ts';

export interface WaferAsked {
  readonly wafer: WaferFacts;
  /** As many as the model needs where absent. */
  readonly wafers?: number;
}

const SERVICES: Basis = { cohort: 'wafer services without speculation', machine: 'CS-3' };
/** Where a wafer's kernels were published, instead of its services. */
const TOKEN_BASES: Readonly<Record<string, Basis>> = {
  wse2: { cohort: 'wafer decode', machine: 'WSE-2' },
};
const CODE_RANGE = [2048, 8192] as const;
/** Asynchronous: wire and adapters only; synchronous with a slow host. */
const CROSSING_RANGE_US = [10, 300] as const;

/** A model on wafers. */
export function projectWafer(work: ProjectedWork, { wafer, wafers }: WaferAsked): BareProjection {
  const typed = inType(work.shape, work.type);
  const { placement } = work.experts ?? {};
  const groups = placement && typed.experts ? waferGroups(placement, typed.experts.count) : 1;
  const shape = placement ? withRoom(typed, groups, placement) : typed;
  const held = { shape, contextTokens: work.contextTokens, batch: work.batch };
  const experts = waferExperts(typed, work.experts);
  const residency = waferResidency(held, wafer, wafers === undefined ? {} : { wafers });
  const machine = `${wafer.name}${residency.chips > 1 ? `x${residency.chips}` : ''}`;
  const title = `${residency.chips} x ${wafer.title}`;
  if (residency.mode === 'refused') return { machine, title, residency };
  const assumptions = { ...NO_CROSSING, crossingUs: serviceCrossing().us };
  const own = { wafer, wafers: residency.chips, assumptions };
  const run: WaferRun = { ...held, ...own, ...(experts ? { experts } : {}) };
  const told = expertsTold({ ...work, shape: typed }, { groups, tokens: 1 });
  return { machine, title, residency, time: { ...timeOf(work, run), ...told } };
}

function timeOf(work: ProjectedWork, run: WaferRun): BareTime {
  const step = waferStep(run);
  const us = (ns: number): number => ns / 1e3;
  const causes = causesOf({
    'arithmetic and memory': us(step.macsNs),
    'mesh collectives': us(step.softwareNs + step.headNs),
    'mesh hops': us(step.hopsNs),
    crossings: us(step.crossingsNs),
  });
  const tokenUs = sumOfCauses(causes);
  const beside = besideWafer(work, run, { step, tokenUs });
  const swings = swingsOf(run);
  const { tokensPerS: throughputTokensPerS } = waferThroughput(run);
  const ttftMs = waferPrefillMs(work, run) + tokenUs / 1e3;
  const kilowatts = (run.wafers * run.wafer.watts.value) / 1e3;
  const perS = run.wafer.clockHz.value * BYTES_PER_CYCLE * pesOf(run.wafer);
  const read = weightBytes(run.shape, 'met') / (tokenUs / 1e6);
  return {
    causes,
    tokenUs,
    lowUs: minOf(
      swings.map(({ lowUs }) => lowUs),
      tokenUs,
    ),
    highUs: maxOf(
      swings.map(({ highUs }) => highUs),
      tokenUs,
    ),
    tokensPerS: 1e6 / tokenUs,
    throughputTokensPerS,
    ttftMs,
    requestMs: ttftMs + (work.promptTokens * tokenUs) / 1e3,
    joulesPerToken: (kilowatts * 1e3) / throughputTokensPerS,
    tokensPerSPerKw: throughputTokensPerS / kilowatts,
    tokensPerSPerMm2: throughputTokensPerS / (run.wafers * run.wafer.areaMm2.value),
    memoryShare: read / (perS * run.wafers),
    basis: {
      token: TOKEN_BASES[run.wafer.name] ?? SERVICES,
      prefill: { cohort: 'wafer prefill', machine: run.wafer.name === 'wse2' ? 'WSE-2' : 'WSE-3' },
    },
    unchecked: [
      ...uncheckedOf(work),
      'prompts that fill several wafers at once (charged a layer at a time)',
    ],
    swings,
    ...(beside ? { beside } : {}),
  };
}

/** Two 64-bit reads and a write of a PE and cycle. */
const BYTES_PER_CYCLE = 24;

function pesOf({ pesAcross, pesDown }: WaferFacts): number {
  return pesAcross.value * pesDown.value;
}

/** Milliseconds of a prompt: layers in turn, each on the side that takes it least. */
export function waferPrefillMs({ promptTokens }: ProjectedWork, run: WaferRun): number {
  const { shape, wafer } = run;
  const constants = kernelConstants('prefill', 'WaferLLM');
  const routed = shape.experts?.layers ?? 0;
  const kinds = [
    { widths: widthsOf(shape, 'dense'), layers: shape.layers - routed },
    { widths: widthsOf(shape, 'experts'), layers: routed },
  ];
  const most = Math.min(wafer.pesAcross.value, wafer.pesDown.value);
  const cyclesAt = (side: number): number =>
    kinds.reduce(
      (sum, { widths, layers }) =>
        sum +
        layers *
          applyConstants(constants, { features: prefillFeatures(widths, promptTokens, side) }),
      0,
    );
  const sides = Array.from({ length: SIDES }, (_, i) => Math.floor((most * (i + 1)) / SIDES));
  return (minOf(sides.map(cyclesAt)) / wafer.clockHz.value) * 1e3;
}

/** Sides that are tried for prefill. */
const SIDES = 24;

function swingsOf(run: WaferRun): Swing[] {
  const at = (more: Partial<WaferRun['assumptions']>, wafer = run.wafer): number =>
    waferStepNs(waferStep({ ...run, wafer, assumptions: { ...run.assumptions, ...more } })) / 1e3;
  const withCode = (bytes: number): WaferFacts => ({
    ...run.wafer,
    codeBytesPerPe: { ...run.wafer.codeBytesPerPe, value: bytes },
  });
  const code = CODE_RANGE.map((bytes) => at({}, withCode(bytes)));
  const [lowCrossing, highCrossing] = CROSSING_RANGE_US;
  const isWider = at({ laneUse: 1 }) !== at({ laneUse: 0 });
  const lanes: Swing = {
    figure: 'use of wider lanes by short vectors',
    range: '0 to 1, taken 0.5',
    lowUs: at({ laneUse: 1 }),
    highUs: at({ laneUse: 0 }),
  };
  return [
    ...(isWider ? [lanes] : []),
    {
      figure: 'crossing of a wafer',
      range:
        `${lowCrossing} us (asynchronous) to ${highCrossing} us, ` +
        `implied by the services of August 2024: ${run.assumptions.crossingUs.toFixed(0)} us`,
      lowUs: at({ crossingUs: lowCrossing }),
      highUs: at({ crossingUs: highCrossing }),
    },
    {
      figure: "code in a PE's SRAM",
      range: '2 to 8 KiB, taken 4',
      lowUs: minOf(code),
      highUs: maxOf(code),
    },
  ];
}
