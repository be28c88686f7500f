/**
 * The layers of one pipeline stage, written into the programs of its group of tiles.
 *
 * The recipe (network/network.ts) says
 * what a layer computes; here its ops are placed. The two tensor
 * plans differ only in how the output matrices (`o`, `down`) are cut and their results meet:
 *
 *   column     attention ─gather→ o ─gather→ +x      swiglu ─gather→ down ─gather→ +x
 *   megatron   attention → o[:, own] ─reduce→ +x     swiglu → down[:, own] ─reduce→ +x
 */
import { assert } from '../../errors.ts';
import type { NetworkOp } from '../../ops/ops.ts';
import type { Members } from '../collectives.ts';
import type { TileBuilder } from '../builder.ts';
import type { Rows } from '../../ops/operands.ts';
import type { Range } from '../shard.ts';
import { emitExperts } from './experts.ts';
import { StageFrame } from './frame.ts';
import { emitLocal } from './local.ts';
import { emitOutput, isOutput } from './output.ts';
import type { StageContext, StageShares } from './shares.ts';

/** Writes layers [start, start + count) into the programs. `x` holds the residual rows. */
export class StageBuilder {
  readonly #frame: StageFrame;

  constructor(context: StageContext, members: Members, layers: Range) {
    this.#frame = new StageFrame(context, members, layers);
  }

  get shares(): StageShares {
    return this.#frame.shares;
  }

  /** Experts that are whole on a member. */
  experts(member: number): Range {
    const { context, expertShares } = this.#frame;
    const own = context.options.experts === 'whole' ? expertShares?.experts[member] : undefined;
    return own ?? { start: 0, count: 0 };
  }

  emitLayer(layer: number): void {
    const ops = this.#frame.context.network.layers[layer]!;
    const { spec } = this.#frame.context;
    const [attention, ...rest] = blocksOf(ops);
    const end = (): void => {
      this.#emitEnd(attention!);
      for (const block of rest) {
        if (block.some(({ op }) => op === 'route')) emitExperts(this.#frame, block);
        else this.#emitBlock(block);
      }
    };
    assert(
      rest.flat().every(({ op }) => op !== 'attend'),
      'a layer attends first',
      { layer },
    );
    this.#emitStart(attention!);
    // Nothing but outputs depends on what the last layer makes of its attention.
    if (layer < spec.layerCount - 1) end();
    else this.#frame.members.open.only('infer', end);
  }

  /** The residual rows of a tile. */
  x(tile: TileBuilder): Rows {
    return this.#frame.x(tile);
  }

  #emitBlock(block: readonly NetworkOp[]): void {
    this.#emitStart(block);
    this.#emitEnd(block);
  }

  /** Own shares, up to the matrix whose results meet. */
  #emitStart(block: readonly NetworkOp[]): void {
    const place = block.findIndex(isOutput);
    const output = block.find(isOutput)!;
    const frame = this.#frame;
    frame.members.tiles.forEach((_, member) => {
      if (frame.share(output.input.spread, member).count === 0) return;
      emitLocal(frame, member, block.slice(0, place));
    });
  }

  /** The matrix whose results meet, then the sum. */
  #emitEnd(block: readonly NetworkOp[]): void {
    emitOutput(this.#frame, block.find(isOutput)!, block.slice(block.findIndex(isOutput) + 1));
  }
}

/** Ops between residual sums, each block with the sum that ends it. */
function blocksOf(ops: readonly NetworkOp[]): NetworkOp[][] {
  const blocks: NetworkOp[][] = [[]];
  for (const op of ops) {
    blocks.at(-1)!.push(op);
    if (op.op === 'add') blocks.push([]);
  }
  return blocks.filter((block) => block.length > 0);
}
