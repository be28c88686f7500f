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
import type { NetworkTensor } from '../../model/network-tensors.ts';
import type { NetworkValue } from '../../model/network-value.ts';
import type { NetworkOp, NetworkOpOf } from '../../ops/ops.ts';
import { expertsOf } from '../../model/tensors.ts';
import type { TileBuilder } from '../builder.ts';
import { allReduce, gather, releaseAll } from '../collectives.ts';
import type { Gather, Window } from '../collectives.ts';
import type { ExpertDown } from '../../ops/experts.ts';
import type { Rows } from '../../ops/operands.ts';
import type { Range } from '../shard.ts';
import type { ExpertShares } from './expert-shares.ts';
import { columnsOf } from './frame.ts';
import type { StageFrame } from './frame.ts';
import { emitLocal } from './local.ts';
import { emitAdd } from './output.ts';

/** Where the result of a layer is, and the channels to release once it is read. */
interface LayerResult {
  window: Window;
  received: ReadonlyMap<TileBuilder, number[]>;
}

/** The ops of a layer of experts, by what they do. */
interface ExpertBlock {
  norm: NetworkTensor;
  router: NetworkOpOf<'linear'>;
  route: NetworkOpOf<'route'>;
  hidden: NetworkOpOf<'expertHidden'>;
  down: NetworkOpOf<'expertDown'>;
  sum: NetworkOpOf<'expertSum'>;
  /** Of the shared expert, if there is one: up to its hidden columns, and its last matrix. */
  shared:
    | { local: readonly NetworkOp[]; hidden: NetworkValue; down: NetworkOpOf<'linear'> }
    | undefined;
  /** The norm of the result, if there is one, and the residual sum. */
  after: readonly NetworkOp[];
}

/** Writes x += experts(norm(x)) into the programs. */
export function emitExperts(frame: StageFrame, ops: readonly NetworkOp[]): void {
  const block = blockOf(ops);
  const { tiles } = frame.members;
  const inputs = tiles.map((tile) => frame.emitNorm(tile, block.norm, frame.x(tile)));
  const logits = emitLogits(frame, block, inputs);
  const { shared } = block;
  if (shared) {
    tiles.forEach((_, member) => {
      if (sharesOf(frame).shared[member]!.count > 0) emitLocal(frame, member, shared.local);
    });
  }
  // Logits and the shared expert's hidden columns meet once.
  const meeting = [logits];
  const isShared = shared !== undefined && frame.context.options.tensor === 'column';
  if (isShared) {
    meeting.push({ window: frame.valueWindow(shared.hidden), parts: sharesOf(frame).shared });
  }
  const received = gather(frame.members, meeting);
  emitRoute(frame, block);
  emitHidden(frame, block);
  if (isShared) emitSharedDown(frame, shared.down);
  releaseAll(received);
  const result = emitResult(frame, block);
  for (const tile of tiles) emitAdd(frame, tile, result.window.rows(tile), block.after);
  releaseAll(result.received);
}

function blockOf(ops: readonly NetworkOp[]): ExpertBlock {
  const only = <Op extends NetworkOp['op']>(name: Op): NetworkOpOf<Op> => {
    const [found] = ops.filter((op): op is NetworkOpOf<Op> => op.op === name);
    assert(found !== undefined, 'a layer of experts has the op', { op: name });
    return found;
  };
  const norm = only('norm').gain;
  const sum = only('expertSum');
  const route = only('route');
  const linears = ops.filter((op) => op.op === 'linear');
  const router = linears.find(({ output }) => output === route.logits);
  assert(norm !== undefined && router !== undefined, 'a router has normed inputs', {});
  const down = linears.find(({ output }) => output === sum.shared);
  const local = ops.filter(
    (one) => (one.op === 'linear' || one.op === 'swiglu') && one.output.spread === 'shared',
  );
  const shared = down && { local, hidden: down.input, down };
  const after = ops.slice(ops.indexOf(sum) + 1);
  const [hidden, expertDown] = [only('expertHidden'), only('expertDown')];
  return { norm, router, route, hidden, down: expertDown, sum, shared, after };
}

function emitLogits(frame: StageFrame, { router }: ExpertBlock, inputs: readonly Rows[]): Gather {
  const window = frame.valueWindow(router.output);
  const parts = sharesOf(frame).router;
  frame.members.tiles.forEach((tile, member) => {
    const rows = parts[member]!;
    const target = columnsOf(window.rows(tile), rows);
    frame.emitLinear(tile, router, { source: inputs[member]!, target, rows });
  });
  return { window, parts };
}

function emitRoute(frame: StageFrame, { route }: ExpertBlock): void {
  frame.members.tiles.forEach((_, member) => emitLocal(frame, member, [route]));
}

function emitHidden(frame: StageFrame, { hidden }: ExpertBlock): void {
  const shares = sharesOf(frame);
  frame.members.tiles.forEach((_, member) => {
    if (shares.experts[member]!.count === 0 || shares.hidden[member]!.count === 0) return;
    emitLocal(frame, member, [hidden]);
  });
}

