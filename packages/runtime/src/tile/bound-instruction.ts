/**
 * What an instruction is bound to, and what it becomes.
 */
import type { ChannelPlan, Instruction, ProgramConstants, Rows, StepView } from '@wafer/core';
import type { Receiver, Sender } from '@wafer/fabric';
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
  rowsMax: number;
}

/** The instruction of an op. */
export type Of<Op extends Instruction['op']> = Extract<Instruction, { op: Op }>;
