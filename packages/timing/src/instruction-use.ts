/**
 * What each instruction of a tile's program costs in a step.
 *
 * Kernels are fused as serving stacks and wafer compilers do: q, k and v are one launch, gate and
 * up another; norms, rotations and sums ride along. Arithmetic and bytes are counted all the same;
 * what an op costs is said in its room (core/ops).
 */
import { leadersOf, useOfInstruction } from '@wafer/core';
import type { Instruction, OpUse, UseContext } from '@wafer/core';

/** Costs of the instructions of one tile in one step. */
export class InstructionUses {
  readonly #context: UseContext;
  /** Instructions that begin a launch: they pay its floor. */
  readonly #leaders: ReadonlySet<Instruction>;

  constructor(program: readonly Instruction[], context: UseContext) {
    this.#context = context;
    this.#leaders = leadersOf(program);
  }

  /** The op of an instruction; undefined for those that only wait or hand on. */
  useOf(instruction: Instruction): OpUse | undefined {
    const use = useOfInstruction(instruction, this.#context);
    const rides = 'launch' in instruction && !this.#leaders.has(instruction);
    return use && rides ? { ...use, floor: 'none' } : use;
  }
}
