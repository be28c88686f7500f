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
import { allReduce, gather, releaseAll } from '../collectives.ts';
import type { Gather, Window } from '../collectives.ts';
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
  const logits = emitLogits(frame, layer, inputs);
  emitSharedHidden(frame, layer, inputs);
  // Logits and the shared expert's hidden columns meet once.
  const isShared = hasShared(frame) && frame.context.options.tensor === 'column';
  const meeting = isShared ? [logits, sharedHiddenGather(frame)] : [logits];
  const received = gather(frame.members, meeting);
  emitRoute(frame, layer, logits.window);
  emitHidden(frame, layer, inputs);
  if (isShared) emitSharedDown(frame, layer);
  releaseAll(received);
  const result = emitResult(frame, layer);
  for (const tile of tiles) emitAdd(frame, tile, result.window.rows(tile), use.postNorm);
  releaseAll(result.received);
}

function emitLogits(frame: StageFrame, layer: number, inputs: readonly Rows[]): Gather {
  const { expertCount } = expertsOf(frame.context.spec);
  const window = frame.window('router', expertCount);
  const parts = sharesOf(frame).router;
  frame.members.tiles.forEach((tile, member) => {
    const rows = parts[member]!;
    const target = slice(window.rows(tile), rows);
    frame.emitLinear(tile, `layers.${layer}.router`, { source: inputs[member]!, target, rows });
  });
  return { window, parts };
}

function emitRoute(frame: StageFrame, layer: number, logits: Window): void {
  const { router } = expertsOf(frame.context.spec);
  const bias = `layers.${layer}.router.selectionBias`;
  for (const tile of frame.members.tiles) {
    const selectionBias = router.hasSelectionBias ? tile.vector(frame.tensor(bias)) : undefined;
    const routing = routingOf(frame, tile);
    tile.emit({ op: 'route', logits: logits.rows(tile), selectionBias, routing });
  }
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
      launch: tile.launch(),
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
  const routing = routingOf(frame, tile);
  tile.emit({ op: 'expertDown', experts, routing, source, target, launch: tile.launch() });
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
    const launch = tile.launch();
    frame.emitLinear(tile, `${prefix}.gate`, { source, target: gate, rows, launch });
    frame.emitLinear(tile, `${prefix}.up`, { source, target: up, rows, launch });
    const target = slice(sharedHiddenOf(frame).rows(tile), rows);
    tile.emit({ op: 'swiglu', target, gate, up, count: rows.count });
  });
}

function sharedHiddenGather(frame: StageFrame): Gather {
  return { window: sharedHiddenOf(frame), parts: sharesOf(frame).shared };
}

/** Each member's rows of D of the shared expert's output. */
function emitSharedDown(frame: StageFrame, layer: number): void {
  const output = sharedOf(frame);
  frame.members.tiles.forEach((tile, member) => {
    const rows = sharesOf(frame).model[member]!;
    const target = slice(output.rows(tile), rows);
    const source = sharedHiddenOf(frame).rows(tile);
    frame.emitLinear(tile, `layers.${layer}.shared.down`, { source, target, rows });
  });
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
  const starts = (tile: TileBuilder): number => routingOf(frame, tile).starts;
  const rows: Gather = { window: outputs, parts: shares.experts, routed: { columns, starts } };
  const shared = hasShared(frame) ? sharedOf(frame) : undefined;
  const meeting = shared ? [rows, { window: shared, parts: shares.model }] : [rows];
  const received = gather(members, meeting);
  const window = frame.window('routed', columns.count);
  for (const tile of members.tiles) {
    emitSum(frame, tile, { outputs, sharedRows: shared?.rows(tile), window, columns });
  }
  releaseAll(received);
  return { window, received: new Map() };
}

function emitRows(frame: StageFrame, layer: number): LayerResult {
  const { members } = frame;
  const shares = sharesOf(frame);
  const hidden: Gather = { window: hiddenOf(frame), parts: shares.hidden, kind: 'slots' };
  const received = gather(members, [hidden]);
  const window = frame.window('routed', frame.context.spec.modelWidth);
  members.tiles.forEach((tile, member) => {
    const columns = shares.model[member]!;
    if (columns.count === 0) return;
    // Outputs of own columns only, side by side.
    const outputs = frame.slotWindow('experts.out', columns.count);
    emitDown(frame, member, layer, { rows: columns, target: outputs.rows(tile) });
    const sharedRows = hasShared(frame) ? slice(sharedOf(frame).rows(tile), columns) : undefined;
    emitSum(frame, tile, { outputs, sharedRows, window, columns });
  });
  releaseAll(received);
  return { window, received: gather(members, [{ window, parts: shares.model }]) };
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
  const name = 'down.sum';
  const rows = (tile: TileBuilder): Rows =>
    tile === members.tiles[0] ? sums.rows(tile) : frame.rows(tile, name, all.count);
  const total = { name, rows };
  const use = { columns: all, participantCount };
  return { window: total, received: allReduce(members, { partial: sums, inbox, total }, use) };
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

/** The shared expert's output, [T, D]. */
function sharedOf(frame: StageFrame): Window {
  return frame.window('shared', frame.context.spec.modelWidth);
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
