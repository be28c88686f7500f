/**
 * A random model of any family as a GGUF file for llama.cpp, made without the product's writer.
 *
 * Names, keys and conventions are those of llama.cpp's loaders: which architecture rotates
 * neighboring elements (rows of q and k are reordered for it), where a norm before the
 * feed-forward is called a norm after attention, which matrices are stored as one.
 *
 * Source: llama.cpp, src/llama-arch.cpp and src/models.
 */
import type { ExpertSpec, ModelSpec } from '@wafer/core';
import type { Family } from '@wafer/models';
import type { Linear, Vector } from './double-math.ts';
import { ropeDivisors } from './double-rope.ts';
import type { DoubleExperts, DoubleFfn, DoubleLayer, DoubleWeights } from './double-weights.ts';
import { f32Tensor, ggufBytes } from './gguf-bytes.ts';
import type { GgufTensor, GgufValue } from './gguf-bytes.ts';

type Pair = readonly [string, GgufValue];

interface Architecture {
  name: string;
  layout: ModelSpec['rope']['layout'];
}

const ARCHITECTURES: Readonly<Record<Family, Architecture>> = {
  llama: { name: 'llama', layout: 'pairs' },
  mistral: { name: 'llama', layout: 'pairs' },
  mixtral: { name: 'llama', layout: 'pairs' },
  llama4: { name: 'llama4', layout: 'pairs' },
  qwen2: { name: 'qwen2', layout: 'halves' },
  qwen3: { name: 'qwen3', layout: 'halves' },
  'qwen3-moe': { name: 'qwen3moe', layout: 'halves' },
  'gpt-oss': { name: 'gpt-oss', layout: 'halves' },
  glm4: { name: 'glm4', layout: 'pairs' },
  'glm4-moe': { name: 'glm4moe', layout: 'halves' },
  smollm3: { name: 'smollm3', layout: 'pairs' },
};

/** Architectures whose one norm between attention and feed-forward has the other name. */
const NORM_AFTER_ATTENTION: readonly Family[] = ['gpt-oss', 'glm4-moe'];

/** The bytes of a model's file; tensors that are given take the place of its own. */
export function familyGguf(
  spec: ModelSpec,
  weights: DoubleWeights,
  given: readonly GgufTensor[] = [],
): Uint8Array {
  const tensors = tensorsOf(spec, weights).map(
    (tensor) => given.find(({ name }) => name === tensor.name) ?? tensor,
  );
  return ggufBytes([...specPairs(spec), ...tokenizerPairs(spec)], tensors);
}

// ---- metadata

function specPairs(spec: ModelSpec): Pair[] {
  const { name } = ARCHITECTURES[spec.family as Family];
  const count = (key: string, value: number): Pair => [`${name}.${key}`, { kind: 'count', value }];
  const real = (key: string, value: number): Pair => [`${name}.${key}`, { kind: 'real', value }];
  const { rope, experts } = spec;
  const isAllExperts = spec.layers.leading.length === 0 && spec.family === 'mixtral';
  return [
    ['general.architecture', { kind: 'text', value: name }],
    ['general.file_type', { kind: 'count', value: 0 }],
    count('vocab_size', spec.vocabCount),
    count('context_length', spec.contextMax),
    count('embedding_length', spec.modelWidth),
    count('block_count', spec.layerCount),
    count('feed_forward_length', isAllExperts ? (experts?.expertWidth ?? 0) : spec.ffnWidth),
    count('attention.head_count', spec.headCount),
    count('attention.head_count_kv', spec.kvHeadCount),
    count('attention.key_length', spec.headWidth),
    count('attention.value_length', spec.headWidth),
    real('attention.layer_norm_rms_epsilon', spec.normEpsilon),
    count('rope.dimension_count', rope.rotaryWidth),
    real('rope.freq_base', rope.theta),
    ...scalingPairs(spec, name),
    ...(experts ? expertPairs(spec, experts, { count, real, name }) : []),
    ...(spec.family === 'gpt-oss'
      ? [count('attention.sliding_window', spec.attention.windowTokens)]
      : []),
  ];
}

