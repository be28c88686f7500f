/**
 * A network as ONNX nodes, in the operators that ONNX Runtime runs fastest: its fused norm,
 * attention with rotary embedding and a KV cache of its own, and plain MatMul.
 *
 * The ops are those of the one recipe (`networkOps`), translated one after the other by a table.
 * Two things wait until it is seen what reads them: a residual sum becomes one node with the norm
 * behind it, and what queries, keys and values are made from becomes one MatMul before attention.
 * An op without a translation, or one that the operators cannot express, is refused.
 *
 * Inputs: `tokens` [1, T], the cache of each layer `past.N.key|value` [1, K, context, headWidth]
 * (the outputs `present.N.…` may be the same memory), `last` and `total`: index of the newest
 * position and count of positions. Output: `logits` [1, 1, V] after the last token.
 *
 * Letters: D model, H heads, K kv heads, V vocab, T tokens.
 * Source: ONNX Runtime, ContribOperators.md (GroupQueryAttention, SkipSimplifiedLayerNormalization,
 * QuickGelu).
 */
import { assert, networkOps, WaferError } from '@wafer/core';
import type { ModelSpec, NetworkOp, NetworkOpOf, NetworkTensor, NetworkValue } from '@wafer/core';
import type { OnnxNode, OnnxValue } from './onnx-file.ts';

/** A matrix as MatMul wants it, [inputs, outputs]; or a vector. */
export interface GraphWeight {
  name: string;
  /** Tensors of the model whose rows become columns, one after the other. */
  tensors: readonly string[];
  kind: 'matrix' | 'rows' | 'vector';
}

export interface Graph {
  nodes: readonly OnnxNode[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  weights: readonly GraphWeight[];
}

/** The graph of a model. Throws: MODEL_UNSUPPORTED. */
export function graphOf(spec: ModelSpec): Graph {
  const graph = tryGraph(spec);
  if (graph !== undefined) return graph;
  throw new WaferError('MODEL_UNSUPPORTED', {
    path: 'the ONNX writer',
    architecture: 'this one',
    supported: 'Llama shapes without biases, whole heads rotated, heads of a multiple of 16',
  });
}

/** The graph of a model; undefined where ONNX Runtime's operators cannot express it. */
export function tryGraph(spec: ModelSpec): Graph | undefined {
  const { rope, headWidth, activation, hasPostNorms } = spec;
  const { embed, layers, logits } = networkOps(spec);
  const ops = [embed, ...layers.flat(), logits];
  const isWhole = rope.rotaryWidth === headWidth && headWidth % 16 === 0;
  const isRotated = layers.every((layer) => layer.some(({ op }) => op === 'rope'));
  const isPlain = isWhole && isRotated && activation.kind === 'silu' && !hasPostNorms;
  if (!isPlain || !ops.every(isTranslated)) return undefined;
  const builder = new GraphBuilder(spec);
  for (const op of ops) translate(builder, op);
  return builder;
}

type Translation<Op extends NetworkOp> = {
  /** Whether the operators can express this one; absent: always. */
  can?(op: Op): boolean;
  into(graph: GraphBuilder, op: Op): void;
};

const TRANSLATIONS: { readonly [Op in NetworkOp['op']]?: Translation<NetworkOpOf<Op>> } = {
  embed: {
    into: (graph, { output, table }) => {
      const rows = graph.weight('rows', [table]);
      graph.write('Gather', [rows, 'tokens'], output); // [1, T, D]
    },
  },
  norm: {
    // Norms of heads have no node here.
    can: ({ input, gain }) => input.spread === 'whole' && gain !== undefined,
    into: (graph, { input, output, gain }) => graph.norm(input, output, gain!),
  },
  linear: {
    can: ({ bias }) => bias === undefined,
    into: (graph, { input, output, weights }) => graph.linear(input, output, weights),
  },
  rope: { into: (graph, { target }) => graph.rotate(target) },
  attend: {
    can: ({ sees, sinks }) => sees === 'all' && sinks === undefined,
    into: (graph, op) => graph.attend(op),
  },
  swiglu: {
    into: (graph, { gate, up, output }) => {
      const silu = { ...gate, name: 'silu' };
      // x · sigmoid(alpha · x)
      const own = { domain: 'com.microsoft', floats: { alpha: 1 } } as const;
      graph.write('QuickGelu', [graph.read(gate)], silu, own);
      graph.write('Mul', [graph.read(silu), graph.read(up)], output);
    },
  },
  add: { into: (graph, { target, input }) => graph.addLater(target, input) },
  logits: {
    into: (graph, { input, output, gain, weights }) => {
      const normed = { ...input, name: 'normed' };
      graph.norm(input, normed, gain);
      const newest = { ...normed, name: 'newest.normed' };
      graph.write('Gather', [graph.read(normed), 'newest'], newest, { integers: { axis: 1 } });
      graph.finish('MatMul', [graph.read(newest), graph.weight('matrix', [weights])], output);
    },
  },
};

function isTranslated(op: NetworkOp): boolean {
  const translation = TRANSLATIONS[op.op] as Translation<NetworkOp> | undefined;
  return translation !== undefined && (translation.can?.(op) ?? true);
}

function translate(graph: GraphBuilder, op: NetworkOp): void {
  (TRANSLATIONS[op.op] as Translation<NetworkOp>).into(graph, op);
}

/** What goes into the attention of a layer, as it comes. */
interface Joined {
  input: string;
  values: string[];
  tensors: NetworkTensor[];
  rotated: Set<string>;
}

class GraphBuilder implements Graph {
  readonly nodes: OnnxNode[] = [];
  readonly inputs: OnnxValue[] = [
    { name: 'tokens', element: 'i64', shape: [1, 'T'] },
    { name: 'last', element: 'i32', shape: [1] },
    { name: 'total', element: 'i32', shape: [1] },
  ];
  readonly outputs: OnnxValue[];
  readonly weights: GraphWeight[] = [];
  readonly #spec: ModelSpec;
  /** What a value of the network is called here by now: ONNX writes each name once. */
  readonly #names = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  /** A residual sum that is added with the norm behind it. */
  #sum: { target: NetworkValue; skip: string } | undefined;
  #joined: Joined | undefined;

