/**
 * A layer of experts, written into the programs of a stage's tiles.
 *
 * The router's matrix is cut by rows and its logits are gathered; then every tile routes for
 * itself, to the same bits. What differs is how the experts are cut and where their results meet:
 *
 *   whole      own experts → outputs ─gather unsummed→ sum on every tile
 *   rows       hidden rows ─gather→ rows of D → sum of them ─gather→
 *   megatron   hidden rows → down[:, own] → sum of parts ─reduce→
 *
 * A sum is one chain in ascending expert id; then comes the output of the shared expert, which is
 * cut as a dense layer is. Letters: T tokens, D model, E experts, k chosen.
 */
import { assert, WaferError } from '../errors.ts';
import type { ExpertSpec } from '../model/spec.ts';
import { expertsOf } from '../model/tensors.ts';
import type { FfnMatrix, TensorInfo } from '../model/tensors.ts';
import { routeScratchWords } from '../ops/route.ts';
import { WEIGHT_TYPES } from '../ops/weight-types.ts';
import type { TileBuilder } from './builder.ts';
import { allGather, broadcast, expertGather, releaseAll, treeReduce } from './collectives.ts';
import type { Members, Window } from './collectives.ts';
import type { PlanOptions } from './plan.ts';
import type { ExpertDown, ExpertHidden, PackedMatrix, RoutingBuffers, Rows } from './program.ts';
import { splitEvenly, splitRows } from './shard.ts';
import type { Range } from './shard.ts';
import type { StageContext } from './stage.ts';

/** Where the result of a layer is, and the channels to release once it is read. */
export interface LayerResult {
  window: Window;
  received: ReadonlyMap<TileBuilder, number[]>;
}

/** Who owns what of a stage's experts, by member of its group. */
export interface ExpertShares {
  /** Rows of the router, [E]. */
  router: Range[];
  /** Experts of which a member has a share. */
  experts: Range[];
  /** Hidden columns of these. */
  hidden: Range[];
  /** Hidden columns of the shared expert. */
  shared: Range[];
  /** Outputs that a member adds up, [D]. */
  model: Range[];
}

/** How the experts of layers are shared out over `parts` tiles. */
export function expertShares(context: StageContext, layers: Range, parts: number): ExpertShares {
  const { spec, options } = context;
  const { expertCount, expertWidth, sharedWidth } = expertsOf(spec);
  const unit = (suffix: RegExp, field: 'panelRows' | 'blockColumns'): number =>
    largestUnit(context, layers, { suffix, field });
  const all = (count: number): Range[] =>
    Array.from({ length: parts }, () => ({ start: 0, count }));
  const panel = unit(/\.(gate|up)$/, 'panelRows');
  const router = splitRows(expertCount, parts, unit(/\.router$/, 'panelRows'));
  const model = splitRows(spec.modelWidth, parts, unit(/\.down$/, 'panelRows'));
  if (options.tensor === 'megatron') {
    const whole = Math.max(panel, unit(/\.down$/, 'blockColumns'));
    const hidden = splitEvenly(expertWidth, parts, whole);
    // Members without a share of the experts have nothing to add the shared one's part to.
    const taking = hidden.filter(({ count }) => count > 0).length;
    const none = Array.from({ length: parts - taking }, () => ({ start: sharedWidth, count: 0 }));
    const shared = [...splitEvenly(sharedWidth, taking, whole), ...none];
    return { router, experts: all(expertCount), hidden, shared, model: all(spec.modelWidth) };
  }
  const shared = splitRows(sharedWidth, parts, panel);
  if (options.experts === 'whole') {
    const experts = splitEvenly(expertCount, parts);
    return { router, experts, hidden: all(expertWidth), shared, model };
  }
  const hidden = splitRows(expertWidth, parts, panel);
  return { router, experts: all(expertCount), hidden, shared, model };
}

/** Refuses what no tile could run. Throws: PLAN_OPTION. */
export function checkExperts(experts: ExpertSpec, options: PlanOptions): void {
  const { expertCount, chosenCount, router } = experts;
  if (options.tensor === 'megatron' && options.experts === 'whole') {
    const expected = 'rows, as the megatron plan cuts every matrix';
    throw new WaferError('PLAN_OPTION', { option: 'experts', value: options.experts, expected });
  }
  const { count, keptCount } = router.groups ?? { count: 1, keptCount: 1 };
  const allowed = Math.floor(expertCount / count) * keptCount;
  if (expertCount % count !== 0 || keptCount > count || chosenCount > allowed) {
    const value = `${chosenCount} of ${expertCount} in ${keptCount} of ${count} groups`;
    const expected = 'equal groups, and in those that are kept as many experts as are chosen';
    throw new WaferError('PLAN_OPTION', { option: 'router', value, expected });
  }
}

