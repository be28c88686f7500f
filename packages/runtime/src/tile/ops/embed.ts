/** Binds `embed`: rows of own tokens, which the `send` after it hands on. */
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindEmbed: Binder<'embed'> = (instruction, parts) => {
  const { kernels, step, owned } = parts;
  const { table, firstId, target } = instruction;
  const embed = kernels.embed[table.type];
  return compute(() => {
    let count = 0;
    for (let row = 0; row < step.rowCount; row++) {
      const index = step.token(row) - firstId;
      if (index < 0 || index >= table.rows) continue;
      embed(target.address + row * target.stride * 4, table.address, index, table.columns);
      owned.indices[count++] = row;
    }
    owned.count = count;
  });
};
