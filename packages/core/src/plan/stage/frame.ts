/**
 * What the parts of a layer are written with: the stage's tiles, their buffers and tensors.
 *
 * Buffers are named: the same name on the same tile is the same memory, so that layers reuse it.
 */
import { assert } from '../../errors.ts';
import type { NetworkTensor } from '../../model/network-tensors.ts';
import type { NetworkValue, ColumnUnit } from '../../model/network-value.ts';
import { expertsOf, isVector } from '../../model/tensors.ts';
import type { TensorInfo } from '../../model/tensors.ts';
import type { TileBuilder } from '../builder.ts';
import type { Members, Window } from '../collectives.ts';
import type { LowRankPlace } from '../../ops/low-rank.ts';
import type { PackedMatrix, RoutingBuffers, Rows } from '../../ops/operands.ts';
import type { NetworkOpOf } from '../../ops/ops.ts';
import { routeScratchWords } from '../../ops/route.ts';
import type { Range } from '../shard.ts';
import { expertShares } from './expert-shares.ts';
import type { ExpertShares } from './expert-shares.ts';
import { stageShares } from './shares.ts';
import type { StageContext, StageShares } from './shares.ts';

const F32_BYTES = 4;

/** Which rows and columns of a matrix meet which buffers. */
export interface LinearUse {
  source: Rows;
  target: Rows;
  rows: Range;
  columns?: Range;
  /** Whether this part adds the bias; true unless said. */
  isBiased?: boolean;
  /** Default: a launch of its own. */
  launch?: number;
}

type LinearTensors = Pick<NetworkOpOf<'linear'>, 'weights' | 'bias'>;

export class StageFrame {
  readonly context: StageContext;
  readonly members: Members;
  readonly shares: StageShares;
  /** Undefined where all layers are dense. */
  readonly expertShares: ExpertShares | undefined;
  readonly layers: Range;

  constructor(context: StageContext, members: Members, layers: Range) {
    this.context = context;
    this.members = members;
    this.layers = layers;
    this.shares = stageShares(context, layers, members.tiles.length);
    this.expertShares = expertShares(context, layers, members.tiles.length);
  }

  /** The residual rows of a tile. */
  x(tile: TileBuilder): Rows {
    const { options, spec } = this.context;
    return tile.rows('x', options.rowsMax, spec.modelWidth, 'step');
  }

  rows(tile: TileBuilder, name: string, stride: number): Rows {
    return tile.rows(name, this.context.options.rowsMax, stride);
  }

  window(name: string, stride: number): Window {
    return { name, rows: (tile) => this.rows(tile, name, stride) };
  }

  /** The window of a value, as wide as the whole. */
  valueWindow({ name, width }: NetworkValue): Window {
    return this.window(name, width);
  }

  /** One row per token and chosen expert. */
  slotWindow(name: string, stride: number): Window {
    const { spec, options } = this.context;
    const rowCount = options.rowsMax * (spec.experts?.chosenCount ?? 1);
    return { name, rows: (tile) => tile.rows(name, rowCount, stride) };
  }

  /** The rows of a value, as wide as the whole. */
  value(tile: TileBuilder, { name, width }: NetworkValue): Rows {
    return this.rows(tile, name, width);
  }

  /** A tile's own columns of a value's window. */
  slice(tile: TileBuilder, value: NetworkValue, columns: Range): Rows {
    return columnsOf(this.value(tile, value), columns);
  }

  /** A member's columns of values that are spread so. */
  share(spread: ColumnUnit, member: number): Range {
    const { shares, expertShares: experts } = this;
    const { headWidth } = this.context.spec;
    const parts: Record<ColumnUnit, readonly Range[] | undefined> = {
      whole: undefined,
      vocab: undefined,
      heads: shares.attention,
      'kv-heads': shares.kvHeads.map(({ start, count }) => ({
        start: start * headWidth,
        count: count * headWidth,
      })),
      ffn: shares.hidden,
      router: experts?.router,
      experts: experts?.hidden,
      shared: experts?.shared,
    };
    const part = parts[spread]?.[member];
    assert(part !== undefined, 'a stage shares the value out', { spread, member });
    return part;
  }

