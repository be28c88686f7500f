/**
 * The layers of one pipeline stage, written into the programs of its group of tiles.
 *
 * The two tensor plans differ only in how the output matrices (`o`, `down`) are cut and their
 * results meet (output.ts):
 *
 *   column     attention ─gather→ o ─gather→ +x      swiglu ─gather→ down ─gather→ +x
 *   megatron   attention → o[:, own] ─reduce→ +x     swiglu → down[:, own] ─reduce→ +x
 */
import { layerOf } from '../../model/spec.ts';
import type { Members } from '../collectives.ts';
import type { TileBuilder } from '../builder.ts';
import type { Rows } from '../program.ts';
import type { Range } from '../shard.ts';
import { emitAttention } from './attention.ts';
import { emitHidden } from './dense.ts';
import { emitExperts } from './experts.ts';
import { StageFrame } from './frame.ts';
import { emitOutput } from './output.ts';
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
    const frame = this.#frame;
    const { headCount, headWidth, ffnWidth, hasPostNorms } = frame.context.spec;
    const { attention, hidden } = frame.shares;
    const postNorm = (name: string): string | undefined =>
      hasPostNorms ? `layers.${layer}.${name}` : undefined;
    emitAttention(frame, layer);
    emitOutput(frame, layer, {
      matrix: 'o',
      input: { name: 'attention', width: headCount * headWidth, slices: attention },
      postNorm: postNorm('attentionPostNorm'),
    });
    if (layerOf(frame.context.spec, layer).ffn === 'experts') {
      emitExperts(frame, layer, { postNorm: postNorm('ffnPostNorm') });
      return;
    }
    emitHidden(frame, layer);
    emitOutput(frame, layer, {
      matrix: 'down',
      input: { name: 'hidden', width: ffnWidth, slices: hidden },
      postNorm: postNorm('ffnPostNorm'),
    });
  }

  /** The residual rows of a tile. */
  x(tile: TileBuilder): Rows {
    return this.#frame.x(tile);
  }
}
