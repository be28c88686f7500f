/**
 * One decode step of one sequence on GPUs, in kernels: what a model of bytes and links leaves out.
 *
 *   ms = kernels * stream + attention + all-reduces + layers * unfused + split layers * sync
 *        [+ all-reduces across nodes * scale] [+ prefill / generated]
 *
 * Matrix kernels stand on measured ones of one shape; `stream` is what this stack's kernels take
 * of those. `unfused` is what a layer launches beside them (norms, rotation, activation, sums, and
 * the host where it launches them), `sync` what a layer of a tensor-parallel model waits beside
 * its all-reduces. Constants belong to a GPU and a stack. Two stacks of one year on one GPU share
 * `stream`. Source: constants from the rows of published/gpu-decode.ts.
 */
import { tryGpuFacts } from '@wafer/core';
import { clusterUs } from '../collective/cluster.ts';
import { nodeAllReduceUs } from '../collective/node-all-reduce.ts';
import { applyConstants, fitConstants } from '../fit/least-squares.ts';
import type { FitRow } from '../fit/least-squares.ts';
import { isRefusal, refuse } from '../fit/refusal.ts';
import type { Refusal } from '../fit/refusal.ts';
import { attentionUs } from '../ops/gpu-attention.ts';
import { gemvUs } from '../ops/gpu-gemv.ts';
import { GPU_DECODE } from '../published/gpu-decode.ts';
import { numberAt, textAt } from '../published/published-table.ts';
import type { PublishedRow } from '../published/published-table.ts';
import type { ModelShape } from './model-shape.ts';
import { tryModel } from './models.ts';
import { prefillFlops } from './prefill-flops.ts';

export interface GpuDecodeUse {
  readonly shape: ModelShape;
  readonly gpu: string;
  readonly stack: string;
  readonly tensorParallel: number;
  readonly pipelineParallel: number;
  readonly expertParallel: number;
  readonly nodes: number;
  readonly contextTokens: number;
  /** Where a request was timed: its prompt and answer, whose prefill is part of the figure. */
  readonly request?: { readonly promptTokens: number; readonly generatedTokens: number };
}

/** Microseconds of a step by kind of kernel, before any constant. */
export interface DecodeTerms {
  readonly matrixUs: number;
  readonly attentionUs: number;
  readonly nodeReduceUs: number;
  readonly clusterReduceUs: number;
  readonly prefillUs: number;
  readonly layers: number;
  /** Layers whose matrices are cut: 0 on one GPU of a stage. */
  readonly splitLayers: number;
}

/** The all-reduce kernel of a stack; NCCL alone is never charged. */
const REDUCE_KERNELS: Readonly<Record<string, { kernel: string; launch: string }>> = {
  SGLang: { kernel: 'vllm-custom', launch: 'cuda_graph' },
  vLLM: { kernel: 'vllm-custom', launch: 'cuda_graph' },
  'TensorRT-LLM': { kernel: 'tensorrt-llm', launch: '' },
};

/** Stacks of one year whose matrix kernels are taken to stream alike. */
const SIBLINGS: readonly string[] = ['TensorRT-LLM', 'vLLM'];
/** Share of the peak that prefill reaches where no row tells: the A100 rows' own. */
const PREFILL_EFFICIENCY = 0.7;
const HALF_BYTES = 2;