/** Writes the experts of layers into the programs of a group of tiles. */
export class ExpertsBuilder {
  readonly shares: ExpertShares;
  readonly #context: StageContext;
  readonly #members: Members;
  readonly #experts: ExpertSpec;

  constructor(context: StageContext, members: Members, layers: Range) {
    this.#context = context;
    this.#members = members;
    this.#experts = expertsOf(context.spec);
    this.shares = expertShares(context, layers, members.tiles.length);
  }

  /** `normed` writes the norm of x on a tile and returns it. */
  emitLayer(layer: number, normed: (tile: TileBuilder) => Rows): LayerResult {
    const inputs = this.#members.tiles.map((tile) => normed(tile));
    this.#emitRouter(layer, inputs);
    const { experts, hidden } = this.shares;
    this.#members.tiles.forEach((tile, member) => {
      const share = { experts: experts[member]!, hidden: hidden[member]! };
      if (share.experts.count === 0 || share.hidden.count === 0) return;
      this.#emitHidden(tile, layer, { source: inputs[member]!, ...share });
    });
    this.#emitSharedHidden(layer, inputs);
    const { tensor, experts: kind } = this.#context.options;
    if (tensor === 'megatron') return this.#emitReduced(layer);
    return kind === 'whole' ? this.#emitWhole(layer) : this.#emitRows(layer);
  }

  #emitRouter(layer: number, inputs: readonly Rows[]): void {
    const { expertCount, router } = this.#experts;
    const name = `layers.${layer}.router`;
    const logits = this.#window('router', expertCount);
    this.#members.tiles.forEach((tile, member) => {
      const rows = this.shares.router[member]!;
      const weights = tile.matrix(this.#tensor(name), rows);
      if (!weights) return;
      const bias = router.hasBias ? tile.vector(this.#tensor(`${name}.bias`), rows) : undefined;
      const target = slice(logits.rows(tile), rows);
      tile.emit({ op: 'linear', weights, source: inputs[member]!, target, bias });
    });
    const received = allGather(this.#members, logits, this.shares.router);
    for (const tile of this.#members.tiles) {
      const selectionBias = router.hasSelectionBias
        ? tile.vector(this.#tensor(`${name}.selectionBias`))
        : undefined;
      const routing = this.#routing(tile);
      tile.emit({ op: 'route', logits: logits.rows(tile), selectionBias, routing });
    }
    releaseAll(received);
  }

  #emitHidden(
    tile: TileBuilder,
    layer: number,
    share: { source: Rows; experts: Range; hidden: Range },
  ): void {
    const { rowsMax } = this.#context.options;
    const { hidden, source } = share;
    const experts = idsOf(share.experts).map((expert): ExpertHidden => {
      const place = { tile, layer, expert };
      return {
        expert,
        gate: this.#matrix(place, 'gate', { rows: hidden })!,
        up: this.#matrix(place, 'up', { rows: hidden })!,
        gateBias: this.#bias(place, 'gate', hidden),
        upBias: this.#bias(place, 'up', hidden),
      };
    });
    tile.emit({
      op: 'expertHidden',
      experts,
      routing: this.#routing(tile),
      source,
      gathered: tile.rows('experts.gathered', rowsMax, this.#context.spec.modelWidth),
      gate: tile.rows('experts.gate', rowsMax, hidden.count),
      up: tile.rows('experts.up', rowsMax, hidden.count),
      target: slice(this.#hidden().rows(tile), hidden),
      count: hidden.count,
    });
  }

  /** Outputs of a member's experts: these rows of `down`, from these of its columns. */
  #emitDown(
    member: number,
    layer: number,
    use: { rows: Range; columns?: Range; target: Rows; isFirst?: boolean },
  ): void {
    const tile = this.#members.tiles[member]!;
    const { rows, columns, target, isFirst = true } = use;
    const experts = idsOf(this.shares.experts[member]!).map((expert): ExpertDown => {
      const place = { tile, layer, expert };
      return {
        expert,
        down: this.#matrix(place, 'down', { rows, columns })!,
        bias: isFirst ? this.#bias(place, 'down', rows) : undefined,
      };
    });
    if (experts.length === 0) return;
    const source = slice(this.#hidden().rows(tile), columns ?? NO_OFFSET);
    tile.emit({ op: 'expertDown', experts, routing: this.#routing(tile), source, target });
  }

  // ---- the shared expert

  #emitSharedHidden(layer: number, inputs: readonly Rows[]): void {
    const { rowsMax } = this.#context.options;
    this.#members.tiles.forEach((tile, member) => {
      const rows = this.shares.shared[member]!;
      if (rows.count === 0) return;
      const place = { tile, layer, expert: undefined };
      const gate = tile.rows('shared.gate', rowsMax, rows.count);
      const up = tile.rows('shared.up', rowsMax, rows.count);
      const source = inputs[member]!;
      for (const [matrix, target] of [
        ['gate', gate],
        ['up', up],
      ] as const) {
        const weights = this.#matrix(place, matrix, { rows })!;
        tile.emit({ op: 'linear', weights, source, target, bias: undefined });
      }
      const target = slice(this.#sharedHidden().rows(tile), rows);
      tile.emit({ op: 'swiglu', target, gate, up, count: rows.count });
    });
  }

  /** Rows of D of the shared expert's output, on each tile; channels of its hidden layer. */
  #emitSharedDown(layer: number, output: Window): Map<TileBuilder, number[]> {
    if (this.#experts.sharedWidth === 0) return new Map();
    const hidden = this.#sharedHidden();
    const received = allGather(this.#members, hidden, this.shares.shared);
    this.#members.tiles.forEach((tile, member) => {
      const rows = this.shares.model[member]!;
      const weights = this.#matrix({ tile, layer, expert: undefined }, 'down', { rows });
      if (!weights) return;
      const target = slice(output.rows(tile), rows);
      tile.emit({ op: 'linear', weights, source: hidden.rows(tile), target, bias: undefined });
    });
    return received;
  }

  // ---- where results meet

  #emitWhole(layer: number): LayerResult {
    const columns = { start: 0, count: this.#context.spec.modelWidth };
    const outputs = this.#slotWindow('experts.out', columns.count);
    this.#members.tiles.forEach((tile, member) => {
      this.#emitDown(member, layer, { rows: columns, target: outputs.rows(tile) });
    });
    const shared = this.#window('shared', columns.count);
    releaseAll(this.#emitSharedDown(layer, shared));
    const starts = (tile: TileBuilder): number => this.#routing(tile).starts;
    const use = { experts: this.shares.experts, columns, starts };
    const received = [expertGather(this.#members, outputs, use)];
    if (this.#experts.sharedWidth > 0) {
      received.push(allGather(this.#members, shared, this.shares.model));
    }
    const result = this.#window('routed', columns.count);
    for (const tile of this.#members.tiles) {
      this.#emitSum(tile, { outputs, shared, result, columns });
    }
    for (const channels of received) releaseAll(channels);
    return { window: result, received: new Map() };
  }

  #emitRows(layer: number): LayerResult {
    const { modelWidth: d } = this.#context.spec;
    const hiddenChannels = allGather(this.#members, this.#hidden(), this.shares.hidden, 'slots');
    const shared = this.#window('shared', d);
    const sharedChannels = this.#emitSharedDown(layer, shared);
    const result = this.#window('routed', d);
    this.#members.tiles.forEach((tile, member) => {
      const columns = this.shares.model[member]!;
      if (columns.count === 0) return;
      // Outputs of own columns only, side by side.
      const outputs = this.#slotWindow('experts.out', columns.count);
      this.#emitDown(member, layer, { rows: columns, target: outputs.rows(tile) });
      this.#emitSum(tile, { outputs, shared, result, columns });
    });
    releaseAll(hiddenChannels);
    releaseAll(sharedChannels);
    return { window: result, received: allGather(this.#members, result, this.shares.model) };
  }

  #emitReduced(layer: number): LayerResult {
    const all = { start: 0, count: this.#context.spec.modelWidth };
    const outputs = this.#slotWindow('experts.out', all.count);
    const shared = this.#window('shared', all.count);
    const sums = this.#window('down', all.count);
    let participantCount = 0;
    this.#members.tiles.forEach((tile, member) => {
      const columns = this.shares.hidden[member]!;
      if (columns.count === 0) return;
      participantCount++;
      const isFirst = member === 0;
      this.#emitDown(member, layer, { rows: all, columns, target: outputs.rows(tile), isFirst });
      const own = this.shares.shared[member]!;
      if (own.count > 0) {
        const place = { tile, layer, expert: undefined };
        const weights = this.#matrix(place, 'down', { rows: all, columns: own })!;
        const source = slice(this.#sharedHidden().rows(tile), own);
        tile.emit({ op: 'linear', weights, source, target: shared.rows(tile), bias: undefined });
      }
      this.#emitSum(tile, { outputs, shared, result: sums, columns: all, isShared: own.count > 0 });
    });
    const inbox = (tile: TileBuilder, level: number): Rows =>
      this.#window(`down.level${level}`, all.count).rows(tile);
    treeReduce(this.#members, sums, inbox, { columns: all, participantCount });
    const root = this.#members.tiles[0];
    const window = this.#window('down.sum', all.count);
    const rows = (tile: TileBuilder): Rows => (tile === root ? sums.rows(tile) : window.rows(tile));
    const total: Window = { name: window.name, rows };
    return { window: total, received: broadcast(this.#members, total, all) };
  }

  #emitSum(
    tile: TileBuilder,
    use: {
      outputs: Window;
      shared: Window;
      result: Window;
      columns: Range;
      isShared?: boolean;
    },
  ): void {
    const { outputs, columns } = use;
    const isShared = use.isShared ?? this.#experts.sharedWidth > 0;
    tile.emit({
      op: 'expertSum',
      target: slice(use.result.rows(tile), columns),
      source: outputs.rows(tile),
      routing: this.#routing(tile),
      shared: isShared ? slice(use.shared.rows(tile), columns) : undefined,
      count: columns.count,
    });
  }

  // ---- buffers and tensors

  #routing(tile: TileBuilder): RoutingBuffers {
    const { expertCount, chosenCount } = this.#experts;
    const { rowsMax } = this.#context.options;
    const add = (name: string, words: number, rowCount = rowsMax): number =>
      tile.rows(`routing.${name}`, rowCount, words).address;
    return {
      chosen: add('chosen', chosenCount),
      weights: add('weights', chosenCount),
      starts: add('starts', expertCount + 1, 1),
      places: add('places', chosenCount),
      slots: add('slots', chosenCount),
      scratch: add('scratch', routeScratchWords(this.#experts), 1),
    };
  }

  /** Hidden rows of all slots, [T * k, expertWidth]. */
  #hidden(): Window {
    return this.#slotWindow('experts.hidden', this.#experts.expertWidth);
  }

  #sharedHidden(): Window {
    return this.#window('shared.hidden', this.#experts.sharedWidth);
  }

  #window(name: string, stride: number): Window {
    const { rowsMax } = this.#context.options;
    return { name, rows: (tile) => tile.rows(name, rowsMax, stride) };
  }

  #slotWindow(name: string, stride: number): Window {
    const rowCount = this.#context.options.rowsMax * this.#experts.chosenCount;
    return { name, rows: (tile) => tile.rows(name, rowCount, stride) };
  }

  #matrix(
    place: ExpertPlace,
    matrix: FfnMatrix,
    use: { rows: Range; columns?: Range | undefined },
  ): PackedMatrix | undefined {
    return place.tile.matrix(this.#tensor(nameOf(place, matrix)), use.rows, use.columns);
  }

  #bias(place: ExpertPlace, matrix: FfnMatrix, rows: Range): number | undefined {
    if (!this.#experts.hasBias) return undefined;
    return place.tile.vector(this.#tensor(`${nameOf(place, matrix)}.bias`), rows);
  }

  #tensor(name: string): TensorInfo {
    const tensor = this.#context.tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    return tensor;
  }
}

const F32_BYTES = 4;
const NO_OFFSET: Range = { start: 0, count: 0 };

/** One expert of a layer on a tile; undefined: the shared one. */
interface ExpertPlace {
  tile: TileBuilder;
  layer: number;
  expert: number | undefined;
}

function nameOf({ layer, expert }: ExpertPlace, matrix: FfnMatrix): string {
  const owner = expert === undefined ? 'shared' : `experts.${expert}`;
  return `layers.${layer}.${owner}.${matrix}`;
}

function idsOf({ start, count }: Range): number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}

/** Columns of a window, from `columns.start` on. */
function slice({ address, stride }: Rows, columns: Range): Rows {
  return { address: address + columns.start * F32_BYTES, stride };
}

/** The largest panel or block of the layers' tensors with a name like this. */
function largestUnit(
  { tensors }: StageContext,
  layers: Range,
  use: { suffix: RegExp; field: 'panelRows' | 'blockColumns' },
): number {
  let largest = 1;
  for (const { name, type } of Object.values(tensors)) {
    const layer = Number(/^layers\.(\d+)\.(?:router|experts|shared)/.exec(name)?.[1] ?? -1);
    const isInside = layer >= layers.start && layer < layers.start + layers.count;
    if (isInside && use.suffix.test(name)) {
      largest = Math.max(largest, WEIGHT_TYPES[type][use.field]);
    }
  }
  return largest;
}
