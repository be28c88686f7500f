/**
 * The layers of one pipeline stage, written into the programs of its group of tiles.
 *
 * Attention is shared out by groups of heads around one KV head, so that K and V exist once; tiles
 * beyond the KV heads hold no attention but still their share of the other matrices. The two tensor
 * plans differ only in how the output matrices (`o`, `down`) are cut and their results meet:
 *
 *   column     attention ─gather→ o ─gather→ +x      swiglu ─gather→ down ─gather→ +x
 *   megatron   attention → o[:, own] ─reduce→ +x     swiglu → down[:, own] ─reduce→ +x
 *
 * Letters: T tokens, D model, H heads, F ffn. Source of the second: Shoeybi 2019, "Megatron-LM".
 */
import { assert, WaferError } from '../errors.ts';
import { sightOf } from '../model/sight.ts';
import type { ModelSpec } from '../model/spec.ts';
import { hasBias } from '../model/tensors.ts';
import type { LayerMatrix, TensorInfo } from '../model/tensors.ts';
import { KV_BLOCK_TOKENS } from '../ops/attention.ts';
import { kvRowBytes } from '../ops/kv-types.ts';
import { WEIGHT_TYPES } from '../ops/weight-types.ts';
import type { TileBuilder } from './builder.ts';
import { allGather, broadcast, releaseAll, treeReduce } from './collectives.ts';
import type { Members, Window } from './collectives.ts';
import type { PlanOptions } from './plan.ts';
import type { PackedMatrix, Rows } from './program.ts';
import { splitEvenly, splitRows } from './shard.ts';
import type { Range } from './shard.ts';

/** What every stage knows. */
export interface StageContext {
  spec: ModelSpec;
  options: PlanOptions;
  tensors: Readonly<Record<string, TensorInfo>>;
}

/** Who owns what within a stage, by member of its group. */
export interface StageShares {
  kvHeads: Range[];
  /** Columns of the attention output, [H * headWidth]. */
  attention: Range[];
  /** Columns of the hidden layer, [F]. */
  hidden: Range[];
  /** Rows of `o` and `down`, [D]; whole on every tile under Megatron. */
  model: Range[];
}

/** How a stage's matrices are shared out over `parts` tiles. Throws: PLAN_GRID. */
export function stageShares(context: StageContext, layers: Range, parts: number): StageShares {
  const { spec, options } = context;
  const groupWidth = (spec.headCount / spec.kvHeadCount) * spec.headWidth;
  const isMegatron = options.tensor === 'megatron';
  const blockOf = (matrix: LayerMatrix): number =>
    isMegatron ? blockColumns(context, layers, matrix) : 1;
  const headUnit = leastCommonMultiple(groupWidth, blockOf('o')) / groupWidth;
  if (spec.kvHeadCount % headUnit !== 0) {
    throw new WaferError('PLAN_GRID', {
      grid: `${options.grid.width}x${options.grid.height}`,
      reason: `o has blocks of ${blockOf('o')} inputs, a head group is ${groupWidth} wide`,
      hint: 'use the column plan or f16 weights',
    });
  }
  const kvHeads = splitEvenly(spec.kvHeadCount, parts, headUnit);
  const scaled = (range: Range): Range => ({
    start: range.start * groupWidth,
    count: range.count * groupWidth,
  });
  const panel = panelRows(context, layers, 'gate');
  const hidden = isMegatron
    ? splitEvenly(spec.ffnWidth, parts, Math.max(panel, blockOf('down')))
    : splitRows(spec.ffnWidth, parts, panel);
  const whole = Array.from({ length: parts }, () => ({ start: 0, count: spec.modelWidth }));
  const model = splitRows(spec.modelWidth, parts, panelRows(context, layers, 'o'));
  return { kvHeads, attention: kvHeads.map(scaled), hidden, model: isMegatron ? whole : model };
}

/** Writes layers [start, start + count) into the programs. `x` holds the residual rows. */
export class StageBuilder {
  readonly #context: StageContext;
  readonly #members: Members;
  readonly #shares: StageShares;
  readonly #firstLayer: number;
  readonly #layerCount: number;

  constructor(context: StageContext, members: Members, layers: Range) {
    this.#context = context;
    this.#members = members;
    this.#shares = stageShares(context, layers, members.tiles.length);
    this.#firstLayer = layers.start;
    this.#layerCount = layers.count;
  }

  get shares(): StageShares {
    return this.#shares;
  }

  /** Bytes of a KV block on a member: K and V of 16 positions, all its layers and KV heads. */
  kvBlockBytes(member: number): number {
    return this.#layerCount * this.#kvLayerBytes(member);
  }