/** The terms of a step. */
export function decodeTerms(use: GpuDecodeUse): DecodeTerms | Refusal {
  const { shape, gpu, stack } = use;
  const facts = tryGpuFacts(gpu);
  const reduce = REDUCE_KERNELS[stack];
  if (!facts) return refuse(`no figures of ${gpu} are known`);
  if (!reduce) return refuse(`no all-reduce kernel of ${stack} was published`);
  const { layers, hidden, vocabulary, kvHeads, heads, headWidth } = shape;
  const cut = attentionCut(use);
  const matrices = [...layerMatrices(use), { n: vocabulary / cut, k: hidden, times: 1 }];
  let matrixUs = 0;
  for (const { n, k, times } of matrices) {
    const us = gemvUs({ gpu, type: 'bf16', n, k });
    if (isRefusal(us)) return us;
    matrixUs += us * times;
  }
  const attention = attentionUs({
    gpu,
    queryHeads: heads / cut,
    kvHeads: Math.max(1, kvHeads / cut),
    headWidth,
    contextTokens: use.contextTokens,
  });
  if (isRefusal(attention)) return attention;
  const bytes = hidden * HALF_BYTES;
  const isAcross = use.nodes > 1;
  const one = isAcross
    ? clusterUs({ operation: 'all_reduce', gpu, gpus: cut, nodes: use.nodes }, bytes)
    : nodeAllReduceUs({ gpu, gpus: cut, ...reduce }, bytes);
  if (isRefusal(one)) return one;
  const reduces = 2 * layers * one;
  return {
    matrixUs,
    attentionUs: layers * attention,
    nodeReduceUs: isAcross ? 0 : reduces,
    clusterReduceUs: isAcross ? reduces : 0,
    prefillUs: prefillUs(use, facts.opsPerS.bf16!.value * cut),
    layers,
    splitLayers: cut > 1 ? layers : 0,
  };
}

/** GPUs that share attention: experts that are spread as a whole leave it cut over all of them. */
function attentionCut({ tensorParallel, expertParallel }: GpuDecodeUse): number {
  return tensorParallel * expertParallel;
}

/** Matrices of all layers on the busiest GPU: q k v in one, o, gate and up in one, down. */
function layerMatrices(use: GpuDecodeUse): { n: number; k: number; times: number }[] {
  const { shape, tensorParallel, expertParallel } = use;
  const { layers, hidden, heads, kvHeads, headWidth, ffn, experts } = shape;
  const cut = attentionCut(use);
  const keys = 2 * Math.max(1, kvHeads / cut);
  const expertLayers = experts?.layers ?? 0;
  const attention = [
    { n: (heads / cut + keys) * headWidth, k: hidden, times: layers },
    { n: hidden, k: (heads * headWidth) / cut, times: layers },
  ];
  const pair = (width: number, times: number): { n: number; k: number; times: number }[] =>
    width === 0 || times === 0
      ? []
      : [
          { n: 2 * width, k: hidden, times },
          { n: hidden, k: width, times },
        ];
  const busiest = experts ? busiestExperts(experts.count, experts.chosen, expertParallel) : 0;
  return [
    ...attention,
    ...pair(ffn / cut, layers - expertLayers),
    ...pair((busiest * (experts?.ffn ?? 0)) / tensorParallel, expertLayers),
    ...pair((experts?.sharedFfn ?? 0) / cut, expertLayers),
  ];
}

/** Experts that the busiest of `groups` has of those one token meets, even routing. */
export function busiestExperts(count: number, chosen: number, groups: number): number {
  if (groups <= 1) return chosen;
  // Chance that no group has more than m, by drawing without return: counted group by group.
  const own = count / groups;
  let expected = 0;
  for (let m = 0; m < chosen; m++) {
    expected += 1 - waysUpTo(groups, own, chosen, m) / binomial(count, chosen);
  }
  return expected;
}

/** Ways to draw `chosen` from `groups` of `own` each, at most `most` from any. */
function waysUpTo(groups: number, own: number, chosen: number, most: number): number {
  let ways = [1, ...Array.from({ length: chosen }, () => 0)];
  for (let group = 0; group < groups; group++) {
    ways = ways.map((_, drawn) => {
      let sum = 0;
      for (let m = 0; m <= Math.min(most, drawn); m++) {
        sum += (ways[drawn - m] ?? 0) * binomial(own, m);
      }
      return sum;
    });
  }
  return ways[chosen] ?? 0;
}

function binomial(count: number, chosen: number): number {
  let value = 1;
  for (let i = 0; i < chosen; i++) value *= (count - i) / (i + 1);
  return value;
}

/** A request's prefill, shared out over its tokens. */
function prefillUs({ shape, request }: GpuDecodeUse, opsPerS: number): number {
  if (!request) return 0;
  const seconds = prefillFlops(shape, request.promptTokens) / (opsPerS * PREFILL_EFFICIENCY);
  return (seconds / request.generatedTokens) * 1e6;
}

