/**
 * Grows the plan of one tile, and the channels between tiles.
 */
import { append } from '../lists.ts';
import { assert } from '../errors.ts';
import { packedBytes } from '../ops/weight-types.ts';
import type { TensorInfo } from '../model/tensors.ts';
import { CHANNEL_LINE_BYTES, TILE_HEADER_BYTES } from './control.ts';
import { SramLayout } from './layout.ts';
import type { ChannelKind, ChannelPlan, RoutedRows, Shard } from './plan.ts';
import type { Instruction, PackedMatrix, Rows } from './program.ts';
import type { Range } from './shard.ts';

const F32_BYTES = 4;

/** One tile under construction: its memory map, shards and program. */
export class TileBuilder {
  readonly index: number;
  readonly layout: SramLayout = new SramLayout();
  readonly shards: Shard[] = [];
  readonly program: Instruction[] = [];
  readonly onesPlaced: { address: number; count: number }[] = [];
  readonly #rowBuffers = new Map<string, Rows>();

  constructor(index: number) {
    this.index = index;
    this.layout.add('control', TILE_HEADER_BYTES);
  }

  /** A buffer [rowCount, stride] f32; the same name gives the same buffer. */
  rows(name: string, rowCount: number, stride: number): Rows {
    const known = this.#rowBuffers.get(name);
    if (known) {
      assert(known.stride === stride, 'a buffer has one shape', { name, stride });
      return known;
    }
    const rows = { address: this.layout.add(name, rowCount * stride * F32_BYTES), stride };
    this.#rowBuffers.set(name, rows);
    return rows;
  }

  /** Places rows × columns of a matrix, packed; undefined where the share is empty. */
  matrix(tensor: TensorInfo, rows: Range, columns?: Range): PackedMatrix | undefined {
    const share = columns ?? { start: 0, count: tensor.columns };
    if (rows.count === 0 || share.count === 0) return undefined;
    const bytes = packedBytes(tensor.type, rows.count, share.count);
    const address = this.layout.add(tensor.name, bytes);
    this.shards.push({
      tensor: tensor.name,
      type: tensor.type,
      row: rows.start,
      rowCount: rows.count,
      column: share.start,
      columnCount: share.count,
      address,
      bytes,
      isVector: false,
    });
    return { address, type: tensor.type, rows: rows.count, columns: share.count };
  }

  /** Places columns of a vector as f32; its address. */
  vector(tensor: TensorInfo, columns?: Range): number {
    const share = columns ?? { start: 0, count: tensor.columns };
    const bytes = share.count * F32_BYTES;
    const address = this.layout.add(tensor.name, bytes);
    this.shards.push({
      tensor: tensor.name,
      type: tensor.type,
      row: 0,
      rowCount: 1,
      column: share.start,
      columnCount: share.count,
      address,
      bytes,
      isVector: true,
    });
    return address;
  }

  /** A buffer of ones; the same count gives the same buffer. */
  ones(count: number): number {
    const known = this.onesPlaced.find((ones) => ones.count === count);
    if (known) return known.address;
    const address = this.layout.add('ones', count * F32_BYTES);
    this.onesPlaced.push({ address, count });
    return address;
  }

  emit(...instructions: Instruction[]): void {
    append(this.program, instructions);
  }
}

/** What a channel carries. */
export interface ChannelUse {
  window: string;
  kind: ChannelKind;
  columns: Range;
  routed?: RoutedRows | undefined;
}

/** The channels of a wafer; one per (source, target, window), however often it is used. */
export class ChannelBuilder {
  readonly channels: ChannelPlan[] = [];
  readonly #byKey = new Map<string, ChannelPlan>();
  readonly #rowsMax: number;
  readonly #slotsMax: number;

  /** Rows of the largest step, and rows of experts. */
  constructor(limits: { rowsMax: number; slotsMax: number }) {
    this.#rowsMax = limits.rowsMax;
    this.#slotsMax = limits.slotsMax;
  }

  /** The channel that copies `columns` of the source's rows to the same columns of the target's. */
  connect(
    source: { tile: TileBuilder; rows: Rows },
    target: { tile: TileBuilder; rows: Rows },
    use: ChannelUse,
  ): number {
    const { window, kind, columns, routed } = use;
    const part = `${columns.start}:${routed?.experts.start ?? 0}`;
    const key = `${source.tile.index}>${target.tile.index}:${window}:${part}`;
    const known = this.#byKey.get(key);
    if (known) return known.index;
    const offset = columns.start * F32_BYTES;
    const at = (rows: Rows): Rows => ({ address: rows.address + offset, stride: rows.stride });
    const index = this.channels.length;
    const channel: ChannelPlan = {
      index,
      source: source.tile.index,
      target: target.tile.index,
      window,
      kind,
      rowsMax: kind === 'slots' || kind === 'routed' ? this.#slotsMax : this.#rowsMax,
      routed,
      columnCount: columns.count,
      sourceRows: at(source.rows),
      targetRows: at(target.rows),
      control: target.tile.layout.add(`channel.${index}`, CHANNEL_LINE_BYTES),
    };
    this.channels.push(channel);
    this.#byKey.set(key, channel);
    return index;
  }
}
