/**
 * What a model computes, op by op: the one recipe of a layer, as data.
 *
 *     embed → { norm → q, k, v → positions → attend → o → (norm) → add
 *               norm → gate, up → swiglu → down → (norm) → add  |  router → … experts … } → logits
 *
 * An op names the values that it reads and writes, and its tensors; a value is [T, width] unless
 * it says otherwise. Plans place these ops, closed forms and costs add them up, the reference runs
 * them, writers translate them. Only `spread` hints at tiles: the unit in which columns of a value
 * may be shared out. Letters: T tokens, D model, H heads, K kv heads, F ffn, E experts, V vocab,
 * k chosen.
 */
import { layerOf } from '../model/spec.ts';
import type { ModelSpec } from '../model/spec.ts';
import { expertsOf } from '../model/tensors.ts';
import { expertTensors, ffnTensorsOf, tensorOf, vectorOf } from '../model/network-tensors.ts';
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue, ColumnUnit } from '../model/network-value.ts';
import { tensorsOfOp } from '../ops/ops.ts';
import type { NetworkOp, NetworkOpOf } from '../ops/ops.ts';

/** All that a model computes: embedding, layers in order, head. */
export interface Network {
  embed: NetworkOpOf<'embed'>;
  layers: readonly (readonly NetworkOp[])[];
  logits: NetworkOpOf<'logits'>;
}

/** The ops of a model. */
export function networkOps(spec: ModelSpec): Network {
  const { vocabCount, modelWidth, hasTiedEmbeddings } = spec;
  const x = residual(spec);
  const table = tensorOf('embed', { kind: 'embed', rows: vocabCount, columns: modelWidth });
  const head = tensorOf('head', { kind: 'head', rows: vocabCount, columns: modelWidth });
  const logits = value('logits', vocabCount, 'vocab', 'picked');
  return {
    embed: { op: 'embed', output: x, table },
    layers: Array.from({ length: spec.layerCount }, (_, layer) => layerOps(spec, layer)),
    logits: {
      op: 'logits',
      input: x,
      output: logits,
      gain: vectorOf('norm', { kind: 'norm', columns: modelWidth }),
      weights: hasTiedEmbeddings ? table : head,
    },
  };
}

/** The ops of one layer: x += attention(norm(x)), x += ffn(norm(x)). */
export function layerOps(spec: ModelSpec, layer: number): NetworkOp[] {
  const ffn = layerOf(spec, layer).ffn === 'experts' ? expertOps : denseOps;
  return [...attentionOps(spec, layer), ...ffn(spec, layer)];
}

/** How many layers are alike, with one layer of each kind. */
export function layerKinds(spec: ModelSpec): { layer: number; count: number }[] {
  const kinds = new Map<string, { layer: number; count: number }>();
  for (let layer = 0; layer < spec.layerCount; layer++) {
    const { sees, isRotated, ffn } = layerOf(spec, layer);
    const key = `${sees} ${isRotated} ${ffn}`;
    const known = kinds.get(key);
    if (known) known.count++;
    else kinds.set(key, { layer, count: 1 });
  }
  return [...kinds.values()];
}

/** Every tensor of a model with what it is; a tied table once. */
export function networkTensors(spec: ModelSpec): NetworkTensor[] {
  const { embed, layers, logits } = networkOps(spec);
  const tensors = [embed, ...layers.flat(), logits].flatMap(tensorsOfOp);
  return [...new Map(tensors.map((tensor) => [tensor.name, tensor])).values()];
}

// ---- the parts of a layer

function attentionOps(spec: ModelSpec, layer: number): NetworkOp[] {
  const { modelWidth: d, headCount, kvHeadCount, headWidth, biases, attention } = spec;
  const x = residual(spec);
  const normed = value('normed', d, 'whole');
  const q = value('q', headCount * headWidth, 'heads');
  const k = value('k', kvHeadCount * headWidth, 'kv-heads');
  const v = value('v', kvHeadCount * headWidth, 'kv-heads');
  const mixed = value('attention', headCount * headWidth, 'heads');
  const o = value('o', d, 'whole');
  const { sees } = layerOf(spec, layer);
  const sinks = attention.hasSinks
    ? vectorOf(`layers.${layer}.sinks`, { kind: 'sinks', columns: headCount, layer })
    : undefined;
  const of = (
    output: NetworkValue,
    input: NetworkValue,
    isBiased: boolean,
    launch: number,
  ): NetworkOp => linearOp({ layer, kind: output.name, input, output, isBiased, launch });
  return [
    normOp({ layer, kind: 'attentionNorm', input: x, output: normed, width: d }),
    of(q, normed, biases.qkv, 0),
    of(k, normed, biases.qkv, 0),
    of(v, normed, biases.qkv, 0),
    ...positionOps(spec, layer, { q, k }),
    { op: 'attend', layer, q, k, v, output: mixed, sees, sinks },
    of(o, mixed, biases.attentionOutput, 1),
    ...addOps(spec, layer, { input: o, kind: 'attentionPostNorm' }),
  ];
}

/** What makes queries and keys know, or not know, where they stand. */
function positionOps(
  spec: ModelSpec,
  layer: number,
  { q, k }: { q: NetworkValue; k: NetworkValue },
): NetworkOp[] {
  const { headWidth: width, attention } = spec;
  const { queryKeyNorm, temperature } = attention;
  const { isRotated } = layerOf(spec, layer);
  const ops: NetworkOp[] = [];
  if (queryKeyNorm === 'learned') {
    ops.push(
      normOp({ layer, kind: 'queryNorm', input: q, output: q, width }),
      normOp({ layer, kind: 'keyNorm', input: k, output: k, width }),
    );
  }
  if (isRotated) ops.push({ op: 'rope', target: q }, { op: 'rope', target: k });
  if (isRotated && queryKeyNorm === 'unit') {
    ops.push(
      { op: 'norm', input: q, output: q, gain: undefined, width },
      { op: 'norm', input: k, output: k, gain: undefined, width },
    );
  }
  if (!isRotated && temperature)
    ops.push({ op: 'attention-temperature', target: q, ...temperature });
  return ops;
}

