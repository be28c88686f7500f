/**
 * Ops that a tile runs on its own share of a layer: up to where results of tiles have to meet.
 *
 *     norm → q, k, v → positions → attend │ o        norm → gate, up → swiglu │ down
 *
 * What is computed comes from the recipe (model/network.ts); here is where: columns of a value go
 * by its `spread`, values that are gathered later lie in windows as wide as the whole.
 */
import { assert } from '../../errors.ts';
import { maskOf } from '../../model/attention-mask.ts';
import type { NetworkOp, NetworkOpOf, NetworkValue } from '../../model/network-op.ts';
import { KV_BLOCK_TOKENS } from '../../ops/attention.ts';
import { kvRowBytes } from '../../ops/kv-types.ts';
import type { TileBuilder } from '../builder.ts';
import type { Rows } from '../program.ts';
import type { StageFrame } from './frame.ts';

/** Writes ops into the program of one member. */
export function emitLocal(frame: StageFrame, member: number, ops: readonly NetworkOp[]): void {
  new LocalPlacer(frame, member).place(ops);
}

class LocalPlacer {
  readonly #frame: StageFrame;
  readonly #member: number;
  readonly #tile: TileBuilder;
  /** Launches of the tile by those of the recipe. */
  readonly #launches = new Map<number, number>();

  constructor(frame: StageFrame, member: number) {
    this.#frame = frame;
    this.#member = member;
    this.#tile = frame.members.tiles[member]!;
  }

  place(ops: readonly NetworkOp[]): void {
    ops.forEach((op) => this.#place(op, ops));
  }

  #place(op: NetworkOp, ops: readonly NetworkOp[]): void {
    switch (op.op) {
      case 'norm':
        return this.#norm(op);
      case 'linear':
        return this.#linear(op, ops);
      case 'rope': {
        const headCount = this.#count(op.target) / this.#frame.context.spec.headWidth;
        return this.#tile.emit({ op: 'rope', target: this.#rows(op.target), headCount });
      }
      case 'attention-temperature':
        return this.#temperature(op);
      case 'attend':
        return this.#attend(op);
      case 'swiglu': {
        const [gate, up] = [this.#rows(op.gate), this.#rows(op.up)];
        const target = this.#slice(op.output);
        const count = this.#count(op.output);
        return this.#tile.emit({ op: 'swiglu', target, gate, up, count });
      }
      default:
        assert(false, 'results of other tiles are placed elsewhere', { op: op.op });
    }
  }

  #norm({ input, output, gain, width }: NetworkOpOf<'norm'>): void {
    if (input.spread === 'whole') {
      assert(gain !== undefined, 'whole rows are normed with gains', { input: input.name });
      this.#frame.emitNorm(this.#tile, gain, this.#frame.value(this.#tile, input));
      return;
    }
    const perToken = this.#count(input) / width;
    const [source, target] = [this.#rows(input), this.#rows(output)];
    const gains = gain ? this.#tile.vector(this.#frame.tensor(gain)) : this.#tile.ones(width);
    this.#tile.emit({ op: 'norm', target, source, gain: gains, width, perToken });
  }

  #linear(op: NetworkOpOf<'linear'>, ops: readonly NetworkOp[]): void {
    let launch = this.#launches.get(op.launch);
    if (launch === undefined) {
      launch = this.#tile.launch();
      this.#launches.set(op.launch, launch);
      // Outputs of a launch lie side by side, before its matrices.
      for (const one of ops) {
        if (one.op === 'linear' && one.launch === op.launch) this.#rows(one.output);
      }
    }
    const source = this.#frame.value(this.#tile, op.input);
    const rows = this.#frame.share(op.output.spread, this.#member);
    this.#frame.emitLinear(this.#tile, op, { source, target: this.#rows(op.output), rows, launch });
  }

  #temperature({ target, scale, floorTokens }: NetworkOpOf<'attention-temperature'>): void {
    const { contextMax } = this.#frame.context.options;
    // The position after the last decides the floor: p + 1.
    const factors = Array.from({ length: Math.floor(contextMax / floorTokens) + 1 }, (_, index) =>
      Math.fround(1 + scale * Math.log(1 + index)),
    );
    const rows = this.#rows(target);
    this.#tile.emit({ op: 'attention-temperature', target: rows, floorTokens, factors });
  }

  #attend(op: NetworkOpOf<'attend'>): void {
    const { spec, options } = this.#frame.context;
    const own = this.#frame.share(op.q.spread, this.#member);
    const heads = own.count / spec.headWidth;
    const cache = kvOf(this.#frame, op.layer, this.#member);
    const out = this.#slice(op.output);
    const headRange = { start: own.start / spec.headWidth, count: heads };
    const sinks = op.sinks && this.#tile.vector(this.#frame.tensor(op.sinks), headRange);
    const [q, k, v] = [this.#rows(op.q), this.#rows(op.k), this.#rows(op.v)];
    const kvHeads = this.#count(op.k) / spec.headWidth;
    const mask = maskOf(spec, op.layer, options.contextMax);
    const launch = this.#tile.launch();
    this.#tile.emit({ op: 'attend', q, k, v, out, ...cache, heads, kvHeads, mask, sinks, launch });
  }

  #count(value: NetworkValue): number {
    return this.#frame.share(value.spread, this.#member).count;
  }

  /** Own columns side by side. */
  #rows(value: NetworkValue): Rows {
    return this.#frame.rows(this.#tile, value.name, this.#count(value));
  }

  /** Own columns of a window that is as wide as the whole. */
  #slice(value: NetworkValue): Rows {
    const own = this.#frame.share(value.spread, this.#member);
    return this.#frame.slice(this.#tile, value, own);
  }
}

/** Where a layer's keys and values are: in the pool of windows, if there is one, or with all. */
function kvOf(
  { context, layers, shares, members }: StageFrame,
  layer: number,
  member: number,
): { kv: number; kvBlockStride: number; isInWindowPool: boolean } {
  const { spec, options, windows } = context;
  const isWindowed = (index: number): boolean =>
    windows !== undefined && maskOf(spec, index, options.contextMax).sees !== 'all';
  const isInWindowPool = isWindowed(layer);
  const alike = Array.from({ length: layers.count }, (_, i) => layers.start + i).filter(
    (index) => isWindowed(index) === isInWindowPool,
  );
  const rows = shares.kvHeads[member]!.count * 2 * KV_BLOCK_TOKENS;
  const layerBytes = rows * kvRowBytes(options.kv, spec.headWidth);
  const kvBlockStride = alike.length * layerBytes;
  const [pool, blockCount] = isInWindowPool
    ? (['kv-windows', windows!.blockCount] as const)
    : (['kv', options.kvBlockCount] as const);
  const start = members.tiles[member]!.kvPool(pool, blockCount * kvBlockStride);
  return { kv: start + alike.indexOf(layer) * layerBytes, kvBlockStride, isInWindowPool };
}