function scalingPairs({ rope: { scaling } }: ModelSpec, name: string): Pair[] {
  if (scaling.kind === 'none' || scaling.kind === 'llama3') return [];
  const real = (key: string, value: number): Pair => [
    `${name}.rope.scaling.${key}`,
    { kind: 'real', value },
  ];
  const pairs: Pair[] = [
    [`${name}.rope.scaling.type`, { kind: 'text', value: scaling.kind }],
    real('factor', scaling.factor),
  ];
  if (scaling.kind === 'linear') return pairs;
  if (!scaling.truncate) throw new Error('llama.cpp rounds the ends of YaRN');
  return [
    ...pairs,
    [
      `${name}.rope.scaling.original_context_length`,
      { kind: 'count', value: scaling.originalContext },
    ],
    real('yarn_beta_fast', scaling.betaFast),
    real('yarn_beta_slow', scaling.betaSlow),
    real('attn_factor', scaling.attentionFactor / (0.1 * Math.log(scaling.factor) + 1)),
  ];
}

function expertPairs(
  spec: ModelSpec,
  experts: ExpertSpec,
  make: {
    count(key: string, value: number): Pair;
    real(key: string, value: number): Pair;
    name: string;
  },
): Pair[] {
  const { count, real, name } = make;
  const { router } = experts;
  const pairs = [
    count('expert_count', experts.expertCount),
    count('expert_used_count', experts.chosenCount),
  ];
  if (spec.family !== 'mixtral') {
    pairs.push(count('expert_feed_forward_length', experts.expertWidth));
  }
  if (spec.family === 'llama4') {
    const { repeating } = spec.layers;
    const dense = repeating.filter(({ ffn }) => ffn === 'dense').length;
    pairs.push(count('interleave_moe_layer_step', dense === 0 ? 1 : 2));
  }
  if (spec.family === 'glm4-moe') {
    pairs.push(
      count('expert_shared_count', experts.sharedWidth / experts.expertWidth),
      count('leading_dense_block_count', spec.layers.leading.length),
      real('expert_weights_scale', router.scale),
      [`${name}.expert_weights_norm`, { kind: 'flag', value: router.weights === 'normalized' }],
      count('expert_gating_func', router.score === 'sigmoid' ? 2 : 1),
      count('expert_group_count', router.groups?.count ?? 1),
      count('expert_group_used_count', router.groups?.keptCount ?? 1),
    );
  }
  return pairs;
}

/** Tokens with made-up names: comparisons are of ids. */
function tokenizerPairs({ vocabCount }: ModelSpec): Pair[] {
  const tokens = Array.from({ length: vocabCount }, (_, id) => `t${id}`);
  return [
    ['tokenizer.ggml.model', { kind: 'text', value: 'gpt2' }],
    ['tokenizer.ggml.pre', { kind: 'text', value: 'gpt-2' }],
    ['tokenizer.ggml.tokens', { kind: 'texts', value: tokens }],
    ['tokenizer.ggml.token_type', { kind: 'counts', value: tokens.map(() => 1) }],
    ['tokenizer.ggml.merges', { kind: 'texts', value: ['t 0'] }],
    ['tokenizer.ggml.bos_token_id', { kind: 'count', value: 0 }],
    ['tokenizer.ggml.eos_token_id', { kind: 'count', value: 0 }],
  ];
}

// ---- tensors

function tensorsOf(spec: ModelSpec, weights: DoubleWeights): GgufTensor[] {
  const { rope } = spec;
  const tensors = [
    matrix('token_embd', weights.embed),
    vector('output_norm.weight', weights.norm),
    ...weights.layers.flatMap((layer, index) => layerTensors(spec, layer, `blk.${index}.`)),
  ];
  if (!spec.hasTiedEmbeddings) tensors.push(matrix('output', weights.head));
  if (rope.scaling.kind === 'llama3') {
    tensors.push(vector('rope_freqs.weight', ropeDivisors(rope)));
  }
  return tensors;
}

