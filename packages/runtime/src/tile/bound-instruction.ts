/**
 * What an instruction is bound to, and what it becomes.
 */
import type {
  ChannelPlan,
  Instruction,
  InstructionOf,
  ProgramConstants,
  Rows,
  StepView,
} from '@wafer/core';
import type { MessageRows, Receiver, Sender } from '@wafer/fabric';
import type { Kernels } from '@wafer/kernels';

/** An instruction that a tile can run. */
export interface BoundInstruction {
  /** `send` and `receive` are timed apart from compute. */
  readonly kind: 'compute' | 'send' | 'receive';
  isReady(): boolean;
  run(): void;
  /** Index of the channel that is not ready. */
  blockedOn(): number;
}

/** What instructions work on. */
export interface TileParts {
  kernels: Kernels;
  step: StepView;
  constants: ProgramConstants;
  /** Views of the SRAM. */
  floats: Float32Array;
  integers: Int32Array;
  senders: ReadonlyMap<number, Sender>;
  receivers: ReadonlyMap<number, Receiver>;
  /** Channels of the tile, by index. */
  channels: ReadonlyMap<number, ChannelPlan>;
  /** Hands `rowCount` rows of logits to the host, and reports. */
  reportLogits(logits: Rows, rowCount: number, firstId: number, count: number): void;
  /** Rows whose tokens this tile owns: filled by `embed`, sent by the `send` after it. */
  owned: MessageRows & { indices: Int32Array };
}

/** Binds the instructions of one op: addresses and kernels are resolved here, once. */
export type Binder<Op extends Instruction['op']> = (
  instruction: InstructionOf<Op>,
  parts: TileParts,
) => BoundInstruction;

/** An instruction that no channel keeps waiting. */
export function compute(run: () => void): BoundInstruction {
  return { kind: 'compute', isReady: () => true, run, blockedOn: () => -1 };
}