  /** The experts of a member. */
  ownExperts(member: number): Range {
    const own = this.expertShares?.experts[member];
    assert(own !== undefined, 'a layer of experts has shares of them', { member });
    return own;
  }

  /** Where the router's decisions of a step lie. */
  routing(tile: TileBuilder): RoutingBuffers {
    const { spec, options } = this.context;
    const experts = expertsOf(spec);
    const { expertCount, chosenCount } = experts;
    const add = (name: string, words: number, rowCount = options.rowsMax): number =>
      tile.rows(`routing.${name}`, rowCount, words).address;
    return {
      chosen: add('chosen', chosenCount),
      weights: add('weights', chosenCount),
      starts: add('starts', expertCount + 1, 1),
      places: add('places', chosenCount),
      slots: add('slots', chosenCount),
      scratch: add('scratch', routeScratchWords(experts), 1),
    };
  }

  /** Where rows of a layer's experts are counted, f64 [E]. */
  tally(tile: TileBuilder, layer: number): number {
    const { expertCount } = expertsOf(this.context.spec);
    const words = (Float64Array.BYTES_PER_ELEMENT / F32_BYTES) * expertCount;
    return tile.rows(`routing.tally.${layer}`, 1, words, 'run').address;
  }

  /** Norms whole rows of the model's width; where the result lies. */
  emitNorm(tile: TileBuilder, norm: NetworkTensor, source: Rows): Rows {
    const { modelWidth: width } = this.context.spec;
    const target = this.rows(tile, 'normed', width);
    const gain = tile.vector(this.tensor(norm));
    tile.emit({ op: 'norm', target, source, gain, width, perToken: 1 });
    return target;
  }

  /** Emits a linear layer with its bias, if the model has one; nothing where the share is empty. */
  emitLinear(tile: TileBuilder, op: LinearTensors, use: LinearUse): void {
    const matrix = this.tensor(op.weights);
    const weights: PackedMatrix | undefined = tile.matrix(matrix, use.rows, use.columns);
    if (!weights) return;
    const biases = use.isBiased === false ? undefined : op.bias;
    const bias = biases && tile.vector(this.tensor(biases), use.rows);
    const { source, target, launch = tile.launch() } = use;
    const adapters = this.adapterSlots(tile, op.weights, use);
    const base = { op: 'linear', weights, source, target, bias, launch } as const;
    tile.emit({ ...base, ...(adapters && { adapters }) });
  }

  /** Slots of adapters for a share of a matrix; undefined where it is none of their targets. */
  adapterSlots(
    tile: TileBuilder,
    weights: NetworkTensor,
    { rows, columns }: { rows: Range; columns?: Range | undefined },
  ): LowRankPlace | undefined {
    const { adapters: room } = this.context.options;
    const isTarget = room?.targets.some((target) => target === weights.kind) ?? false;
    if (room === undefined || !isTarget) return undefined;
    const share = columns ?? { start: 0, count: weights.columns };
    return tile.adapterSlots(this.tensor(weights), rows, share, room);
  }

  /** A tensor as the model stores it. */
  tensor({ name, rows, columns, isVector: isFlat }: NetworkTensor): TensorInfo {
    const tensor = this.context.tensors[name];
    const isShaped = tensor?.rows === rows && tensor.columns === columns;
    assert(isShaped && isVector(tensor) === isFlat, 'the model has the tensor', {
      name,
      rows,
      columns,
    });
    return tensor;
  }
}

/** Columns of rows, from `start` on. */
export function columnsOf({ address, stride }: Rows, { start }: Pick<Range, 'start'>): Rows {
  return { address: address + start * F32_BYTES, stride };
}