/** A row as a use; undefined where its model is unknown. */
export function decodeOfRow(row: PublishedRow): GpuDecodeUse | undefined {
  const shape = tryModel(textAt(row, 'model'));
  if (!shape) return undefined;
  const prompt = numberAt(row, 'prompt_tokens');
  const generated = numberAt(row, 'generated_tokens');
  const isRequest = generated > 0;
  return {
    shape,
    gpu: textAt(row, 'gpu'),
    stack: textAt(row, 'stack'),
    tensorParallel: numberAt(row, 'tensor_parallel'),
    pipelineParallel: numberAt(row, 'pipeline_parallel'),
    expertParallel: numberAt(row, 'expert_parallel'),
    nodes: numberAt(row, 'nodes'),
    contextTokens: isRequest ? prompt + generated / 2 : prompt,
    ...(isRequest ? { request: { promptTokens: prompt, generatedTokens: generated } } : {}),
  };
}

/** Constants by GPU and stacks that share some. */
export type DecodeConstants = ReadonlyMap<string, readonly number[]>;

function familyOf({ gpu, stack }: Pick<GpuDecodeUse, 'gpu' | 'stack'>): string {
  return `${gpu} ${SIBLINGS.includes(stack) ? SIBLINGS.join('/') : stack}`;
}

/** What a family's constants multiply, and what none does. */
function stepFeatures(stack: string, terms: DecodeTerms): { features: number[]; fixed: number } {
  const { matrixUs, layers, splitLayers } = terms;
  const fixed = terms.attentionUs + terms.nodeReduceUs + terms.prefillUs;
  if (!SIBLINGS.includes(stack)) {
    return { features: [matrixUs, layers, terms.clusterReduceUs], fixed };
  }
  const own = SIBLINGS.flatMap((sibling) => (sibling === stack ? [layers, splitLayers] : [0, 0]));
  return {
    features: [matrixUs, ...own],
    fixed: fixed + terms.clusterReduceUs,
  };
}

/** Constants from rows of steady decode and requests. */
export function fitDecode(rows: readonly PublishedRow[]): DecodeConstants {
  const families = new Map<string, FitRow[]>();
  for (const row of rows) {
    const use = decodeOfRow(row);
    const terms = use && decodeTerms(use);
    if (!use || !terms || isRefusal(terms)) continue;
    const family = familyOf(use);
    const measured = numberAt(row, 'milliseconds_per_token') * 1e3;
    const fitRow = { ...stepFeatures(use.stack, terms), measured };
    families.set(family, [...(families.get(family) ?? []), fitRow]);
  }
  return new Map([...families].map(([family, own]) => [family, fitConstants(own)]));
}

/** Milliseconds of a step by given constants. */
export function decodeMsBy(constants: DecodeConstants, use: GpuDecodeUse): number | Refusal {
  const own = constants.get(familyOf(use));
  if (!own) return refuse(`no decode of ${use.stack} on ${use.gpu} was published to us`);
  const terms = decodeTerms(use);
  if (isRefusal(terms)) return terms;
  return applyConstants(own, stepFeatures(use.stack, terms)) / 1e3;
}

/**
 * A row that sets constants: a dense model cut by tensor parallelism alone on a described GPU. Of
 * steady decode the smallest and the largest model; of requests all, since there are few.
 */
export function setsDecode(row: PublishedRow): boolean {
  const isOne = (column: string): boolean => numberAt(row, column) === 1;
  const isTensorOnly = isOne('pipeline_parallel') && isOne('expert_parallel');
  const isDense = tryModel(textAt(row, 'model'))?.experts === undefined;
  if (!isTensorOnly || !isDense || !tryGpuFacts(textAt(row, 'gpu'))) return false;
  const isEnd = ['Llama 3 8B', 'Qwen2 72B'].includes(textAt(row, 'model'));
  return isEnd || numberAt(row, 'generated_tokens') > 0;
}

let ours: DecodeConstants | undefined;

/** Constants from our rows. */
export function decodeConstants(): DecodeConstants {
  ours ??= fitDecode(GPU_DECODE.rows.filter(setsDecode));
  return ours;
}

/** Milliseconds of a decode step of one sequence. */
export function gpuDecodeMs(use: GpuDecodeUse): number | Refusal {
  return decodeMsBy(decodeConstants(), use);
}
