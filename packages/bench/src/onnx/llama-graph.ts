/**
 * The network of the Llama family as ONNX nodes, in the operators that ONNX Runtime runs fastest:
 * its fused norm, attention with rotary embedding and a KV cache of its own, and plain MatMul.
 *
 * Inputs: `tokens` [1, T], the cache of each layer `past.N.key|value` [1, K, context, headWidth]
 * (the outputs `present.N.…` may be the same memory), `last` and `total`: index of the newest
 * position and count of positions. Output: `logits` [1, 1, V] after the last token.
 *
 * Letters: D model, H heads, K kv heads, F ffn, V vocab, T tokens.
 * Source: ONNX Runtime, ContribOperators.md (GroupQueryAttention, SkipSimplifiedLayerNormalization,
 * QuickGelu); Touvron et al. 2023 (the network).
 */
import { networkOps, WaferError } from '@wafer/core';
import type { ModelSpec, NetworkOp } from '@wafer/core';
import type { OnnxNode, OnnxValue } from './onnx-file.ts';

/** A matrix as MatMul wants it, [inputs, outputs]; or a vector. */
export interface GraphWeight {
  name: string;
  /** Tensors of the model whose rows become columns, one after the other. */
  tensors: readonly string[];
  kind: 'matrix' | 'rows' | 'vector';
}

export interface LlamaGraph {
  nodes: OnnxNode[];
  inputs: OnnxValue[];
  outputs: OnnxValue[];
  weights: GraphWeight[];
}

/** The graph of a model without biases. Throws: MODEL_UNSUPPORTED. */
export function llamaGraph(spec: ModelSpec): LlamaGraph {
  const { rope, headWidth } = spec;
  const ops = networkOps(spec).layers.flat();
  const isPlain = !spec.hasPostNorms && ops.every(isTranslated);
  if (!isPlain || rope.rotaryWidth !== headWidth || headWidth % 16 !== 0) {
    throw new WaferError('MODEL_UNSUPPORTED', {
      path: 'the ONNX writer',
      architecture: 'this one',
      supported: 'Llama shapes without biases, whole heads rotated, heads of a multiple of 16',
    });
  }
  const builder = new GraphBuilder(spec);
  builder.build();
  return builder;
}

/** Whether the graph has a node for an op as the network has it. */
function isTranslated(op: NetworkOp): boolean {
  switch (op.op) {
    case 'norm':
      return op.input.spread === 'whole'; // norms of heads have no node here
    case 'linear':
      return op.bias === undefined;
    case 'attend':
      return op.sees === 'all' && op.sinks === undefined;
    case 'rope':
    case 'swiglu':
    case 'add':
      return true;
    default:
      return false;
  }
}

class GraphBuilder implements LlamaGraph {
  readonly nodes: OnnxNode[] = [];
  readonly inputs: OnnxValue[] = [
    { name: 'tokens', element: 'i64', shape: [1, 'T'] },
    { name: 'last', element: 'i32', shape: [1] },
    { name: 'total', element: 'i32', shape: [1] },
  ];
  readonly outputs: OnnxValue[];
  readonly weights: GraphWeight[] = [];
  readonly #spec: ModelSpec;

  constructor(spec: ModelSpec) {
    this.#spec = spec;
    this.outputs = [{ name: 'logits', element: 'f32', shape: [1, 1, spec.vocabCount] }];
  }

  build(): void {
    const { layerCount, hasTiedEmbeddings } = this.#spec;
    this.weights.push({ name: 'embed', tensors: ['embed'], kind: 'rows' });
    this.#add('Gather', ['embed', 'tokens'], 'x.0'); // [1, T, D]
    this.#norm('layers.0.attentionNorm', 'x.0', 'normed.0');
    for (let layer = 0; layer < layerCount; layer++) {
      const isLast = layer === layerCount - 1;
      this.#layer(layer, isLast ? 'norm' : `layers.${layer + 1}.attentionNorm`);
    }
    this.#add('Gather', [`normed.${layerCount}`, 'newest'], 'newest.normed', { axis: 1 });
    const head = hasTiedEmbeddings ? 'embed' : 'head';
    this.#multiply('newest.normed', 'head', [head], 'logits');
  }