  emitLayer(layer: number): void {
    const { headCount, headWidth, ffnWidth } = this.#context.spec;
    const { attention, hidden } = this.#shares;
    this.#emitAttention(layer);
    const width = headCount * headWidth;
    this.#emitOutput(layer, 'o', { name: 'attention', width, slices: attention });
    this.#emitFfn(layer);
    this.#emitOutput(layer, 'down', { name: 'hidden', width: ffnWidth, slices: hidden });
  }

  /** The residual rows of a tile. */
  x(tile: TileBuilder): Rows {
    return this.#rows(tile, 'x', this.#context.spec.modelWidth);
  }

  #emitAttention(layer: number): void {
    const { spec } = this.#context;
    this.#members.tiles.forEach((tile, member) => {
      const kvHeads = this.#shares.kvHeads[member]!;
      if (kvHeads.count === 0) return;
      const slice = this.#shares.attention[member]!;
      const heads = slice.count / spec.headWidth;
      const normed = this.#emitNorm(tile, layer, 'attentionNorm');
      const kvRange = {
        start: kvHeads.start * spec.headWidth,
        count: kvHeads.count * spec.headWidth,
      };
      const q = this.#rows(tile, 'q', slice.count);
      const k = this.#rows(tile, 'k', kvRange.count);
      const v = this.#rows(tile, 'v', kvRange.count);
      this.#emitLinear(tile, layer, 'q', { source: normed, target: q, rows: slice });
      this.#emitLinear(tile, layer, 'k', { source: normed, target: k, rows: kvRange });
      this.#emitLinear(tile, layer, 'v', { source: normed, target: v, rows: kvRange });
      tile.emit({ op: 'rope', target: q, headCount: heads });
      tile.emit({ op: 'rope', target: k, headCount: kvHeads.count });
      const kv =
        this.#kvAddress(tile, member) + (layer - this.#firstLayer) * this.#kvLayerBytes(member);
      const out = this.#slice(tile, 'attention', spec.headCount * spec.headWidth, slice);
      const sight = sightOf(spec, layer, this.#context.options.contextMax);
      const headRange = { start: slice.start / spec.headWidth, count: heads };
      const sinks = spec.attention.hasSinks
        ? tile.vector(this.#tensor(`layers.${layer}.sinks`), headRange)
        : undefined;
      tile.emit({ op: 'attend', q, k, v, out, kv, heads, kvHeads: kvHeads.count, sight, sinks });
    });
  }

  #emitFfn(layer: number): void {
    const { ffnWidth } = this.#context.spec;
    this.#members.tiles.forEach((tile, member) => {
      const slice = this.#shares.hidden[member]!;
      if (slice.count === 0) return;
      const normed = this.#emitNorm(tile, layer, 'ffnNorm');
      const gate = this.#rows(tile, 'gate', slice.count);
      const up = this.#rows(tile, 'up', slice.count);
      this.#emitLinear(tile, layer, 'gate', { source: normed, target: gate, rows: slice });
      this.#emitLinear(tile, layer, 'up', { source: normed, target: up, rows: slice });
      const target = this.#slice(tile, 'hidden', ffnWidth, slice);
      tile.emit({ op: 'swiglu', target, gate, up, count: slice.count });
    });
  }

  /** x += matrix · input, where the input is spread over the members. */
  #emitOutput(
    layer: number,
    matrix: 'o' | 'down',
    input: { name: string; width: number; slices: readonly Range[] },
  ): void {
    if (this.#context.options.tensor === 'column') this.#emitGathered(layer, matrix, input);
    else this.#emitReduced(layer, matrix, input);
  }

  #emitGathered(
    layer: number,
    matrix: 'o' | 'down',
    input: { name: string; width: number; slices: readonly Range[] },
  ): void {
    const { modelWidth: d } = this.#context.spec;
    const inputs = this.#window(input.name, input.width);
    const outputs = this.#window(matrix, d);
    const inputChannels = allGather(this.#members, inputs, input.slices);
    this.#members.tiles.forEach((tile, member) => {
      const rows = this.#shares.model[member]!;
      const target = this.#slice(tile, matrix, d, rows);
      this.#emitLinear(tile, layer, matrix, { source: inputs.rows(tile), target, rows });
    });
    releaseAll(inputChannels);
    const outputChannels = allGather(this.#members, outputs, this.#shares.model);
    for (const tile of this.#members.tiles) {
      tile.emit({ op: 'add', target: this.x(tile), source: outputs.rows(tile) });
    }
    releaseAll(outputChannels);
  }

  #emitReduced(
    layer: number,
    matrix: 'o' | 'down',
    input: { name: string; width: number; slices: readonly Range[] },
  ): void {
    const { modelWidth: d } = this.#context.spec;
    const all = { start: 0, count: d };
    const sums = this.#window(matrix, d);
    const participantCount = input.slices.filter((slice) => slice.count > 0).length;
    this.#members.tiles.forEach((tile, member) => {
      const columns = input.slices[member]!;
      if (columns.count === 0) return;
      const source = this.#slice(tile, input.name, input.width, columns);
      // Only the first part adds the bias, so that the sum has it once.
      const isFirst = member === 0;
      this.#emitLinear(tile, layer, matrix, {
        source,
        target: sums.rows(tile),
        rows: all,
        columns,
        isFirst,
      });
    });
    const inbox = (tile: TileBuilder, level: number): Rows =>
      this.#rows(tile, `${matrix}.level${level}`, d);
    treeReduce(this.#members, sums, inbox, { columns: all, participantCount });
    const root = this.#members.tiles[0];
    const total: Window = {
      name: `${matrix}.sum`,
      rows: (tile) => (tile === root ? sums.rows(tile) : this.#rows(tile, `${matrix}.sum`, d)),
    };
    const channels = broadcast(this.#members, total, all);
    for (const tile of this.#members.tiles) {
      tile.emit({ op: 'add', target: this.x(tile), source: total.rows(tile) });
    }
    releaseAll(channels);
  }

  #emitNorm(tile: TileBuilder, layer: number, norm: 'attentionNorm' | 'ffnNorm'): Rows {
    const target = this.#rows(tile, 'normed', this.#context.spec.modelWidth);
    const gain = tile.vector(this.#tensor(`layers.${layer}.${norm}`));
    tile.emit({ op: 'norm', target, source: this.x(tile), gain });
    return target;
  }

  #emitLinear(
    tile: TileBuilder,
    layer: number,
    matrix: LayerMatrix,
    use: { source: Rows; target: Rows; rows: Range; columns?: Range; isFirst?: boolean },
  ): void {
    const name = `layers.${layer}.${matrix}`;
    const weights: PackedMatrix | undefined = tile.matrix(
      this.#tensor(name),
      use.rows,
      use.columns,
    );
    if (!weights) return;
    const isBiased = hasBias(this.#context.spec, matrix) && use.isFirst !== false;
    const bias = isBiased ? tile.vector(this.#tensor(`${name}.bias`), use.rows) : undefined;
    tile.emit({ op: 'linear', weights, source: use.source, target: use.target, bias });
  }

  #kvLayerBytes(member: number): number {
    const { spec, options } = this.#context;
    const heads = this.#shares.kvHeads[member]?.count ?? 0;
    return heads * 2 * KV_BLOCK_TOKENS * kvRowBytes(options.kv, spec.headWidth);
  }

  #kvAddress(tile: TileBuilder, member: number): number {
    const bytes = this.#context.options.kvBlockCount * this.kvBlockBytes(member);
    const known = tile.layout.buffers.find((buffer) => buffer.name === 'kv');
    return known?.address ?? tile.layout.add('kv', bytes);
  }

  #tensor(name: string): TensorInfo {
    const tensor = this.#context.tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    return tensor;
  }

  #rows(tile: TileBuilder, name: string, stride: number): Rows {
    return tile.rows(name, this.#context.options.rowsMax, stride);
  }

  #window(name: string, stride: number): Window {
    return { name, rows: (tile) => this.#rows(tile, name, stride) };
  }

  /** A tile's own columns of a window. */
  #slice(tile: TileBuilder, name: string, stride: number, columns: Range): Rows {
    const rows = this.#rows(tile, name, stride);
    return { address: rows.address + columns.start * F32_BYTES, stride };
  }
}

const F32_BYTES = 4;

/** The largest block of a matrix over the stage's layers. */
function blockColumns(context: StageContext, layers: Range, matrix: LayerMatrix): number {
  return overLayers(context, layers, matrix, 'blockColumns');
}

function panelRows(context: StageContext, layers: Range, matrix: LayerMatrix): number {
  return overLayers(context, layers, matrix, 'panelRows');
}

function overLayers(
  context: StageContext,
  layers: Range,
  matrix: LayerMatrix,
  field: 'blockColumns' | 'panelRows',
): number {
  let largest = 1;
  for (let layer = layers.start; layer < layers.start + layers.count; layer++) {
    const tensor = context.tensors[`layers.${layer}.${matrix}`];
    if (tensor) largest = Math.max(largest, WEIGHT_TYPES[tensor.type][field]);
  }
  return largest;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
