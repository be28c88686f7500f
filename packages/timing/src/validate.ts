/**
 * Predictions beside published results: every row with its error, worst first.
 *
 * A row that a figure was fitted to says so and proves nothing; the others judge the model. Cohorts
 * stay apart: WSE-2 kernels, the WSE-3 service, and GPUs by kind of measurement.
 */
import {
  attentionCost,
  findLink,
  findMachine,
  kvAppendCost,
  linearCost,
  sumCosts,
  WAFER_CLOCKS_HZ,
  WSE3,
} from '@wafer/core';
import type { LinkSpec, ModelSpec } from '@wafer/core';
import { allReduce, partsNs } from './all-reduce.ts';
import { closedForm } from './closed-form.ts';
import { opNs, TileRates } from './op-time.ts';
import { ALL_REDUCE_BYTES, ALL_REDUCES } from './published/all-reduces.ts';
import { ATTENTION, ATTENTION_HEAD_WIDTH } from './published/attention.ts';
import { GEMV } from './published/gemv.ts';
import { GPU_DECODE } from './published/gpu-decode.ts';
import { WSE2_DECODE, WSE3_SERVICE } from './published/wafer-decode.ts';
import { LLAMA_2_70B, LLAMA_3_70B, LLAMA_3_8B } from './shapes.ts';
import { decodeStep } from './step.ts';
import { waferLayerCycles } from './wafer-layer.ts';

export type Cohort =
  | 'WSE-2 decode'
  | 'WSE-3 service'
  | 'GPU matrix x vector'
  | 'GPU attention'
  | 'GPU all-reduce'
  | 'GPU decode';

export interface ValidationRow {
  cohort: Cohort;
  row: string;
  unit: 'us' | 'ms' | 'cycles' | 'tokens/s';
  predicted: number;
  reference: number;
  /** Predicted over reference, less 1. */
  error: number;
  /** Whether a figure of the model was fitted to this row. */
  isFitted: boolean;
}

/** Every published row with its prediction, the largest error first. */
export function validate(): ValidationRow[] {
  const rows = [
    ...waferDecode(),
    ...waferService(),
    ...matrixVector(),
    ...attention(),
    ...allReduces(),
    ...gpuDecode(),
  ];
  return rows.toSorted((a, b) => Math.abs(b.error) - Math.abs(a.error));
}

/** Median and largest error of the rows of a cohort that nothing was fitted to. */
export function judge(
  rows: readonly ValidationRow[],
  cohort: Cohort,
): { count: number; median: number; max: number } {
  const errors = rows
    .filter((row) => row.cohort === cohort && !row.isFitted)
    .map(({ error }) => Math.abs(error))
    .toSorted((a, b) => a - b);
  const median = errors[Math.floor(errors.length / 2)] ?? Number.NaN;
  return { count: errors.length, median, max: errors.at(-1) ?? Number.NaN };
}

function compare(row: Omit<ValidationRow, 'error'>): ValidationRow {
  return { ...row, error: row.predicted / row.reference - 1 };
}

function waferDecode(): ValidationRow[] {
  const fitted = ['Llama 3 8B 420', 'Llama 3 8B 660', 'Qwen2 72B 420'];
  return WSE2_DECODE.map(({ model, layerCount, side, tokensPerS, perPe, isScaled }) =>
    compare({
      cohort: 'WSE-2 decode',
      row: `${model}, ${side} x ${side} PEs${isScaled ? ', scaled' : ''}`,
      unit: 'cycles',
      predicted: waferLayerCycles(side, perPe),
      reference: WAFER_CLOCKS_HZ.paper.value / (tokensPerS * layerCount),
      isFitted: fitted.includes(`${model} ${side}`),
    }),
  );
}

/** One chip per system; crossings between systems are not published and not counted. */
function waferService(): ValidationRow[] {
  const specs: Readonly<Record<string, ModelSpec>> = {
    'Llama 3.1 8B': LLAMA_3_8B,
    'Llama 3.1 70B': LLAMA_3_70B,
  };
  return WSE3_SERVICE.map(({ model, systems, tokensPerS }) => {
    const { tokensPerS: predicted } = closedForm({
      spec: specs[model]!,
      type: 'bf16',
      machine: WSE3,
      chipCount: 1,
      link: findLink('ethernet-100g'),
      kind: 'nccl',
      step: decodeStep({ batch: 1, contextTokens: 1024 }),
      elementBytes: 2,
    });
    const row = `${model}, ${systems} CS-3, crossings not counted`;
    const isFitted = model === 'Llama 3.1 8B';
    return compare({
      cohort: 'WSE-3 service',
      row,
      unit: 'tokens/s',
      predicted,
      reference: tokensPerS,
      isFitted,
    });
  });
}

