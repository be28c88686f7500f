/** Binds `attention-temperature`: rows know their positions by their segment. */
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindAttentionTemperature: Binder<'attention-temperature'> = (
  instruction,
  { step, floats },
) => {
  const { target, floorTokens, factors } = instruction;
  return compute(() => {
    for (let segment = 0; segment < step.segmentCount; segment++) {
      const first = target.address / 4 + step.segmentFirstRow(segment) * target.stride;
      const start = step.segmentStart(segment);
      for (let row = 0; row < step.segmentRowCount(segment); row++) {
        const factor = factors[Math.floor((start + row + 1) / floorTokens)]!;
        if (factor === 1) continue;
        const end = first + (row + 1) * target.stride;
        for (let i = first + row * target.stride; i < end; i++) floats[i]! *= factor;
      }
    }
  });
};