  constructor(spec: ModelSpec) {
    this.#spec = spec;
    this.outputs = [{ name: 'logits', element: 'f32', shape: [1, 1, spec.vocabCount] }];
  }

  read({ name }: NetworkValue): string {
    const known = this.#names.get(name);
    assert(known !== undefined, 'a value is written before it is read', { value: name });
    return known;
  }

  #rename({ name }: NetworkValue): string {
    const count = this.#counts.get(name) ?? 0;
    this.#counts.set(name, count + 1);
    this.#names.set(name, `${name}.${count}`);
    return `${name}.${count}`;
  }

  write(type: string, inputs: string[], output: NetworkValue, own: Partial<OnnxNode> = {}): void {
    this.nodes.push({ type, inputs, outputs: [this.#rename(output)], ...own });
  }

  /** Writes an output of the graph, which keeps its name. */
  finish(type: string, inputs: string[], { name }: NetworkValue): void {
    this.nodes.push({ type, inputs, outputs: [name] });
  }

  weight(kind: GraphWeight['kind'], tensors: readonly NetworkTensor[]): string {
    const names = tensors.map(({ name }) => name);
    const name = `${kind} ${names.join(' ')}`;
    this.weights.push({ name, tensors: names, kind });
    return name;
  }

  norm(input: NetworkValue, output: NetworkValue, gainTensor: NetworkTensor): void {
    const gain = this.weight('vector', [gainTensor]);
    const floats = { epsilon: this.#spec.normEpsilon };
    const x = this.read(input);
    const sum = this.#sum;
    if (sum?.target.name !== input.name) {
      const integers = { axis: -1, stash_type: 1 };
      this.write('SimplifiedLayerNormalization', [x, gain], output, { integers, floats });
      return;
    }
    this.#sum = undefined;
    const y = this.#rename(output);
    this.nodes.push({
      type: 'SkipSimplifiedLayerNormalization',
      domain: 'com.microsoft',
      inputs: [x, sum.skip, gain],
      outputs: [y, '', '', this.#rename(input)],
      floats,
    });
  }

  addLater(target: NetworkValue, input: NetworkValue): void {
    assert(this.#sum === undefined, 'a norm reads a sum before the next', { target: target.name });
    this.#sum = { target, skip: this.read(input) };
  }

  /** A product of its own, or what waits for attention where its heads are. */
  linear(input: NetworkValue, output: NetworkValue, weights: NetworkTensor): void {
    if (output.spread !== 'heads' && output.spread !== 'kv-heads') {
      this.write('MatMul', [this.read(input), this.weight('matrix', [weights])], output);
      return;
    }
    const first = { input: this.read(input), values: [], tensors: [], rotated: new Set<string>() };
    const joined = (this.#joined ??= first);
    assert(joined.input === this.read(input), 'heads are made from the same rows', {
      value: output.name,
    });
    joined.values.push(output.name);
    joined.tensors.push(weights);
  }

  rotate({ name }: NetworkValue): void {
    this.#joined?.rotated.add(name);
  }

  attend({ layer, q, k, v, output }: NetworkOpOf<'attend'>): void {
    const joined = this.#joined;
    this.#joined = undefined;
    const wanted = [q.name, k.name, v.name];
    assert(joined !== undefined && String(joined.values) === String(wanted), 'q, k, v are made', {
      layer,
      values: joined?.values,
    });
    const { rotated } = joined;
    assert(rotated.has(q.name) && rotated.has(k.name), 'both are rotated', { layer });
    const { headCount, kvHeadCount, headWidth, rope } = this.#spec;
    const heads = { ...q, name: 'qkv' };
    this.write('MatMul', [joined.input, this.weight('matrix', joined.tensors)], heads);
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
        ...[this.read(heads), '', '', ...caches.map((cache) => `past.${cache}`)],
        ...['last', 'total', 'cos', 'sin'],
      ],
      outputs: [this.#rename(output), ...caches.map((cache) => `present.${cache}`)],
      integers: {
        num_heads: headCount,
        kv_num_heads: kvHeadCount,
        do_rotary: 1,
        rotary_interleaved: rope.layout === 'pairs' ? 1 : 0,
      },
      floats: { scale: 1 / Math.sqrt(headWidth) },
    });
  }
}
