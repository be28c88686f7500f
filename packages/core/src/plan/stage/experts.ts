/**
 * A layer of experts, written into the programs of a stage's tiles.
 *
 * The router's logits are gathered; then every tile routes for itself, to the same bits. What
 * differs is how experts are cut (expert-shares.ts) and where their results meet:
 *
 *   whole      own experts → outputs ─gather unsummed→ sum on every tile
 *   rows       hidden rows ─gather→ rows of D → sum of them ─gather→
 *   megatron   hidden rows → down[:, own] → sum of parts ─reduce→
 *
 * A sum is one chain in ascending expert id; then comes the output of the shared expert, which is
 * cut as a dense layer is. Letters: T tokens, D model, E experts, k chosen.
 */
import { assert } from '../../errors.ts';
import { expertsOf } from '../../model/tensors.ts';
import { routeScratchWords } from '../../ops/route.ts';
import type { TileBuilder } from '../builder.ts';
import { allGather, broadcast, expertGather, releaseAll, treeReduce } from '../collectives.ts';
import type { Window } from '../collectives.ts';
import type { ExpertDown, ExpertHidden, RoutingBuffers, Rows } from '../program.ts';
import type { Range } from '../shard.ts';
import type { ExpertShares } from './expert-shares.ts';
import type { StageFrame } from './frame.ts';
import { emitAdd } from './output.ts';

const F32_BYTES = 4;
const NO_OFFSET: Range = { start: 0, count: 0 };

/** Where the result of a layer is, and the channels to release once it is read. */
interface LayerResult {
  window: Window;
  received: ReadonlyMap<TileBuilder, number[]>;
}

/** Writes x += experts(norm(x)) into the programs. */
export function emitExperts(
  frame: StageFrame,
  layer: number,
  use: { postNorm: string | undefined },
): void {
  const { tiles } = frame.members;
  const norm = `layers.${layer}.ffnNorm`;
  const inputs = tiles.map((tile) => frame.emitNorm(tile, norm, frame.x(tile)));
  emitRouter(frame, layer, inputs);
  emitHidden(frame, layer, inputs);
  emitSharedHidden(frame, layer, inputs);
  const { window, received } = emitResult(frame, layer);
  for (const tile of tiles) emitAdd(frame, tile, window.rows(tile), use.postNorm);
  releaseAll(received);
}

function emitRouter(frame: StageFrame, layer: number, inputs: readonly Rows[]): void {
  const { members, context } = frame;
  const { expertCount, router } = expertsOf(context.spec);
  const shares = sharesOf(frame).router;
  const name = `layers.${layer}.router`;
  const logits = frame.window('router', expertCount);
  members.tiles.forEach((tile, member) => {
    const rows = shares[member]!;
    const target = slice(logits.rows(tile), rows);
    frame.emitLinear(tile, name, { source: inputs[member]!, target, rows });
  });
  const received = allGather(members, logits, shares);
  for (const tile of members.tiles) {
    const bias = `${name}.selectionBias`;
    const selectionBias = router.hasSelectionBias ? tile.vector(frame.tensor(bias)) : undefined;
    const routing = routingOf(frame, tile);
    tile.emit({ op: 'route', logits: logits.rows(tile), selectionBias, routing });
  }
  releaseAll(received);
}

function emitHidden(frame: StageFrame, layer: number, inputs: readonly Rows[]): void {
  const { modelWidth, experts: spec } = frame.context.spec;
  const shares = sharesOf(frame);
  frame.members.tiles.forEach((tile, member) => {
    const own = shares.experts[member]!;
    const rows = shares.hidden[member]!;
    if (own.count === 0 || rows.count === 0) return;
    const experts = idsOf(own).map((expert): ExpertHidden => {
      const name = `layers.${layer}.experts.${expert}`;
      const bias = (matrix: string): number | undefined =>
        spec!.hasBias ? tile.vector(frame.tensor(`${name}.${matrix}.bias`), rows) : undefined;
      return {
        expert,
        gate: tile.matrix(frame.tensor(`${name}.gate`), rows)!,
        up: tile.matrix(frame.tensor(`${name}.up`), rows)!,
        gateBias: bias('gate'),
        upBias: bias('up'),
      };
    });
    tile.emit({
      op: 'expertHidden',
      experts,
      routing: routingOf(frame, tile),
      source: inputs[member]!,
      gathered: frame.rows(tile, 'experts.gathered', modelWidth),
      gate: frame.rows(tile, 'experts.gate', rows.count),
      up: frame.rows(tile, 'experts.up', rows.count),
      target: slice(hiddenOf(frame).rows(tile), rows),
      count: rows.count,
    });
  });
}

