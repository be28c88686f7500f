/**
 * Grows the plan of one tile, and the channels between tiles.
 */
import { append } from '../lists.ts';
import { assert } from '../errors.ts';
import { lowRankBytes, type LowRankPlace } from '../ops/low-rank.ts';
import { packedBytes } from '../ops/weight-types.ts';
import type { TensorInfo } from '../model/tensors.ts';
import { CHANNEL_LINE_BYTES, TILE_HEADER_BYTES } from './control.ts';
import { SramLayout } from './layout.ts';
import type { BufferLifetime, BufferUse } from './layout.ts';
import type { AdapterRoom, AdapterShare, ChannelKind, ChannelPlan } from './plan.ts';
import type { CollectivePlan, RoutedRows, Shard } from './plan.ts';
import type { PackedMatrix, Rows } from '../ops/operands.ts';
import type { Instruction } from '../ops/ops.ts';
import type { ProgramName, ProgramsOpen } from './programs.ts';
import type { Range } from './shard.ts';

const F32_BYTES = 4;

const CONTROL: BufferUse = { role: 'control', lifetime: 'run' };
const SHARD: BufferUse = { role: 'shard', lifetime: 'run' };
const ADAPTER: BufferUse = { role: 'adapter', lifetime: 'run' };

/** One tile under construction: its memory map, shards and programs. */
export class TileBuilder {
  readonly index: number;
  readonly layout: SramLayout = new SramLayout();
  readonly shards: Shard[] = [];
  readonly adapters: AdapterShare[] = [];
  readonly programs: Record<ProgramName, Instruction[]> = { infer: [], extend: [] };
  readonly onesPlaced: { address: number; count: number }[] = [];
  readonly #rowBuffers = new Map<string, Rows>();
  readonly #pools = new Map<KvPool, number>();
  #launchCount = 0;

  readonly #open: ProgramsOpen;

  constructor(index: number, open: ProgramsOpen) {
    this.index = index;
    this.#open = open;
    this.layout.add('control', TILE_HEADER_BYTES, CONTROL);
  }

  /** A new launch: the instructions that carry its id are one kernel where a machine fuses. */
  launch(): number {
    return this.#launchCount++;
  }

  /** A pool of KV blocks; the same pool has one address. */
  kvPool(role: KvPool, bytes: number): number {
    const known = this.#pools.get(role);
    if (known !== undefined) return known;
    const address = this.layout.add(role, bytes, { role, lifetime: 'run' });
    this.#pools.set(role, address);
    return address;
  }

  /** A buffer [rowCount, stride] f32; the same name gives the same buffer. */
  rows(name: string, rowCount: number, stride: number, lifetime: BufferLifetime = 'layer'): Rows {
    const known = this.#rowBuffers.get(name);
    if (known) {
      assert(known.stride === stride, 'a buffer has one shape', { name, stride });
      return known;
    }
    const bytes = rowCount * stride * F32_BYTES;
    const rows = {
      address: this.layout.add(name, bytes, { role: 'activations', lifetime }),
      stride,
    };
    this.#rowBuffers.set(name, rows);
    return rows;
  }

  /** Places rows × columns of a matrix, packed; undefined where the share is empty. */
  matrix(tensor: TensorInfo, rows: Range, columns?: Range): PackedMatrix | undefined {
    const share = columns ?? { start: 0, count: tensor.columns };
    if (rows.count === 0 || share.count === 0) return undefined;
    const bytes = packedBytes(tensor.type, rows.count, share.count);
    const address = this.layout.add(tensor.name, bytes, SHARD);
    this.shards.push({
      tensor: tensor.name,
      role: 'weight',
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

  /** Places the slots of adapters for rows × columns of a matrix, beside it. */
  adapterSlots(tensor: TensorInfo, rows: Range, columns: Range, room: AdapterRoom): LowRankPlace {
    const { slots, rank } = room;
    const { a, b } = lowRankBytes({ rows: rows.count, columns: columns.count }, rank);
    const place = (part: string, bytes: number): number =>
      this.layout.add(`${tensor.name}.adapters.${part}`, slots * bytes, ADAPTER);
    const at = { a: place('a', a), b: place('b', b), used: place('used', F32_BYTES), rank };
    this.adapters.push({ tensor: tensor.name, rows, columns, place: at });
    return at;
  }

  /** Places columns of a vector as f32; its address. */
  vector(tensor: TensorInfo, columns?: Range): number {
    const share = columns ?? { start: 0, count: tensor.columns };
    const bytes = share.count * F32_BYTES;
    const address = this.layout.add(tensor.name, bytes, SHARD);
    this.shards.push({
      tensor: tensor.name,
      role: 'weight',
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
    const use = { role: 'constant', lifetime: 'run' } as const;
    const address = this.layout.add('ones', count * F32_BYTES, use);
    this.onesPlaced.push({ address, count });
    return address;
  }

  emit(...instructions: Instruction[]): void {
    for (const name of this.#open.names) append(this.programs[name], instructions);
  }
}

/** Pools of KV blocks. */
export type KvPool = 'kv' | 'kv-windows';

/** What a channel carries. */
export interface ChannelUse {
  window: string;
  /** Id of the collective that it is part of. */
  collective: number;
  kind: ChannelKind;
  columns: Range;
  routed?: RoutedRows | undefined;
}

/** The channels of a wafer; one per (source, target, window), however often it is used. */
export class ChannelBuilder {
  readonly channels: ChannelPlan[] = [];
  readonly collectives: CollectivePlan[] = [];
  readonly #byKey = new Map<string, ChannelPlan>();
  readonly #collectiveIds = new Map<string, number>();
  readonly #rowsMax: number;
  readonly #slotsMax: number;

  /** Rows of the largest step, and rows of experts. */
  constructor(limits: { rowsMax: number; slotsMax: number }) {
    this.#rowsMax = limits.rowsMax;
    this.#slotsMax = limits.slotsMax;
  }

  /** The collective of these members on a window; the same ones give the same id. */
  collective(window: string, use: Omit<CollectivePlan, 'id'>): number {
    const key = `${use.kind}:${use.members.join()}:${window}`;
    const known = this.#collectiveIds.get(key);
    if (known !== undefined) return known;
    const id = this.collectives.length;
    this.collectives.push({ id, ...use });
    this.#collectiveIds.set(key, id);
    return id;
  }

  /** The channel that copies `columns` of the source's rows to the same columns of the target's. */
  connect(
    source: { tile: TileBuilder; rows: Rows },
    target: { tile: TileBuilder; rows: Rows },
    use: ChannelUse,
  ): number {
    const { window, collective, kind, columns, routed } = use;
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
      collective,
      kind,
      rowsMax: kind === 'slots' || kind === 'routed' ? this.#slotsMax : this.#rowsMax,
      routed,
      columnCount: columns.count,
      sourceRows: at(source.rows),
      targetRows: at(target.rows),
      control: target.tile.layout.add(`channel.${index}`, CHANNEL_LINE_BYTES, CONTROL),
    };
    this.channels.push(channel);
    this.#byKey.set(key, channel);
    return index;
  }
}
