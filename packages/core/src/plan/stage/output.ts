/**
 * The output matrices of a layer, `o` and `down`: x += matrix · input, the input spread over tiles.
 *
 *   column     input ─gather→ own rows of the matrix ─gather→ +x
 *   megatron   own columns of the matrix ─reduce→ +x
 *
 * Source of the second: Shoeybi 2019, "Megatron-LM".
 */
import { assert } from '../../errors.ts';
import type { NetworkOp, NetworkOpOf } from '../../ops/ops.ts';
import type { TileBuilder } from '../builder.ts';
import { allReduce, gather, releaseAll } from '../collectives.ts';
import type { Window } from '../collectives.ts';
import type { Rows } from '../../ops/operands.ts';
import type { StageFrame } from './frame.ts';

/** A linear layer whose inputs are spread and whose outputs everyone needs. */
type OutputOp = NetworkOpOf<'linear'>;

/** Whether an op is the matrix at which results of tiles meet. */
export function isOutput(op: NetworkOp): op is OutputOp {
  return op.op === 'linear' && op.input.spread !== 'whole' && op.output.spread === 'whole';
}

/** Writes x += matrix · input into the programs; `after` are the norm, if any, and the sum. */
export function emitOutput(frame: StageFrame, op: OutputOp, after: readonly NetworkOp[]): void {
  if (frame.context.options.tensor === 'column') emitGathered(frame, op, after);
  else emitReduced(frame, op, after);
}

function emitGathered(frame: StageFrame, op: OutputOp, after: readonly NetworkOp[]): void {
  const inputs = frame.valueWindow(op.input);
  const outputs = frame.valueWindow(op.output);
  const parts = frame.members.tiles.map((_, member) => frame.share(op.input.spread, member));
  const inputChannels = gather(frame.members, [{ window: inputs, parts }]);
  frame.members.tiles.forEach((tile, member) => {
    const rows = frame.shares.model[member]!;
    const target = frame.slice(tile, op.output, rows);
    frame.emitLinear(tile, op, { source: inputs.rows(tile), target, rows });
  });
  releaseAll(inputChannels);
  const outputChannels = gather(frame.members, [{ window: outputs, parts: frame.shares.model }]);
  for (const tile of frame.members.tiles) emitAdd(frame, tile, outputs.rows(tile), after);
  releaseAll(outputChannels);
}

function emitReduced(frame: StageFrame, op: OutputOp, after: readonly NetworkOp[]): void {
  const { name: matrix, width: d } = op.output;
  const all = { start: 0, count: d };
  const sums = frame.valueWindow(op.output);
  let participantCount = 0;
  frame.members.tiles.forEach((tile, member) => {
    const columns = frame.share(op.input.spread, member);
    if (columns.count === 0) return;
    participantCount++;
    frame.emitLinear(tile, op, {
      source: frame.slice(tile, op.input, columns),
      target: sums.rows(tile),
      rows: all,
      columns,
      // Only the first part adds the bias, so that the sum has it once.
      isBiased: member === 0,
    });
  });
  const inbox = (tile: TileBuilder, level: number): Rows =>
    frame.rows(tile, `${matrix}.level${level}`, d);
  const root = frame.members.tiles[0];
  const total: Window = {
    name: `${matrix}.sum`,
    rows: (tile) => (tile === root ? sums.rows(tile) : frame.rows(tile, `${matrix}.sum`, d)),
  };
  const reduced = { columns: all, participantCount };
  const channels = allReduce(frame.members, { partial: sums, inbox, total }, reduced);
  for (const tile of frame.members.tiles) emitAdd(frame, tile, total.rows(tile), after);
  releaseAll(channels);
}

/** x += source, normed first where the model has a norm there. */
export function emitAdd(
  frame: StageFrame,
  tile: TileBuilder,
  source: Rows,
  after: readonly NetworkOp[],
): void {
  let added = source;
  for (const op of after) {
    if (op.op === 'norm' && op.gain) added = frame.emitNorm(tile, op.gain, added);
    else assert(op.op === 'add', 'a result is normed and added', { op: op.op });
  }
  tile.emit({ op: 'add', target: frame.x(tile), source: added });
}