/** Outputs of a member's experts: these rows of `down`, from these of its columns. */
function emitDown(
  frame: StageFrame,
  member: number,
  layer: number,
  use: { rows: Range; columns?: Range; target: Rows; isBiased?: boolean },
): void {
  const tile = frame.members.tiles[member]!;
  const { rows, columns, target, isBiased = true } = use;
  const { hasBias } = expertsOf(frame.context.spec);
  const experts = idsOf(sharesOf(frame).experts[member]!).map((expert): ExpertDown => {
    const name = `layers.${layer}.experts.${expert}.down`;
    return {
      expert,
      down: tile.matrix(frame.tensor(name), rows, columns)!,
      bias: hasBias && isBiased ? tile.vector(frame.tensor(`${name}.bias`), rows) : undefined,
    };
  });
  if (experts.length === 0) return;
  const source = slice(hiddenOf(frame).rows(tile), columns ?? NO_OFFSET);
  tile.emit({ op: 'expertDown', experts, routing: routingOf(frame, tile), source, target });
}

// ---- the shared expert

function emitSharedHidden(frame: StageFrame, layer: number, inputs: readonly Rows[]): void {
  const prefix = `layers.${layer}.shared`;
  frame.members.tiles.forEach((tile, member) => {
    const rows = sharesOf(frame).shared[member]!;
    if (rows.count === 0) return;
    const source = inputs[member]!;
    const gate = frame.rows(tile, 'shared.gate', rows.count);
    const up = frame.rows(tile, 'shared.up', rows.count);
    frame.emitLinear(tile, `${prefix}.gate`, { source, target: gate, rows });
    frame.emitLinear(tile, `${prefix}.up`, { source, target: up, rows });
    const target = slice(sharedHiddenOf(frame).rows(tile), rows);
    tile.emit({ op: 'swiglu', target, gate, up, count: rows.count });
  });
}

/** Rows of D of the shared expert's output, on each tile; channels of its hidden layer. */
function emitSharedDown(
  frame: StageFrame,
  layer: number,
  output: Window,
): Map<TileBuilder, number[]> {
  const shares = sharesOf(frame);
  if (!hasShared(frame)) return new Map();
  const hidden = sharedHiddenOf(frame);
  const received = allGather(frame.members, hidden, shares.shared);
  frame.members.tiles.forEach((tile, member) => {
    const rows = shares.model[member]!;
    const target = slice(output.rows(tile), rows);
    const source = hidden.rows(tile);
    frame.emitLinear(tile, `layers.${layer}.shared.down`, { source, target, rows });
  });
  return received;
}

// ---- where results meet

function emitResult(frame: StageFrame, layer: number): LayerResult {
  const { tensor, experts } = frame.context.options;
  if (tensor === 'megatron') return emitReduced(frame, layer);
  return experts === 'whole' ? emitWhole(frame, layer) : emitRows(frame, layer);
}

function emitWhole(frame: StageFrame, layer: number): LayerResult {
  const { members, context } = frame;
  const shares = sharesOf(frame);
  const columns = { start: 0, count: context.spec.modelWidth };
  const outputs = frame.slotWindow('experts.out', columns.count);
  members.tiles.forEach((tile, member) => {
    emitDown(frame, member, layer, { rows: columns, target: outputs.rows(tile) });
  });
  const shared = frame.window('shared', columns.count);
  releaseAll(emitSharedDown(frame, layer, shared));
  const starts = (tile: TileBuilder): number => routingOf(frame, tile).starts;
  const received = [
    expertGather(members, outputs, { experts: shares.experts, columns, starts }),
    hasShared(frame) ? allGather(members, shared, shares.model) : new Map(),
  ];
  const window = frame.window('routed', columns.count);
  for (const tile of members.tiles) {
    const sharedRows = hasShared(frame) ? shared.rows(tile) : undefined;
    emitSum(frame, tile, { outputs, sharedRows, window, columns });
  }
  for (const channels of received) releaseAll(channels);
  return { window, received: new Map() };
}