function ratesOf(machine: string): TileRates {
  return new TileRates({
    machine: findMachine(machine),
    tilesPerChip: 1,
    tileCount: 1,
    waferMemory: undefined,
    elementBytes: 2,
  });
}

function matrixVector(): ValidationRow[] {
  return GEMV.flatMap(({ machine, stack, rows }) => {
    const rates = ratesOf(machine);
    return rows.map(([n, k, us]) => {
      const cost = linearCost({ type: 'bf16', rows: n, columns: k }, 1);
      return compare({
        cohort: 'GPU matrix x vector',
        row: `${machine} ${n} x ${k}, ${stack}`,
        unit: 'us',
        predicted: opNs(rates.time({ cost, floor: 'matrix', weights: 'bf16' })) / 1e3,
        reference: us,
        isFitted: n === k && (n === 4096 || n === 16_384),
      });
    });
  });
}

function attention(): ValidationRow[] {
  return ATTENTION.flatMap(({ machine, stack, headCount, kvHeadCount, rows }) => {
    const rates = ratesOf(machine);
    const heads = { headCount, kvHeadCount, headWidth: ATTENTION_HEAD_WIDTH };
    return rows.map(([contextTokens, us]) => {
      const cost = sumCosts([
        kvAppendCost({ ...heads, tokenCount: 1 }),
        attentionCost({ ...heads, startPosition: contextTokens - 1, tokenCount: 1 }),
      ]);
      return compare({
        cohort: 'GPU attention',
        row: `${machine} ${headCount}/${kvHeadCount} heads, ${contextTokens} tokens, ${stack}`,
        unit: 'us',
        predicted: opNs(rates.time({ cost, floor: 'attention', weights: undefined })) / 1e3,
        reference: us,
        isFitted: headCount === 32 && contextTokens === 4096,
      });
    });
  });
}

/** The rows that links.ts names, by link: chips, first word of the kernel, bytes. */
const FITTED_ALL_REDUCES: readonly string[] = [
  'nvlink3 8 tensorrt-llm 2048',
  'nvlink3 8 vllm-custom 262144',
  'nvlink3 8 nccl 16384',
  'nvlink3 8 nccl 1048576',
  'nvlink3 8 nccl 67108864',
  'nvlink4 2 tensorrt-llm 2048',
  'nvlink4 8 tensorrt-llm 2048',
  'nvlink4 8 sglang-custom 262144',
  'nvlink4 8 tensorrt-llm 67108864',
  'nvlink4 8 sglang-custom 67108864',
  'nvlink4 8 nccl 16384',
  'nvlink4 8 nccl 1048576',
  'nvlink5 2 tensorrt-llm 2048',
  'nvlink5 4 tensorrt-llm 2048',
  'nvlink5 4 tensorrt-llm 67108864',
  'nvlink5 4 nccl 16384',
  'nvlink5 4 nccl 1048576',
];

function allReduces(): ValidationRow[] {
  return ALL_REDUCES.flatMap(({ gpu, link: linkName, chipCount, kernel, us }) => {
    const link: LinkSpec = findLink(linkName);
    const name = kernel.split(' ')[0]!;
    const kind = name === 'nccl' ? 'nccl' : 'custom';
    return ALL_REDUCE_BYTES.map((bytes, i) =>
      compare({
        cohort: 'GPU all-reduce',
        row: `${chipCount} x ${gpu}, ${kernel}, ${bytes} bytes`,
        unit: 'us',
        predicted: partsNs(allReduce({ link, kind, chipCount, bytes })) / 1e3,
        reference: us[i]!,
        isFitted: FITTED_ALL_REDUCES.includes(`${linkName} ${chipCount} ${name} ${bytes}`),
      }),
    );
  });
}

/** Without host overhead and prefill, which some rows hold: predictions lie below. */
function gpuDecode(): ValidationRow[] {
  const specs: Readonly<Record<string, ModelSpec>> = {
    'Llama 3 8B': LLAMA_3_8B,
    'Llama 2 70B': LLAMA_2_70B,
  };
  return GPU_DECODE.map(({ model, machine, chipCount, stack, contextTokens, ms }) => {
    const { computeNs, communicationNs } = closedForm({
      spec: specs[model]!,
      type: 'bf16',
      machine: findMachine(machine),
      chipCount,
      link: findLink(machine === 'a100' ? 'nvlink3' : 'nvlink4'),
      kind: 'custom',
      step: decodeStep({ batch: 1, contextTokens }),
      elementBytes: 2,
    });
    return compare({
      cohort: 'GPU decode',
      row: `${model}, ${chipCount} x ${machine}, ${stack}`,
      unit: 'ms',
      predicted: (computeNs + communicationNs) / 1e6,
      reference: ms,
      isFitted: false,
    });
  });
}
