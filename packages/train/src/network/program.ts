/**
 * A network as training runs it: each value that an op writes is a slot of its own, so that what
 * the way back needs is still there; gradients lie by name, since each is used up before the name
 * comes again.
 *
 *   forward    x0 → norm → q, k, v → attend → o → x1 = x0 + o → …     slots
 *   backward   … → d(o) is d(x) → d(attention) → … → d(x) += norm'     names
 *
 * An op that is met in reverse first writes the gradient of a name or adds to it, and that is known
 * here (`adds`): ops in reverse order continue the chains of those before. Letters: T tokens.
 */
import { assert, expertsOf, networkOps, tensorsOfOp, WaferError } from '@wafer/core';
import type { ModelSpec, NetworkOp, NetworkTensor, NetworkValue } from '@wafer/core';
import { adapterOf } from './adapter.ts';
import type { Adapter, AdapterSettings } from './adapter.ts';
import { expertOps } from './expert-ops.ts';
import type { ExpertTrainOp } from './expert-ops.ts';
import type { GradientUse, TrainSlot } from './slots.ts';

/** One op of both ways. `dy` is the gradient that it reads, `dx` … those that it writes. */
export type TrainOp = { layer: number } & (
  | { op: 'embed'; output: TrainSlot; table: NetworkTensor; dy: string }
  | {
      op: 'norm';
      input: TrainSlot;
      output: TrainSlot;
      gain: NetworkTensor | undefined;
      width: number;
      dy: string;
      dx: GradientUse;
    }
  | {
      op: 'linear';
      input: TrainSlot;
      output: TrainSlot;
      weights: NetworkTensor;
      bias: NetworkTensor | undefined;
      dy: string;
      dx: GradientUse;
    }
  | { op: 'rope'; target: TrainSlot; dy: string }
  | {
      op: 'attend';
      q: TrainSlot;
      k: TrainSlot;
      v: TrainSlot;
      /** A learned score of each head without a value. */
      sinks: NetworkTensor | undefined;
      output: TrainSlot;
      dy: string;
    }
  | {
      op: 'swiglu';
      /** Of the rows of slots: the index of the op that chose. */
      route?: number;
      gate: TrainSlot;
      up: TrainSlot;
      output: TrainSlot;
      dy: string;
    }
  | { op: 'add'; target: TrainSlot; input: TrainSlot; output: TrainSlot }
  | {
      /** output += B (scale · (A drop(input))), in place: the linear layer before it, adapted. */
      op: 'adapt';
      input: TrainSlot;
      low: TrainSlot;
      high: TrainSlot;
      output: TrainSlot;
      adapter: Adapter;
      dy: string;
      dx: GradientUse;
    }
  | { op: 'loss'; input: TrainSlot; weights: NetworkTensor; dx: GradientUse }
  | ExpertTrainOp
);

export type TrainOpOf<Op extends TrainOp['op']> = Extract<TrainOp, { op: Op }>;

/** Ops in order, and what they read and write. */
export interface TrainProgram {
  spec: ModelSpec;
  ops: readonly TrainOp[];
  slots: readonly TrainSlot[];
  /** A value of each gradient, by name: they are alike. */
  gradients: ReadonlyMap<string, TrainSlot>;
  /** All that is learned, once each, in the order of first use; a tied table is the first. */
  tensors: readonly NetworkTensor[];
  /** Of them those that nothing moves: what only decides the choice of experts. */
  fixed: ReadonlySet<string>;
  adapters: readonly Adapter[];
  /** What was asked for them. */
  adaptedBy: AdapterSettings | undefined;
}

/** What a run moves: adapters where there are some, else everything that has a gradient. */
export function trainedTensors(program: TrainProgram): readonly NetworkTensor[] {
  const { tensors, adapters, fixed } = program;
  if (adapters.length > 0) return adapters.flatMap(({ a, b }) => [a, b]);
  return tensors.filter(({ name }) => !fixed.has(name));
}

/** The program of a model, with adapters if asked. Throws: TRAIN_UNSUPPORTED. */
export function trainProgram(spec: ModelSpec, adapt?: AdapterSettings): TrainProgram {
  const { embed, layers, logits } = networkOps(spec);
  const builder = new Builder(adapt);
  builder.embed(embed.table, embed.output);
  layers.forEach((ops, layer) => {
    for (const op of ops) builder.add(op, layer, spec);
  });
  builder.head(logits, spec.layerCount);
  const ops = linkBackward(builder.ops);
  const tensors = [embed, ...layers.flat(), logits].flatMap(tensorsOfOp);
  for (const { a, b } of builder.adapters) tensors.push(a, b);
  const gradients = new Map<string, TrainSlot>();
  for (const slot of builder.slots) gradients.set(slot.name, slot);
  const fixed = ops.flatMap((op) => (op.op === 'route' && op.selectionBias) || []);
  return {
    spec,
    ops,
    slots: builder.slots,
    gradients,
    tensors: [...new Map(tensors.map((tensor) => [tensor.name, tensor])).values()],
    fixed: new Set(fixed.map(({ name }) => name)),
    adapters: builder.adapters,
    adaptedBy: adapt,
  };
}

