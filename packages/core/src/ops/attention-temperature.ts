/**
 * Attention temperature: queries grow with their position, so that long contexts stay sharp.
 *
 *     q[t] *= 1 + scale · ln(1 + floor((p + 1) / floorTokens))      p: position of token t
 */
import type { NetworkValue } from '../model/network-value.ts';
import { addCost } from './add.ts';
import { ridesAlong } from './cost.ts';
import type { OpRoom } from './op.ts';
import type { Rows } from './operands.ts';
import { rowsOf } from './step-shape.ts';

/** Multiplies queries by a factor that grows with their position, in place. */
export interface AttentionTemperatureOp {
  op: 'attention-temperature';
  target: NetworkValue;
  scale: number;
  floorTokens: number;
}

/** Multiplies the row of position p by factors[floor((p + 1) / floorTokens)]. */
export interface AttentionTemperatureInstruction {
  op: 'attention-temperature';
  target: Rows;
  floorTokens: number;
  factors: readonly number[];
}

/** The factor of a floor, in f32. */
export function attentionTemperature(scale: number, floor: number): number {
  return Math.fround(1 + scale * Math.log(1 + floor));
}

export const ATTENTION_TEMPERATURE: OpRoom<
  AttentionTemperatureOp,
  AttentionTemperatureInstruction
> = {
  flow: ({ target }) => ({ reads: [target], writes: [target], tensors: [] }),
  reference: ({ target, scale, floorTokens }, pass) => {
    const x = pass.read(target);
    for (let i = 0; i < x.length; i++) {
      const position = Math.floor(i / target.width);
      const floor = Math.floor((position + 1) / floorTokens);
      x[i] = (x[i] as number) * attentionTemperature(scale, floor);
    }
  },
  lower: ({ target, scale, floorTokens }, operands) => {
    // The position after the last decides the floor: p + 1.
    const length = Math.floor(operands.contextMax / floorTokens) + 1;
    const factors = Array.from({ length }, (_, floor) => attentionTemperature(scale, floor));
    return { op: 'attention-temperature', target: operands.rows(target), floorTokens, factors };
  },
  use: ({ target }, { step }) =>
    ridesAlong(addCost({ tokenCount: rowsOf(step), width: target.stride })),
};