  /** Attention and feed-forward; `nextNorm` follows the residual sum. */
  #layer(layer: number, nextNorm: string): void {
    const { headCount, kvHeadCount, headWidth, rope } = this.#spec;
    const at = (name: string): string => `${name}.${layer}`;
    const tensors = (...names: string[]): string[] =>
      names.map((name) => `layers.${layer}.${name}`);
    this.#multiply(at('normed'), at('qkv'), tensors('q', 'k', 'v'), at('qkv.out'));
    const caches = ['key', 'value'].map((kind) => `${layer}.${kind}`);
    const shape = [1, kvHeadCount, 'context', headWidth];
    for (const cache of caches) {
      this.inputs.push({ name: `past.${cache}`, element: 'f32', shape });
      this.outputs.push({ name: `present.${cache}`, element: 'f32', shape });
    }
    this.nodes.push({
      type: 'GroupQueryAttention',
      domain: 'com.microsoft',
      inputs: [
        ...[at('qkv.out'), '', '', ...caches.map((cache) => `past.${cache}`)],
        ...['last', 'total', 'cos', 'sin'],
      ],
      outputs: [at('mixed'), ...caches.map((cache) => `present.${cache}`)],
      integers: {
        num_heads: headCount,
        kv_num_heads: kvHeadCount,
        do_rotary: 1,
        rotary_interleaved: rope.layout === 'pairs' ? 1 : 0,
      },
      floats: { scale: 1 / Math.sqrt(headWidth) },
    });
    this.#multiply(at('mixed'), at('o'), tensors('o'), at('attended'));
    const [ffnNorm] = tensors('ffnNorm');
    this.#skipNorm(ffnNorm!, at('x'), at('attended'), { y: at('ffn.in'), sum: at('x.middle') });
    this.#multiply(at('ffn.in'), at('gate'), tensors('gate'), at('gate.out'));
    this.#multiply(at('ffn.in'), at('up'), tensors('up'), at('up.out'));
    this.nodes.push({
      type: 'QuickGelu', // x · sigmoid(alpha · x)
      domain: 'com.microsoft',
      inputs: [at('gate.out')],
      outputs: [at('silu')],
      floats: { alpha: 1 },
    });
    this.#add('Mul', [at('silu'), at('up.out')], at('hidden'));
    this.#multiply(at('hidden'), at('down'), tensors('down'), at('fed'));
    const next = { y: `normed.${layer + 1}`, sum: `x.${layer + 1}` };
    this.#skipNorm(nextNorm, at('x.middle'), at('fed'), next);
  }

  #add(
    type: string,
    inputs: string[],
    output: string,
    integers: Readonly<Record<string, number>> = {},
  ): void {
    this.nodes.push({ type, inputs, outputs: [output], integers });
  }

  #multiply(x: string, weight: string, tensors: string[], y: string): void {
    this.weights.push({ name: weight, tensors, kind: 'matrix' });
    this.#add('MatMul', [x, weight], y);
  }

  #norm(gain: string, x: string, y: string): void {
    this.weights.push({ name: gain, tensors: [gain], kind: 'vector' });
    this.nodes.push({
      type: 'SimplifiedLayerNormalization',
      inputs: [x, gain],
      outputs: [y],
      integers: { axis: -1, stash_type: 1 },
      floats: { epsilon: this.#spec.normEpsilon },
    });
  }

  /** sum = x + skip; y = norm(sum). */
  #skipNorm(gain: string, x: string, skip: string, to: { y: string; sum: string }): void {
    this.weights.push({ name: gain, tensors: [gain], kind: 'vector' });
    this.nodes.push({
      type: 'SkipSimplifiedLayerNormalization',
      domain: 'com.microsoft',
      inputs: [x, skip, gain],
      outputs: [to.y, '', '', to.sum],
      floats: { epsilon: this.#spec.normEpsilon },
    });
  }
}
