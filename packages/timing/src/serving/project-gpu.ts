/**
 * A model on GPUs of one NVLink domain, or of several nodes, as a projection.
 *
 * GPUs stand in `stages` one after the other, each cut by tensor parallelism over its GPUs; experts
 * lie on them by a placement (gpu-experts.ts). Matrix kernels, attention and all-reduces stand on
 * measured ones; what a layer launches beside them was measured on A100 with SGLang only and is
 * assumed elsewhere, between none and what the stacks of 2024 took. Weights in fewer bits: see
 * gpu-matrix-parts.ts. A node is eight GPUs, a GB200 domain 72.
 */
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { evenLoad } from './decode-matrices.ts';
import { besideGpu } from './beside.ts';
import { expertsTold } from './experts-told.ts';
import { nearestStack, stackNote } from './gpu-trust.ts';
import {
  HALF_BYTES,
  PUBLISHED_GROUP,
  isAcrossNodes,
  NCCL,
  reduceTitle,
  stackReduces,
} from './gpu-links.ts';
import { partsOf, sumOfParts, unfusedUs } from './gpu-parts.ts';
import type { GpuAsked, GpuParts } from './gpu-parts.ts';
import { gpuPrompt, PREFILL_EFFICIENCY, promptRange } from './gpu-prompt.ts';
import { attentionSwing, kernelSwing, launchSwing, reduceSwing } from './gpu-swings.ts';
import { kvBytes, weightBytes, weightCounts } from './model-shape.ts';
import {
  causesOf,
  heldTokens,
  inType,
  precisionOf,
  sumOfCauses,
  uncheckedOf,
} from './projection.ts';
import type {
  BareProjection,
  BareTime,
  BesideTime,
  CheckTime,
  ProjectedWork,
} from './projection.ts';
import { gpuResidency, kvCopies } from './residency.ts';

/** A model on GPUs. */
export function projectGpu(
  work: ProjectedWork,
  { gpu, gpus, stages = 1 }: GpuAsked,
): BareProjection {
  const shape = inType(work.shape, work.type);
  const held = { shape, contextTokens: heldTokens(work), batch: work.batch };
  const placement = work.experts?.placement;
  const residency = gpuResidency(held, gpu, gpus, { stages, ...(placement ? { placement } : {}) });
  const machine = `${gpu.name.toLowerCase()}x${gpus}${stages > 1 ? `p${stages}` : ''}`;
  const title = `${gpus} x ${gpu.title}${stages > 1 ? `, ${stages} stages` : ''}`;
  const base = { machine, title, precision: precisionOf(shape, work.type), residency };
  if (residency.mode === 'refused') return base;
  const time = timeOf({ ...work, shape }, { gpu, gpus, stages });
  if (!isRefusal(time)) return { ...base, time };
  return { ...base, residency: { ...residency, mode: 'refused', reason: time.refused } };
}

function timeOf(work: ProjectedWork, asked: Required<GpuAsked>): BareTime | Refusal {
  const { gpu, gpus, stages } = asked;
  if (gpus % stages !== 0 || stages > work.shape.layers) {
    return refuse(`${gpus} GPUs do not make ${stages} equal stages`);
  }
  const unfused = unfusedUs();
  // Sequences of a batch stand in the stages, as many in each.
  const staged = { ...work, batch: Math.ceil(work.batch / stages) };
  const parts = partsOf(staged, asked, 'stack', unfused);
  if (isRefusal(parts)) return parts;
  const nccl = partsOf(staged, asked, 'nccl', unfused);
  const causes = causesOf({
    'arithmetic and memory': parts.matrices.bytesUs,
    'memory below its peak': parts.matrices.shortUs,
    'launches of matrices': parts.matrices.startUs,
    'small kernels': parts.unfusedUs,
    attention: parts.attentionUs,
    wire: parts.wireUs,
    'software of the link': parts.linkUs,
  });
  const stepUs = sumOfCauses(causes);
  const beside = besideOf(work, asked, unfused);
  // The stage with the most layers sets the pace of all.
  const stageUs = (stepUs * Math.ceil(work.shape.layers / stages)) / work.shape.layers;
  const throughput = Math.min(work.batch / stepUs, staged.batch / stageUs) * 1e6;
  // A user of many shares what all get: the rest of his token's time is waiting.
  const tokenUs = (work.batch * 1e6) / throughput;
  causes['waiting for its turn'] = Math.max(0, tokenUs - stepUs);
  const swings = [
    launchSwing(work, asked, { tokenUs, unfused }),
    ...attentionSwing(staged, asked, { parts, tokenUs }),
    ...reduceSwing(staged, asked, { parts, tokenUs }),
    ...kernelSwing(staged, asked, { parts, tokenUs, unfused }),
  ];
  const check = checkOf(staged, asked, { unfused, tokenUs });
  const prompt = gpuPrompt(work, asked);
  const ttftMs = prompt.ms + tokenUs / 1e3;
  const read = stepBytes(staged, parts.cut) / (stepUs / 1e6);
  return {
    causes,
    tokenUs,
    // Each figure moves causes of its own, so that all of them at once add up.
    lowUs: swings.reduce((us, { lowUs }) => us + Math.min(0, lowUs - tokenUs), tokenUs),
    highUs: swings.reduce((us, { highUs }) => us + Math.max(0, highUs - tokenUs), tokenUs),
    tokensPerS: 1e6 / tokenUs,
    throughputTokensPerS: throughput,
    ttftMs,
    promptRange: promptRange(work, asked, ttftMs),
    requestMs: ttftMs + (work.promptTokens * tokenUs) / 1e3,
    ...perUnit(asked, throughput),
    memoryShare: read / (gpus * gpu.bandwidthBytesPerS.value),
    kernel: kernelOf(asked, parts.cut),
    ...(gpus > stages && !isRefusal(nccl) && !isAcrossNodes({ gpu, gpus: gpus / stages })
      ? { otherReduce: { kernel: reduceTitle(gpu, NCCL), tokenUs: sumOfParts(nccl) } }
      : {}),
    basis: {
      token: {
        cohort: stages > 1 ? 'GPU decode, pipeline and experts' : 'GPU decode, tensor parallel',
        machine: gpu.name,
        note: noteOf(asked),
      },
    },
    unchecked: [...uncheckedOf(work), ...largeGroup(asked, parts.cut)],
    swings,
    ...(beside ? { beside } : {}),
    ...(check ? { check } : {}),
    ...expertsTold(work, { groups: parts.groups, tokens: staged.batch }),
  };
}

