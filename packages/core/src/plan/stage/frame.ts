/**
 * What the parts of a layer are written with: the stage's tiles, their buffers and tensors.
 *
 * Buffers are named: the same name on the same tile is the same memory, so that layers reuse it.
 */
import { assert } from '../../errors.ts';
import type { TensorInfo } from '../../model/tensors.ts';
import type { TileBuilder } from '../builder.ts';
import type { Members, Window } from '../collectives.ts';
import type { PackedMatrix, Rows } from '../program.ts';
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

  /** One row per token and chosen expert. */
  slotWindow(name: string, stride: number): Window {
    const { spec, options } = this.context;
    const rowCount = options.rowsMax * (spec.experts?.chosenCount ?? 1);
    return { name, rows: (tile) => tile.rows(name, rowCount, stride) };
  }

  /** A tile's own columns of a window. */
  slice(tile: TileBuilder, name: string, stride: number, columns: Range): Rows {
    const rows = this.rows(tile, name, stride);
    return { address: rows.address + columns.start * F32_BYTES, stride };
  }

  /** Norms whole rows of the model's width; where the result lies. */
  emitNorm(tile: TileBuilder, norm: string, source: Rows): Rows {
    const { modelWidth: width } = this.context.spec;
    const target = this.rows(tile, 'normed', width);
    const gain = tile.vector(this.tensor(norm));
    tile.emit({ op: 'norm', target, source, gain, width, perToken: 1 });
    return target;
  }

  /** Emits a linear layer with its bias, if the model has one; nothing where the share is empty. */
  emitLinear(tile: TileBuilder, name: string, use: LinearUse): void {
    const weights: PackedMatrix | undefined = tile.matrix(this.tensor(name), use.rows, use.columns);
    if (!weights) return;
    const biases = this.context.tensors[`${name}.bias`];
    const isBiased = biases !== undefined && use.isBiased !== false;
    const bias = isBiased ? tile.vector(biases, use.rows) : undefined;
    const { source, target, launch = tile.launch() } = use;
    tile.emit({ op: 'linear', weights, source, target, bias, launch });
  }

  tensor(name: string): TensorInfo {
    const tensor = this.context.tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    return tensor;
  }
}