function emitRows(frame: StageFrame, layer: number): LayerResult {
  const { members, context } = frame;
  const { modelWidth: d } = context.spec;
  const shares = sharesOf(frame);
  const hiddenChannels = allGather(members, hiddenOf(frame), shares.hidden, 'slots');
  const shared = frame.window('shared', d);
  const sharedChannels = emitSharedDown(frame, layer, shared);
  const window = frame.window('routed', d);
  members.tiles.forEach((tile, member) => {
    const columns = shares.model[member]!;
    if (columns.count === 0) return;
    // Outputs of own columns only, side by side.
    const outputs = frame.slotWindow('experts.out', columns.count);
    emitDown(frame, member, layer, { rows: columns, target: outputs.rows(tile) });
    const sharedRows = hasShared(frame) ? slice(shared.rows(tile), columns) : undefined;
    emitSum(frame, tile, { outputs, sharedRows, window, columns });
  });
  releaseAll(hiddenChannels);
  releaseAll(sharedChannels);
  return { window, received: allGather(members, window, shares.model) };
}

function emitReduced(frame: StageFrame, layer: number): LayerResult {
  const { members, context } = frame;
  const shares = sharesOf(frame);
  const all = { start: 0, count: context.spec.modelWidth };
  const outputs = frame.slotWindow('experts.out', all.count);
  const sums = frame.window('down', all.count);
  members.tiles.forEach((tile, member) => {
    const columns = shares.hidden[member]!;
    if (columns.count === 0) return;
    const target = outputs.rows(tile);
    emitDown(frame, member, layer, { rows: all, columns, target, isBiased: member === 0 });
    const sharedRows = emitSharedPart(frame, layer, member);
    emitSum(frame, tile, { outputs, sharedRows, window: sums, columns: all });
  });
  const participantCount = shares.hidden.filter(({ count }) => count > 0).length;
  const inbox = (tile: TileBuilder, level: number): Rows =>
    frame.rows(tile, `down.level${level}`, all.count);
  treeReduce(members, sums, inbox, { columns: all, participantCount });
  const name = 'down.sum';
  const rows = (tile: TileBuilder): Rows =>
    tile === members.tiles[0] ? sums.rows(tile) : frame.rows(tile, name, all.count);
  return { window: { name, rows }, received: broadcast(members, { name, rows }, all) };
}

/** A member's part of the shared expert's output; undefined where it has no share. */
function emitSharedPart(frame: StageFrame, layer: number, member: number): Rows | undefined {
  const { modelWidth: d } = frame.context.spec;
  const tile = frame.members.tiles[member]!;
  const columns = sharesOf(frame).shared[member]!;
  if (columns.count === 0) return undefined;
  const target = frame.rows(tile, 'shared', d);
  const source = slice(sharedHiddenOf(frame).rows(tile), columns);
  const rows = { start: 0, count: d };
  frame.emitLinear(tile, `layers.${layer}.shared.down`, { source, target, rows, columns });
  return target;
}

function emitSum(
  frame: StageFrame,
  tile: TileBuilder,
  use: { outputs: Window; sharedRows: Rows | undefined; window: Window; columns: Range },
): void {
  const { outputs, sharedRows: shared, window, columns } = use;
  tile.emit({
    op: 'expertSum',
    target: slice(window.rows(tile), columns),
    source: outputs.rows(tile),
    routing: routingOf(frame, tile),
    shared,
    count: columns.count,
  });
}

// ---- buffers

function routingOf(frame: StageFrame, tile: TileBuilder): RoutingBuffers {
  const { spec, options } = frame.context;
  const { expertCount, chosenCount } = expertsOf(spec);
  const add = (name: string, words: number, rowCount = options.rowsMax): number =>
    tile.rows(`routing.${name}`, rowCount, words).address;
  return {
    chosen: add('chosen', chosenCount),
    weights: add('weights', chosenCount),
    starts: add('starts', expertCount + 1, 1),
    places: add('places', chosenCount),
    slots: add('slots', chosenCount),
    scratch: add('scratch', routeScratchWords(expertsOf(spec)), 1),
  };
}

/** Hidden rows of all slots, [T * k, expertWidth]. */
function hiddenOf(frame: StageFrame): Window {
  return frame.slotWindow('experts.hidden', expertsOf(frame.context.spec).expertWidth);
}

function sharedHiddenOf(frame: StageFrame): Window {
  return frame.window('shared.hidden', expertsOf(frame.context.spec).sharedWidth);
}

function hasShared({ context }: StageFrame): boolean {
  return expertsOf(context.spec).sharedWidth > 0;
}

function sharesOf({ expertShares }: StageFrame): ExpertShares {
  assert(expertShares !== undefined, 'a layer of experts has shares of them', {});
  return expertShares;
}

function idsOf({ start, count }: Range): number[] {
  return Array.from({ length: count }, (_, i) => start + i);
}

/** Columns of a window, from `columns.start` on. */
function slice({ address, stride }: Rows, columns: Range): Rows {
  return { address: address + columns.start * F32_BYTES, stride };
}
