/**
 * All ops: what a network is made of, and what programs of tiles are made of.
 *
 * A program is a flat list that a tile walks once per step, top to bottom. Instructions with the
 * same `launch` are one kernel on machines that fuse; those without an id ride along with the
 * kernel before them. A new op is a room, and its lines here.
 */
import type { NetworkTensor } from '../model/network-tensors.ts';
import { ADD, type AddInstruction, type AddOp } from './add.ts';
import { ATTEND, type AttendInstruction, type AttendOp } from './attend.ts';
import {
  ATTENTION_TEMPERATURE,
  type AttentionTemperatureInstruction,
  type AttentionTemperatureOp,
} from './attention-temperature.ts';
import type { ChannelInstruction } from './channels.ts';
import type { OpUse } from './cost.ts';
import { EMBED, type EmbedInstruction, type EmbedOp } from './embed.ts';
import { EXPERT_SUM, type ExpertSumInstruction, type ExpertSumOp } from './expert-sum.ts';
import { EXPERT_DOWN, type ExpertDownInstruction, type ExpertDownOp } from './experts.ts';
import { EXPERT_HIDDEN, type ExpertHiddenInstruction, type ExpertHiddenOp } from './experts.ts';
import { LINEAR, type LinearInstruction, type LinearOp } from './linear.ts';
import { LOGITS, type LogitsInstruction, type LogitsOp } from './logits.ts';
import type { OpFlow, Operands, OpRoom, ReferencePass, UseContext } from './op.ts';
import { NORM, type NormInstruction, type NormOp } from './rms-norm.ts';
import { ROPE, type RopeInstruction, type RopeOp } from './rope.ts';
import { ROUTE, type RouteInstruction, type RouteOp } from './route.ts';
import { SWIGLU, type SwigluInstruction, type SwigluOp } from './swiglu.ts';

/** One op of a network: the values that it reads and writes, and its tensors. */
export type NetworkOp =
  | AddOp
  | AttendOp
  | AttentionTemperatureOp
  | EmbedOp
  | ExpertDownOp
  | ExpertHiddenOp
  | ExpertSumOp
  | LinearOp
  | LogitsOp
  | NormOp
  | RopeOp
  | RouteOp
  | SwigluOp;

/** The instruction of an op. */
export type ComputeInstruction =
  | AddInstruction
  | AttendInstruction
  | AttentionTemperatureInstruction
  | EmbedInstruction
  | ExpertDownInstruction
  | ExpertHiddenInstruction
  | ExpertSumInstruction
  | LinearInstruction
  | LogitsInstruction
  | NormInstruction
  | RopeInstruction
  | RouteInstruction
  | SwigluInstruction;

/** One instruction of a tile's program. */
export type Instruction = ComputeInstruction | ChannelInstruction;

/** The op of a name. */
export type NetworkOpOf<Op extends NetworkOp['op']> = Extract<NetworkOp, { op: Op }>;

/** The instruction of a name. */
export type InstructionOf<Op extends Instruction['op']> = Extract<Instruction, { op: Op }>;

type Rooms = {
  readonly [Op in NetworkOp['op']]: OpRoom<NetworkOpOf<Op>, InstructionOf<Op>>;
};

/** The room of each op. */
export const OPS: Rooms = {
  add: ADD,
  attend: ATTEND,
  'attention-temperature': ATTENTION_TEMPERATURE,
  embed: EMBED,
  expertDown: EXPERT_DOWN,
  expertHidden: EXPERT_HIDDEN,
  expertSum: EXPERT_SUM,
  linear: LINEAR,
  logits: LOGITS,
  norm: NORM,
  rope: ROPE,
  route: ROUTE,
  swiglu: SWIGLU,
};

/** A room as whoever has any op sees it: rooms and ops come in pairs, by their name. */
type AnyRoom = OpRoom<NetworkOp, ComputeInstruction>;

function roomOf(op: NetworkOp['op']): AnyRoom {
  return OPS[op] as unknown as AnyRoom;
}

/** Whether an instruction hands rows on, or waits for some. */
export function isChannelInstruction(instruction: Instruction): instruction is ChannelInstruction {
  return 'channels' in instruction;
}

/** What an op reads and writes, and its tensors. */
export function flowOf(op: NetworkOp): OpFlow {
  return roomOf(op.op).flow(op);
}

/** The tensors of an op, in the order in which it needs them. */
export function tensorsOfOp(op: NetworkOp): NetworkTensor[] {
  return flowOf(op).tensors.filter((tensor) => tensor !== undefined);
}

/** Runs an op with its plain reference. */
export function runReference(op: NetworkOp, pass: ReferencePass): void {
  roomOf(op.op).reference(op, pass);
}

/** The instruction that computes a share of an op. */
export function lowerOp(op: NetworkOp, operands: Operands): ComputeInstruction {
  return roomOf(op.op).lower(op, operands);
}

/** What an instruction costs in a step; undefined for those that wait, hand on, or do nothing. */
export function useOfInstruction(instruction: Instruction, context: UseContext): OpUse | undefined {
  if (isChannelInstruction(instruction)) return undefined;
  return roomOf(instruction.op).use(instruction, context);
}

/** The first instruction of every launch: it pays the floor, the others ride along. */
export function leadersOf(program: readonly Instruction[]): Set<Instruction> {
  const byLaunch = new Map<number, Instruction>();
  for (const instruction of program) {
    if (!('launch' in instruction) || byLaunch.has(instruction.launch)) continue;
    byLaunch.set(instruction.launch, instruction);
  }
  return new Set(byLaunch.values());
}

/** What an instruction is called, for people: its op, shapes and types. */
export function labelOf(instruction: Instruction): string {
  if (isChannelInstruction(instruction)) return instruction.op;
  const label = roomOf(instruction.op).label?.(instruction);
  return label === undefined ? instruction.op : `${instruction.op} ${label}`;
}