function denseOps(spec: ModelSpec, layer: number): NetworkOp[] {
  const { modelWidth: d, ffnWidth, biases } = spec;
  const normed = value('normed', d, 'whole');
  const down = value('down', d, 'whole');
  return [
    normOp({ layer, kind: 'ffnNorm', input: residual(spec), output: normed, width: d }),
    ...gatedOps({
      layer,
      input: normed,
      prefix: '',
      width: ffnWidth,
      spread: 'ffn',
      isBiased: biases.ffn,
      launch: 2,
      output: down,
    }),
    ...addOps(spec, layer, { input: down, kind: 'ffnPostNorm' }),
  ];
}

function expertOps(spec: ModelSpec, layer: number): NetworkOp[] {
  const { modelWidth: d } = spec;
  const { expertCount, expertWidth, sharedWidth, router } = expertsOf(spec);
  const normed = value('normed', d, 'whole');
  const logits = value('router', expertCount, 'router');
  const hidden = value('experts.hidden', expertWidth, 'experts', 'slots');
  const outputs = value('experts.out', d, 'whole', 'slots');
  const routed = value('routed', d, 'whole');
  const shared = sharedWidth > 0 ? value('shared', d, 'whole') : undefined;
  const experts = expertTensors(spec, layer);
  const bias = `layers.${layer}.router.selectionBias`;
  const selectionBias = router.hasSelectionBias
    ? vectorOf(bias, { kind: 'router.selectionBias', columns: expertCount, layer })
    : undefined;
  const isBiased = router.hasBias;
  return [
    normOp({ layer, kind: 'ffnNorm', input: residual(spec), output: normed, width: d }),
    linearOp({ layer, kind: 'router', input: normed, output: logits, isBiased, launch: 2 }),
    { op: 'route', layer, logits, selectionBias },
    { op: 'expertHidden', input: normed, output: hidden, experts },
    { op: 'expertDown', input: hidden, output: outputs, experts },
    ...(shared
      ? gatedOps({
          layer,
          input: normed,
          prefix: 'shared.',
          width: sharedWidth,
          spread: 'shared',
          isBiased: false,
          launch: 3,
          output: shared,
        })
      : []),
    { op: 'expertSum', input: outputs, output: routed, shared },
    ...addOps(spec, layer, { input: routed, kind: 'ffnPostNorm' }),
  ];
}

/** output = down · activation(gate · input, up · input). */
function gatedOps(use: {
  layer: number;
  prefix: '' | 'shared.';
  input: NetworkValue;
  output: NetworkValue;
  width: number;
  spread: ColumnUnit;
  isBiased: boolean;
  launch: number;
}): NetworkOp[] {
  const { layer, prefix, input, output, width, spread, isBiased, launch } = use;
  const gate = value(`${prefix}gate`, width, spread);
  const up = value(`${prefix}up`, width, spread);
  const hidden = value(`${prefix}hidden`, width, spread);
  const { gate: gateKind, up: upKind, down } = ffnTensorsOf(prefix);
  return [
    linearOp({ layer, kind: gateKind, input, output: gate, isBiased, launch }),
    linearOp({ layer, kind: upKind, input, output: up, isBiased, launch }),
    { op: 'swiglu', gate, up, output: hidden },
    linearOp({ layer, kind: down, input: hidden, output, isBiased, launch: launch + 2 }),
  ];
}

/** x += input, normed first where the model has a norm there. */
function addOps(
  spec: ModelSpec,
  layer: number,
  { input, kind }: { input: NetworkValue; kind: string },
): NetworkOp[] {
  const { modelWidth: width } = spec;
  const target = residual(spec);
  if (!spec.hasPostNorms) return [{ op: 'add', target, input }];
  const output = value('normed', width, 'whole');
  return [normOp({ layer, kind, input, output, width }), { op: 'add', target, input: output }];
}

function normOp(use: {
  layer: number;
  kind: string;
  input: NetworkValue;
  output: NetworkValue;
  width: number;
}): NetworkOp {
  const { layer, kind, input, output, width } = use;
  const gain = vectorOf(`layers.${layer}.${kind}`, { kind, columns: width, layer });
  return { op: 'norm', input, output, gain, width };
}

function linearOp(use: {
  layer: number;
  kind: string;
  input: NetworkValue;
  output: NetworkValue;
  isBiased: boolean;
  launch: number;
}): NetworkOp {
  const { layer, kind, input, output, isBiased, launch } = use;
  const name = `layers.${layer}.${kind}`;
  const { width: rows } = output;
  const weights = tensorOf(name, { kind, rows, columns: input.width, layer });
  const bias = isBiased
    ? vectorOf(`${name}.bias`, { kind: `${kind}.bias`, columns: rows, layer })
    : undefined;
  return { op: 'linear', input, output, weights, bias, launch };
}

/** The residual rows, [T, D]. */
function residual({ modelWidth }: ModelSpec): NetworkValue {
  return value('x', modelWidth, 'whole');
}

function value(
  name: string,
  width: number,
  spread: ColumnUnit,
  rows: NetworkValue['rows'] = 'tokens',
): NetworkValue {
  return { name, rows, width, spread };
}