function layerTensors(spec: ModelSpec, layer: DoubleLayer, prefix: string): GgufTensor[] {
  const named = (name: string, x: Vector | undefined): GgufTensor[] =>
    x === undefined ? [] : [vector(`${prefix}${name}.weight`, x)];
  const isAfter = NORM_AFTER_ATTENTION.includes(spec.family as Family);
  return [
    ...named('attn_norm', layer.attentionNorm),
    ...named(isAfter ? 'post_attention_norm' : 'ffn_norm', layer.ffnNorm),
    ...named('post_attention_norm', layer.attentionPostNorm),
    ...named('post_ffw_norm', layer.ffnPostNorm),
    ...linear(`${prefix}attn_q`, reordered(spec, layer.q)),
    ...linear(`${prefix}attn_k`, reordered(spec, layer.k)),
    ...linear(`${prefix}attn_v`, layer.v),
    ...linear(`${prefix}attn_output`, layer.o),
    ...named('attn_q_norm', layer.queryNorm),
    ...named('attn_k_norm', layer.keyNorm),
    ...named('attn_sinks', layer.sinks),
    ...('experts' in layer.ffn
      ? expertTensors(layer.ffn, prefix)
      : ffnTensors(spec, layer.ffn, prefix)),
  ];
}

function ffnTensors(spec: ModelSpec, ffn: DoubleFfn, prefix: string): GgufTensor[] {
  const down = linear(`${prefix}ffn_down`, ffn.down);
  if (spec.family === 'glm4') {
    const both = [...ffn.gate.rows, ...ffn.up.rows];
    return [matrix(`${prefix}ffn_up`, both), ...down];
  }
  return [...linear(`${prefix}ffn_gate`, ffn.gate), ...linear(`${prefix}ffn_up`, ffn.up), ...down];
}

function expertTensors(ffn: DoubleExperts, prefix: string): GgufTensor[] {
  const tensors = linear(`${prefix}ffn_gate_inp`, ffn.router);
  if (ffn.selectionBias) tensors.push(vector(`${prefix}exp_probs_b.bias`, ffn.selectionBias));
  for (const part of ['gate', 'up', 'down'] as const) {
    const parts = ffn.experts.map((expert) => expert[part]);
    tensors.push(stacked(`${prefix}ffn_${part}_exps.weight`, parts));
    const biases = parts.flatMap(({ bias }) => (bias ? [bias] : []));
    if (biases.length > 0) {
      const dimensions = [(biases[0] as Vector).length, biases.length];
      tensors.push(f32Tensor(`${prefix}ffn_${part}_exps.bias`, dimensions, biases));
    }
    if (ffn.shared) tensors.push(matrix(`${prefix}ffn_${part}_shexp`, ffn.shared[part].rows));
  }
  return tensors;
}

function linear(name: string, { rows, bias }: Linear): GgufTensor[] {
  return bias ? [matrix(name, rows), vector(`${name}.bias`, bias)] : [matrix(name, rows)];
}

function matrix(name: string, rows: Vector[]): GgufTensor {
  return f32Tensor(`${name}.weight`, [(rows[0] as Vector).length, rows.length], rows);
}

function vector(name: string, x: Vector): GgufTensor {
  return f32Tensor(name, [x.length], [x]);
}

function stacked(name: string, experts: readonly Linear[]): GgufTensor {
  const [first] = experts as [Linear];
  const dimensions = [(first.rows[0] as Vector).length, first.rows.length, experts.length];
  return f32Tensor(
    name,
    dimensions,
    experts.flatMap(({ rows }) => rows),
  );
}

/** Rows of q or k so that an architecture rotates the elements that the spec does. */
function reordered(spec: ModelSpec, { rows, bias }: Linear): Linear {
  const { layout } = ARCHITECTURES[spec.family as Family];
  if (layout === spec.rope.layout) return { rows, bias };
  if (layout === 'halves') throw new Error(`${spec.family} rotates halves in llama.cpp`);
  const { headWidth } = spec;
  const { rotaryWidth } = spec.rope;
  const sourceOf = (row: number): number => {
    const element = row % headWidth;
    if (element >= rotaryWidth) return row;
    return row - element + Math.floor(element / 2) + (element % 2) * (rotaryWidth / 2);
  };
  return {
    rows: rows.map((_, row) => rows[sourceOf(row)] as Vector),
    bias: bias?.map((_, row) => bias[sourceOf(row)] as number),
  };
}
