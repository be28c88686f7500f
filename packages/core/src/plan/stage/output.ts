/**
 * The output matrices of a layer, `o` and `down`: x += matrix · input, the input spread over tiles.
 *
 *   column     input ─gather→ own rows of the matrix ─gather→ +x
 *   megatron   own columns of the matrix ─reduce→ +x
 *
 * Source of the second: Shoeybi 2019, "Megatron-LM".
 */
import type { TileBuilder } from '../builder.ts';
import { allReduce, gather, releaseAll } from '../collectives.ts';
import type { Window } from '../collectives.ts';
import type { Rows } from '../program.ts';
import type { Range } from '../shard.ts';
import type { StageFrame } from './frame.ts';

/** An output matrix, and where its input lies. */
export interface OutputUse {
  matrix: 'o' | 'down';
  input: { name: string; width: number; slices: readonly Range[] };
  /** Tensor of the norm between the matrix and x, if there is one. */
  postNorm: string | undefined;
}

/** Writes x += matrix · input into the programs. */
export function emitOutput(frame: StageFrame, layer: number, use: OutputUse): void {
  if (frame.context.options.tensor === 'column') emitGathered(frame, layer, use);
  else emitReduced(frame, layer, use);
}

function emitGathered(frame: StageFrame, layer: number, use: OutputUse): void {
  const { matrix, input } = use;
  const { modelWidth: d } = frame.context.spec;
  const inputs = frame.window(input.name, input.width);
  const outputs = frame.window(matrix, d);
  const inputChannels = gather(frame.members, [{ window: inputs, parts: input.slices }]);
  frame.members.tiles.forEach((tile, member) => {
    const rows = frame.shares.model[member]!;
    const target = frame.slice(tile, matrix, d, rows);
    frame.emitLinear(tile, `layers.${layer}.${matrix}`, {
      source: inputs.rows(tile),
      target,
      rows,
    });
  });
  releaseAll(inputChannels);
  const outputChannels = gather(frame.members, [{ window: outputs, parts: frame.shares.model }]);
  for (const tile of frame.members.tiles) {
    emitAdd(frame, tile, outputs.rows(tile), use.postNorm);
  }
  releaseAll(outputChannels);
}

function emitReduced(frame: StageFrame, layer: number, use: OutputUse): void {
  const { matrix, input } = use;
  const { modelWidth: d } = frame.context.spec;
  const all = { start: 0, count: d };
  const sums = frame.window(matrix, d);
  const participantCount = input.slices.filter((slice) => slice.count > 0).length;
  frame.members.tiles.forEach((tile, member) => {
    const columns = input.slices[member]!;
    if (columns.count === 0) return;
    frame.emitLinear(tile, `layers.${layer}.${matrix}`, {
      source: frame.slice(tile, input.name, input.width, columns),
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
  for (const tile of frame.members.tiles) emitAdd(frame, tile, total.rows(tile), use.postNorm);
  releaseAll(channels);
}

/** x += source, normed first where the model has a norm there. */
export function emitAdd(
  frame: StageFrame,
  tile: TileBuilder,
  source: Rows,
  postNorm: string | undefined,
): void {
  const added = postNorm === undefined ? source : frame.emitNorm(tile, postNorm, source);
  tile.emit({ op: 'add', target: frame.x(tile), source: added });
}