const NO_USE: GradientUse = { name: '', adds: false };

/** Lists the ops forward; gradients are linked after. */
class Builder {
  readonly ops: TrainOp[] = [];
  readonly slots: TrainSlot[] = [];
  readonly adapters: Adapter[] = [];
  readonly #adapt: AdapterSettings | undefined;

  constructor(adapt: AdapterSettings | undefined) {
    this.#adapt = adapt;
  }

  readonly #current = new Map<string, TrainSlot>();

  embed(table: NetworkTensor, output: NetworkValue): void {
    this.ops.push({ op: 'embed', layer: -1, output: this.#write(output, -1), table, dy: '' });
  }

  add(op: NetworkOp, layer: number, spec: ModelSpec): void {
    switch (op.op) {
      case 'norm': {
        const [input, { gain, width }] = [this.#keep(op.input), op];
        const output = this.#write(op.output, layer);
        this.ops.push({ op: 'norm', layer, input, output, gain, width, dy: '', dx: NO_USE });
        return;
      }
      case 'linear': {
        const [input, { weights, bias }] = [this.#keep(op.input), op];
        const output = this.#write(op.output, layer);
        this.ops.push({ op: 'linear', layer, input, output, weights, bias, dy: '', dx: NO_USE });
        this.#adaptLinear(weights, { input, output, layer });
        return;
      }
      case 'rope':
        this.ops.push({ op: 'rope', layer, target: this.#read(op.target), dy: '' });
        return;
      case 'attend': {
        const [q, k, v] = [this.#keep(op.q), this.#keep(op.k), this.#keep(op.v)];
        const output = this.#write(op.output, layer);
        output.isKept = true;
        this.ops.push({ op: 'attend', layer, q, k, v, sinks: op.sinks, output, dy: '' });
        return;
      }
      case 'swiglu': {
        const [gate, up] = [this.#keep(op.gate), this.#keep(op.up)];
        this.ops.push({
          op: 'swiglu',
          layer,
          gate,
          up,
          output: this.#write(op.output, layer),
          dy: '',
        });
        return;
      }
      case 'add': {
        const [target, input] = [this.#read(op.target), this.#read(op.input)];
        const output = this.#write(op.target, layer);
        this.ops.push({ op: 'add', layer, target, input, output });
        return;
      }
      case 'route':
      case 'expertHidden':
      case 'expertDown':
      case 'expertSum': {
        const slots = {
          write: (value: NetworkValue) => this.#write(value, layer),
          read: (value: NetworkValue) => this.#read(value),
          keep: (value: NetworkValue) => this.#keep(value),
        };
        const route = this.ops.findLastIndex((each) => each.op === 'route');
        const ops = expertOps(op, spec, { slots, route });
        for (const each of ops) {
          this.ops.push({ ...each, layer });
          if (each.op === 'experts') this.#adaptExperts(each, layer, spec);
        }
        return;
      }
      default:
        throw unsupported(`layers with ${op.op}`);
    }
  }

  head(op: Extract<NetworkOp, { op: 'logits' }>, layer: number): void {
    const normed: NetworkValue = {
      name: 'normed',
      rows: 'tokens',
      width: op.input.width,
      spread: 'whole',
    };
    const { gain, weights } = op;
    const [input, output] = [this.#keep(op.input), this.#write(normed, layer)];
    output.isKept = true;
    const { width } = normed;
    this.ops.push({ op: 'norm', layer, input, output, gain, width, dy: '', dx: NO_USE });
    this.ops.push({ op: 'loss', layer, input: output, weights, dx: NO_USE });
  }

  #adaptLinear(
    target: NetworkTensor,
    { input, output, layer }: { input: TrainSlot; output: TrainSlot; layer: number },
  ): void {
    const settings = this.#settingsOf(target.kind);
    if (settings === undefined) return;
    const adapter = adapterOf(target, settings, this.#placeOf(target.kind, layer));
    this.adapters.push(adapter);
    const values = this.#changeOf(output, layer);
    this.ops.push({ op: 'adapt', layer, input, ...values, output, adapter, dy: '', dx: NO_USE });
  }

  #adaptExperts(
    op: Extract<ExpertTrainOp, { op: 'experts' }>,
    layer: number,
    spec: ModelSpec,
  ): void {
    const { route, input, output, matrices } = op;
    const { kind } = matrices[0]!.weights;
    const settings = this.#settingsOf(kind);
    if (settings === undefined) return;
    const { layerCount } = spec;
    const { expertCount } = expertsOf(spec);
    // Behind those of layers.
    const first = layerCount * settings.targets.length + this.#placeOf(kind, layer) * expertCount;
    const adapters = matrices.map(({ weights }, i) => adapterOf(weights, settings, first + i));
    for (const adapter of adapters) this.adapters.push(adapter);
    const values = { route, input, ...this.#changeOf(output, layer), output, adapters };
    this.ops.push({ op: 'adaptExperts', layer, ...values, dy: '', dx: NO_USE });
  }

  #settingsOf(kind: string): AdapterSettings | undefined {
    return this.#adapt?.targets.includes(kind) ? this.#adapt : undefined;
  }

  #placeOf(kind: string, layer: number): number {
    const { targets = [] } = this.#adapt ?? {};
    return layer * targets.length + targets.indexOf(kind);
  }

  /** The values of an adapter: A x, and B of it. */
  #changeOf({ name, rows, width }: TrainSlot, layer: number): { low: TrainSlot; high: TrainSlot } {
    const { rank = 0 } = this.#adapt ?? {};
    const value = (part: string, columns: number): NetworkValue => {
      return { name: `${part}.${name}`, rows, width: columns, spread: 'whole' };
    };
    const low = this.#write(value('low', rank), layer);
    low.isKept = true;
    return { low, high: this.#write(value('high', width), layer) };
  }

  #write({ name, rows: of, width }: NetworkValue, layer: number): TrainSlot {
    const rows = of === 'slots' ? of : 'tokens';
    const slot: TrainSlot = { index: this.slots.length, name, rows, width, layer, isKept: false };
    this.slots.push(slot);
    this.#current.set(name, slot);
    return slot;
  }

  #read({ name }: NetworkValue): TrainSlot {
    const slot = this.#current.get(name);
    assert(slot !== undefined, 'a value is written before it is read', { name });
    return slot;
  }

  #keep(value: NetworkValue): TrainSlot {
    const slot = this.#read(value);
    slot.isKept = true;
    return slot;
  }
}

/** Walks the ops in reverse, and says which gradients are there already. */
function linkBackward(ops: readonly TrainOp[]): TrainOp[] {
  const live = new Set<string>();
  /** Names whose gradient is that of another name, until the op that wrote them is passed. */
  const aliases = new Map<string, string>();
  const write = (name: string): GradientUse => {
    const adds = live.has(name);
    live.add(name);
    return { name, adds };
  };
  const take = (name: string): string => {
    const alias = aliases.get(name);
    aliases.delete(name);
    if (alias !== undefined) return alias;
    assert(live.delete(name), 'a gradient is written before it is read', { name });
    return name;
  };
  const linked = ops.toReversed().map((op): TrainOp => {
    switch (op.op) {
      case 'loss':
        return { ...op, dx: write(op.input.name) };
      case 'norm':
      case 'linear':
      case 'gather':
      case 'experts': {
        const dy = take(op.output.name);
        return { ...op, dy, dx: write(op.input.name) };
      }
      case 'combine': {
        const dy = take(op.output.name);
        for (const slot of [op.input, op.weights]) write(slot.name);
        if (op.shared) aliases.set(op.shared.name, dy);
        return { ...op, dy };
      }
      case 'route': {
        const dy = take(op.weights.name);
        return { ...op, dy, dx: write(op.logits.name) };
      }
      case 'attend': {
        const dy = take(op.output.name);
        for (const slot of [op.q, op.k, op.v]) write(slot.name);
        return { ...op, dy };
      }
      case 'swiglu': {
        const dy = take(op.output.name);
        for (const slot of [op.gate, op.up]) write(slot.name);
        return { ...op, dy };
      }
      case 'adapt':
      case 'adaptExperts': {
        // The linear layer before it reads the same gradient.
        const dy = aliases.get(op.output.name) ?? op.output.name;
        return { ...op, dy, dx: write(op.input.name) };
      }
      case 'add':
        aliases.set(op.input.name, op.output.name);
        return op;
      case 'rope':
        return { ...op, dy: op.target.name };
      case 'embed':
        return { ...op, dy: take(op.output.name) };
    }
  });
  return linked.toReversed();
}

function unsupported(what: string): WaferError {
  const hint =
    'train a Llama, Mistral, Mixtral, Qwen2, Qwen3, Qwen3-MoE, GPT-OSS, SmolLM3, GLM-4 or GLM-4.5';
  return new WaferError('TRAIN_UNSUPPORTED', { what, hint });
}
