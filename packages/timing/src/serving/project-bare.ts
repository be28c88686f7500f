/**
 * A model on machines by name: `wse3`, `wse3x4@examples`, `h100x8`, `groq`.
 */
import { GPU_FACTS, tryWaferFacts, WAFER_FACTS, WaferError } from '@wafer/core';
import { GROQ, groqChips, groqStepUs, groqWeightBytes } from './groq.ts';
import { readMachineName } from './machine-name.ts';
import { kvBytes } from './model-shape.ts';
import { projectGpu } from './project-gpu.ts';
import { projectWafer } from './project-wafer.ts';
import { causesOf, heldTokens } from './projection.ts';
import type { BareProjection, ProjectedWork } from './projection.ts';
import { CHIPS_MAX } from './residency.ts';

/** Machines that a projection knows, without numbers of chips. */
export const PROJECTED_MACHINES: readonly string[] = [
  ...WAFER_FACTS.map(({ name }) => name),
  ...GPU_FACTS.map(({ name }) => name.toLowerCase()),
  'groq',
];

/** GPUs of a node where none are named. */
const GPUS = 8;

/** Its figures are measured of a plan and its weights; a projection has sizes alone. */
const HOST_ELSEWHERE =
  'a machine with a data sheet: `wafer bench host MODEL` measures this one and tells the model';

/** A model on a machine by name, without error bars. Throws: PLAN_OPTION. */
export function projectBare(work: ProjectedWork, name: string): BareProjection {
  const { chip, count, stages, clock } = readMachineName(name);
  const wafer = tryWaferFacts(chip);
  const gpu = GPU_FACTS.find((facts) => facts.name.toLowerCase() === chip);
  const isCount = count === undefined || (count >= 1 && count <= CHIPS_MAX);
  if (wafer && isCount && stages === undefined) {
    const wafers = count === undefined ? {} : { wafers: count };
    return projectWafer(work, { wafer, ...wafers, ...(clock === undefined ? {} : { clock }) });
  }
  const isPlain = clock === undefined;
  if (gpu && isPlain && isCount && (stages ?? 1) >= 1) {
    return projectGpu(work, { gpu, gpus: count ?? GPUS, stages: stages ?? 1 });
  }
  if (chip === 'groq' && isPlain && count === undefined) return projectGroq(work);
  const expected =
    chip === 'host'
      ? HOST_ELSEWHERE
      : `one of ${PROJECTED_MACHINES.join(', ')}, as h100x8, wse3x4, h100x16p2 for two stages ` +
        'or wse3@examples for a clock of wafers';
  const known = PROJECTED_MACHINES;
  throw new WaferError('PLAN_OPTION', { option: 'machine', value: name, expected, known });
}

/** GPUs of a machine by name where they share all layers; undefined for all else. */
export function gpuCount(name: string): { chip: string; count: number } | undefined {
  const { chip, count = GPUS, stages } = readMachineName(name);
  const isGpu = GPU_FACTS.some((facts) => facts.name.toLowerCase() === chip);
  return isGpu && stages === undefined ? { chip, count } : undefined;
}

function projectGroq(work: ProjectedWork): BareProjection {
  const { shape, batch } = work;
  const heldKv = kvBytes(shape, heldTokens(work)) * batch;
  const chips = groqChips(shape, heldKv);
  const weightBytes = groqWeightBytes(shape);
  const fullestBytes = (weightBytes + heldKv) / chips;
  const chipBytes = GROQ.sramBytes.value;
  const held = { chips, weightBytes, kvBytes: heldKv, activationBytes: 0, chipBytes, fullestBytes };
  const title = `${chips} x ${GROQ.title}`;
  const base = { machine: 'groq', title, precision: 'int8' };
  if (batch > 1) {
    const reason = 'batches are not modeled: one constant of one sequence is all that is known';
    return { ...base, residency: { ...held, mode: 'refused', reason } };
  }
  const tokenUs = groqStepUs(shape);
  const kilowatts = (chips * GROQ.watts.value) / 1e3;
  const tokensPerS = 1e6 / tokenUs;
  return {
    ...base,
    residency: { ...held, mode: 'several' },
    time: {
      causes: causesOf({ 'not taken apart': tokenUs }),
      tokenUs,
      lowUs: tokenUs,
      highUs: tokenUs,
      tokensPerS,
      throughputTokensPerS: tokensPerS,
      ttftMs: Number.NaN,
      requestMs: Number.NaN,
      powerOf: 'chips alone',
      joulesPerToken: (kilowatts * 1e3) / tokensPerS,
      tokensPerSPerKw: tokensPerS / kilowatts,
      basis: { token: GROQ_BASIS },
      unchecked: ['prompt'],
      swings: [],
    },
  };
}

/** Its services that are not known to speculate. */
const GROQ_BASIS = {
  cohort: 'other services, hardware alone',
  machine: 'Groq LPU',
  note:
    `one constant, ${GROQ.layerUs.value.toFixed(1)} us a layer whatever its width, set by ` +
    'Llama 2 70B on 576 chips: no verdict rests on it',
};