/** Whose all-reduce is charged. */
function kernelOf({ gpu, gpus, stages }: Required<GpuAsked>, cut: number): string {
  if (cut < 2) return 'none';
  if (isAcrossNodes({ gpu, gpus: gpus / stages })) return 'as measured between nodes, unnamed';
  const [first] = stackReduces({ gpu, gpus: cut }, HALF_BYTES);
  return first ? reduceTitle(gpu, first.reduce) : 'none';
}

/** All-reduces inside a node were published of eight GPUs at most. */
function largeGroup({ gpu, gpus, stages }: Required<GpuAsked>, cut: number): string[] {
  if (cut <= PUBLISHED_GROUP || isAcrossNodes({ gpu, gpus: gpus / stages })) return [];
  return [`all-reduces of ${cut} GPUs in a domain, told as of ${PUBLISHED_GROUP}`];
}

/** Steps that fill a prompt beside decode: products of many rows reach a share of the peak. */
function besideOf(
  work: ProjectedWork,
  asked: Required<GpuAsked>,
  unfused: number,
): BesideTime | undefined {
  const { gpu, gpus, stages } = asked;
  const reached = Object.fromEntries(
    Object.entries(gpu.opsPerS).map(([type, ops]) => [
      type,
      { ...ops, value: ops.value * PREFILL_EFFICIENCY },
    ]),
  );
  const slower = { ...asked, gpu: { ...gpu, opsPerS: reached } };
  const partsAt = (rows: number): GpuParts | Refusal =>
    partsOf({ ...work, batch: rows }, slower, 'stack', unfused);
  const peak = (gpu.opsPerS[work.type] ?? gpu.opsPerS.bf16)!.value;
  return besideGpu(work, partsAt, (gpus / stages) * peak * PREFILL_EFFICIENCY);
}

/** A step that checks drafted tokens: more rows of matrices and sums, keys and values once. */
function checkOf(
  work: ProjectedWork,
  asked: Required<GpuAsked>,
  { unfused, tokenUs }: { unfused: number; tokenUs: number },
): CheckTime | undefined {
  const { draftTokens } = work;
  if (draftTokens === undefined) return undefined;
  const at = (batch: number): GpuParts | Refusal =>
    partsOf({ ...work, batch }, asked, 'stack', unfused);
  const [one, rows] = [at(work.batch), at(work.batch * (draftTokens + 1))];
  if (isRefusal(one) || isRefusal(rows)) return undefined;
  const stepUs = sumOfParts({ ...rows, attentionUs: one.attentionUs });
  // Stages that others wait for are waited for as long again as a step takes longer.
  return { draftTokens, stepUs: (tokenUs * stepUs) / sumOfParts(one) };
}

/** Tokens by power and silicon: whole systems, the chips beside them. */
function perUnit(
  { gpu, gpus }: GpuAsked,
  tokensPerS: number,
): Pick<
  BareTime,
  'powerOf' | 'joulesPerToken' | 'chipJoulesPerToken' | 'tokensPerSPerKw' | 'tokensPerSPerMm2'
> {
  const watts = gpus * gpu.systemWatts.value;
  return {
    powerOf: 'systems',
    joulesPerToken: watts / tokensPerS,
    chipJoulesPerToken: (gpus * gpu.watts.value) / tokensPerS,
    tokensPerSPerKw: (1e3 * tokensPerS) / watts,
    ...(gpu.dieMm2 ? { tokensPerSPerMm2: tokensPerS / (gpus * gpu.dieMm2.value) } : {}),
  };
}

/** Bytes of a step: weights that any of its tokens meets, and all keys and values, copies too. */
function stepBytes({ shape, batch, contextTokens }: ProjectedWork, cut: number): number {
  const { experts } = shape;
  const more = experts
    ? (evenLoad(experts, batch).hits / experts.chosen - 1) *
      ((weightCounts(shape, 'met').experts * shape.bits.experts) / 8)
    : 0;
  const kv = kvBytes(shape, contextTokens) * kvCopies(shape, cut) * batch;
  return weightBytes(shape, 'met') + more + kv;
}

/** Where no stack was measured that has these kernels, and what the nearest one took. */
function noteOf({ gpu, gpus, stages }: Required<GpuAsked>): string {
  const nearest = nearestStack(gpu.name, gpus / stages);
  if (!nearest) return stackNote(gpu.name, undefined, undefined);
  const { shape, tensorParallel, contextTokens } = nearest.use;
  const work = { shape, type: 'bf16', contextTokens, promptTokens: 1, batch: 1 } as const;
  const parts = partsOf(work, { gpu, gpus: tensorParallel, stages: 1 }, 'stack', unfusedUs());
  return stackNote(gpu.name, nearest, isRefusal(parts) ? undefined : sumOfParts(parts) / 1e3);
}
