/**
 * Ops that a tile runs on its own share of a layer: up to where results of tiles have to meet.
 *
 *     norm → q, k, v → positions → attend │ o        norm → gate, up → swiglu │ down
 *
 * What is computed comes from the recipe (network.ts), which ops lower themselves; here is where:
 * columns of a value go by its `spread`, values that are gathered later lie in windows as wide as
 * the whole.
 */
import { assert } from '../../errors.ts';
import { maskOf } from '../../model/attention-mask.ts';
import type { ExpertTensors, NetworkTensor } from '../../model/network-tensors.ts';
import type { NetworkValue } from '../../model/network-value.ts';
import type { ModelSpec } from '../../model/spec.ts';
import { KV_BLOCK_TOKENS } from '../../ops/attention.ts';
import { kvRowBytes } from '../../ops/kv-types.ts';
import type { LowRankPlace } from '../../ops/low-rank.ts';
import type { Operands } from '../../ops/op.ts';
import type { KvPlace, PackedMatrix, RoutingBuffers, Rows } from '../../ops/operands.ts';
import { lowerOp } from '../../ops/ops.ts';
import type { NetworkOp } from '../../ops/ops.ts';
import type { TileBuilder } from '../builder.ts';
import type { Range } from '../shard.ts';
import { columnsOf } from './frame.ts';
import type { StageFrame } from './frame.ts';

/** Writes ops into the program of one member. */
export function emitLocal(frame: StageFrame, member: number, ops: readonly NetworkOp[]): void {
  const operands = new StageOperands(frame, member, ops);
  for (const op of ops) frame.members.tiles[member]!.emit(lowerOp(op, operands));
}

/** A member's share of a stage: what ops are lowered with. */
export class StageOperands implements Operands {
  readonly #frame: StageFrame;
  readonly #member: number;
  readonly #tile: TileBuilder;
  readonly #block: readonly NetworkOp[];
  /** Launches of the tile by those of the recipe. */
  readonly #launches = new Map<number, number>();

  /** `block`: the ops that are lowered with it. */
  constructor(frame: StageFrame, member: number, block: readonly NetworkOp[]) {
    this.#frame = frame;
    this.#member = member;
    this.#tile = frame.members.tiles[member]!;
    this.#block = block;
  }

  get spec(): ModelSpec {
    return this.#frame.context.spec;
  }

  get contextMax(): number {
    return this.#frame.context.options.contextMax;
  }

  get routing(): RoutingBuffers {
    return this.#frame.routing(this.#tile);
  }

  /** All members route alike: the first one counts. */
  tally(layer: number): number | undefined {
    return this.#member === 0 ? this.#frame.tally(this.#tile, layer) : undefined;
  }

  count(value: NetworkValue): number {
    return this.#own(value).count;
  }

  start(value: NetworkValue): number {
    return this.#own(value).start;
  }

  rows(value: NetworkValue): Rows {
    return this.inner({ ...value, width: this.count(value) });
  }

  whole(value: NetworkValue): Rows {
    return this.inner(value);
  }

  slice(value: NetworkValue): Rows {
    return columnsOf(this.inner(value), this.#own(value));
  }

  inner({ name, rows, width }: Omit<NetworkValue, 'spread'>): Rows {
    const window = rows === 'slots' ? this.#frame.slotWindow(name, width) : undefined;
    return window?.rows(this.#tile) ?? this.#frame.rows(this.#tile, name, width);
  }

  matrix(
    tensor: NetworkTensor,
    { input, output }: { output: NetworkValue; input: NetworkValue },
  ): PackedMatrix {
    const columns = input.spread === 'whole' ? undefined : this.#own(input);
    const matrix = this.#tile.matrix(this.#frame.tensor(tensor), this.#own(output), columns);
    assert(matrix !== undefined, 'only tiles with a share compute', { name: tensor.name });
    return matrix;
  }

  adapters(
    tensor: NetworkTensor,
    { input, output }: { output: NetworkValue; input: NetworkValue },
  ): LowRankPlace | undefined {
    const columns = input.spread === 'whole' ? undefined : this.#own(input);
    return this.#frame.adapterSlots(this.#tile, tensor, { rows: this.#own(output), columns });
  }

  table({ name }: NetworkTensor): never {
    throw new Error(`assertion failed: ${name} is placed with the ends of the network`);
  }

  vector(tensor: NetworkTensor, units?: Range): number {
    return this.#tile.vector(this.#frame.tensor(tensor), units);
  }

  ones(count: number): number {
    return this.#tile.ones(count);
  }

  experts(experts: readonly ExpertTensors[]): readonly ExpertTensors[] {
    const { start, count } = this.#frame.ownExperts(this.#member);
    return experts.slice(start, start + count);
  }

  kv(layer: number): KvPlace {
    return kvOf(this.#frame, layer, this.#member);
  }

  launch(shared?: number): number {
    const known = shared === undefined ? undefined : this.#launches.get(shared);
    if (known !== undefined) return known;
    const launch = this.#tile.launch();
    if (shared === undefined) return launch;
    this.#launches.set(shared, launch);
    // Outputs of a launch lie side by side, before its matrices.
    for (const one of this.#block) {
      if (one.op === 'linear' && one.launch === shared) this.rows(one.output);
    }
    return launch;
  }

  #own(value: NetworkValue): Range {
    if (value.spread === 'whole') return { start: 0, count: value.width };
    return this.#frame.share(value.spread, this.#member);
  }
}

/** Where a layer's keys and values are: in the pool of windows, if there is one, or with all. */
function kvOf(
  { context, layers, shares, members }: StageFrame,
  layer: number,
  member: number,
): KvPlace {
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