/** Outputs of a member's experts: these rows of `down`, from these of its columns. */
function emitDown(
  frame: StageFrame,
  member: number,
  op: NetworkOpOf<'expertDown'>,
  use: { rows: Range; columns?: Range; target: Rows; isBiased?: boolean },
): void {
  const tile = frame.members.tiles[member]!;
  const { rows, columns, target, isBiased = true } = use;
  const { start, count } = frame.ownExperts(member);
  const own = op.experts.slice(start, start + count);
  const experts = own.map(({ expert, down, downBias }): ExpertDown => {
    const bias = isBiased ? downBias : undefined;
    const adapters = frame.adapterSlots(tile, down, { rows, columns });
    return {
      expert,
      down: tile.matrix(frame.tensor(down), rows, columns)!,
      bias: bias && tile.vector(frame.tensor(bias), rows),
      ...(adapters && { adapters }),
    };
  });
  if (experts.length === 0) return;
  const source = columnsOf(hiddenOf(frame).rows(tile), columns ?? { start: 0 });
  const routing = frame.routing(tile);
  tile.emit({ op: 'expertDown', experts, routing, source, target, launch: tile.launch() });
}

// ---- the shared expert

/** Each member's rows of D of the shared expert's output. */
function emitSharedDown(frame: StageFrame, op: NetworkOpOf<'linear'>): void {
  const [input, output] = [frame.valueWindow(op.input), frame.valueWindow(op.output)];
  frame.members.tiles.forEach((tile, member) => {
    const rows = sharesOf(frame).model[member]!;
    const target = columnsOf(output.rows(tile), rows);
    frame.emitLinear(tile, op, { source: input.rows(tile), target, rows });
  });
}

// ---- where results meet

function emitResult(frame: StageFrame, block: ExpertBlock): LayerResult {
  const { tensor, experts } = frame.context.options;
  if (tensor === 'megatron') return emitReduced(frame, block);
  return experts === 'whole' ? emitWhole(frame, block) : emitRows(frame, block);
}

function emitWhole(frame: StageFrame, { down, sum }: ExpertBlock): LayerResult {
  const { members, context } = frame;
  const shares = sharesOf(frame);
  const columns = { start: 0, count: context.spec.modelWidth };
  const outputs = frame.slotWindow('experts.out', columns.count);
  members.tiles.forEach((tile, member) => {
    emitDown(frame, member, down, { rows: columns, target: outputs.rows(tile) });
  });
  const starts = (tile: TileBuilder): number => frame.routing(tile).starts;
  const rows: Gather = { window: outputs, parts: shares.experts, routed: { columns, starts } };
  const shared = sum.shared && frame.valueWindow(sum.shared);
  const meeting = shared ? [rows, { window: shared, parts: shares.model }] : [rows];
  const received = gather(members, meeting);
  const window = frame.window('routed', columns.count);
  for (const tile of members.tiles) {
    emitSum(frame, tile, { outputs, sharedRows: shared?.rows(tile), window, columns });
  }
  releaseAll(received);
  return { window, received: new Map() };
}

function emitRows(frame: StageFrame, { down, sum }: ExpertBlock): LayerResult {
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
    emitDown(frame, member, down, { rows: columns, target: outputs.rows(tile) });
    const sharedRows = sum.shared && frame.slice(tile, sum.shared, columns);
    emitSum(frame, tile, { outputs, sharedRows, window, columns });
  });
  releaseAll(received);
  return { window, received: gather(members, [{ window, parts: shares.model }]) };
}

function emitReduced(frame: StageFrame, { down, shared: sharedExpert }: ExpertBlock): LayerResult {
  const { members, context } = frame;
  const shares = sharesOf(frame);
  const all = { start: 0, count: context.spec.modelWidth };
  const outputs = frame.slotWindow('experts.out', all.count);
  const sums = frame.window('down', all.count);
  members.tiles.forEach((tile, member) => {
    const columns = shares.hidden[member]!;
    if (columns.count === 0) return;
    const target = outputs.rows(tile);
    emitDown(frame, member, down, { rows: all, columns, target, isBiased: member === 0 });
    const sharedRows = sharedExpert && emitSharedPart(frame, sharedExpert.down, member);
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
function emitSharedPart(
  frame: StageFrame,
  op: NetworkOpOf<'linear'>,
  member: number,
): Rows | undefined {
  const tile = frame.members.tiles[member]!;
  const columns = sharesOf(frame).shared[member]!;
  if (columns.count === 0) return undefined;
  const target = frame.value(tile, op.output);
  const source = frame.slice(tile, op.input, columns);
  const rows = { start: 0, count: op.output.width };
  frame.emitLinear(tile, op, { source, target, rows, columns });
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
    target: columnsOf(window.rows(tile), columns),
    source: outputs.rows(tile),
    routing: frame.routing(tile),
    shared,
    count: columns.count,
  });
}

// ---- buffers

/** Hidden rows of all slots, [T * k, expertWidth]. */
function hiddenOf(frame: StageFrame): Window {
  return frame.slotWindow('experts.hidden', expertsOf(frame.context.spec).expertWidth);
}

function sharesOf({ expertShares }: StageFrame): ExpertShares {
  assert(expertShares !== undefined, 'a layer of experts has shares of them', {});
  return expertShares;
}
