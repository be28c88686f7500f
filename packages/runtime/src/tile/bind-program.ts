/**
 * Binds the instructions of a tile's programs to its memory, kernels and channels.
 *
 * Each becomes an object with two methods: `isReady`, which only channels can deny, and `run`. All
 * addresses are resolved here, once, so that walking the program allocates nothing.
 */
import { PROGRAM_NAMES } from '@wafer/core';
import type { Instruction, Programs } from '@wafer/core';
import type { Binder, BoundInstruction, TileParts } from './bound-instruction.ts';
import { bindAdd } from './ops/add.ts';
import { bindAttend } from './ops/attend.ts';
import { bindAttentionTemperature } from './ops/attention-temperature.ts';
import { bindReceive, bindRelease, bindSend } from './ops/channels.ts';
import { bindEmbed } from './ops/embed.ts';
import { bindExpertSum } from './ops/expert-sum.ts';
import { bindExpertDown, bindExpertHidden } from './ops/experts.ts';
import { bindLinear } from './ops/linear.ts';
import { bindLogits } from './ops/logits.ts';
import { bindNorm } from './ops/norm.ts';
import { bindRope } from './ops/rope.ts';
import { bindRoute } from './ops/route.ts';
import { bindSwiglu } from './ops/swiglu.ts';

const BINDERS: { readonly [Op in Instruction['op']]: Binder<Op> } = {
  add: bindAdd,
  attend: bindAttend,
  'attention-temperature': bindAttentionTemperature,
  embed: bindEmbed,
  expertDown: bindExpertDown,
  expertHidden: bindExpertHidden,
  expertSum: bindExpertSum,
  linear: bindLinear,
  logits: bindLogits,
  norm: bindNorm,
  receive: bindReceive,
  release: bindRelease,
  rope: bindRope,
  route: bindRoute,
  send: bindSend,
  swiglu: bindSwiglu,
};

/** One instruction, bound. */
export function bindInstruction(instruction: Instruction, parts: TileParts): BoundInstruction {
  // Binders and instructions come in pairs, by their name.
  const binder = BINDERS[instruction.op] as Binder<Instruction['op']>;
  return binder(instruction, parts);
}

/** The bound programs of a tile, by their numbers; what is in several of them is bound once. */
export function bindPrograms(programs: Programs, parts: TileParts): BoundInstruction[][] {
  const known = new Map<Instruction, BoundInstruction>();
  const bind = (instruction: Instruction): BoundInstruction => {
    const bound = known.get(instruction) ?? bindInstruction(instruction, parts);
    known.set(instruction, bound);
    return bound;
  };
  return PROGRAM_NAMES.map((name) => programs[name].map(bind));
}
