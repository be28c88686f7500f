/**
 * What the ops of a network cost one of n chips that share it as Megatron does.
 *
 * A fold over the recipe (core/network): each op is lowered to the instruction of an even share
 * without a memory, columns of a value that is spread counting 1 / n, and costs what its room says.
 * Of experts an even routing is taken.
 */
import { lowerOp } from '@wafer/core';
import type {
  ExpertTensors,
  KvPlace,
  ModelSpec,
  NetworkOp,
  NetworkTensor,
  NetworkValue,
  Operands,
  OpUse,
  PackedMatrix,
  RoutingBuffers,
  Rows,
  StepShape,
  WeightType,
} from '@wafer/core';
import { InstructionUses } from './instruction-use.ts';

/** What decides what an op costs, beside the op. */
export interface NetworkShare {
  spec: ModelSpec;
  type: WeightType;
  chipCount: number;
  step: StepShape;
}

/** One chip's uses of ops, in order; ops of one layer, or of one end of the network. */
export function networkUses(ops: readonly NetworkOp[], share: NetworkShare): OpUse[] {
  const { spec, step } = share;
  const operands = new EvenShare(share);
  const program = ops.map((op) => lowerOp(op, operands));
  const { headWidth, rope, experts } = spec;
  const { rotaryWidth } = rope;
  const constants = { headWidth, rotaryWidth, kvType: 'f32' as const, experts };
  // Ids of tokens do not matter: a chip embeds its share of the vocabulary, all rows count.
  const { segments, logitRows } = step;
  const uses = new InstructionUses(program, { step: { segments, logitRows }, constants });
  return program.map((one) => uses.useOf(one)).filter((use) => use !== undefined);
}

const NOWHERE = 0;

/** A chip's share in exact fractions; nothing lies anywhere. */
class EvenShare implements Operands {
  readonly spec: ModelSpec;
  readonly contextMax: number;
  readonly routing: RoutingBuffers = {
    chosen: NOWHERE,
    weights: NOWHERE,
    starts: NOWHERE,
    places: NOWHERE,
    slots: NOWHERE,
    scratch: NOWHERE,
  };
  readonly #type: WeightType;
  readonly #chipCount: number;
  #ownLaunches = 0;

  constructor({ spec, type, chipCount }: NetworkShare) {
    this.spec = spec;
    this.contextMax = spec.contextMax;
    this.#type = type;
    this.#chipCount = chipCount;
  }

  count({ width, spread }: NetworkValue): number {
    return spread === 'whole' ? width : width / this.#chipCount;
  }

  tally(): undefined {}

  start(): number {
    return 0;
  }

  rows(value: NetworkValue): Rows {
    return { address: NOWHERE, stride: this.count(value) };
  }

  slice(value: NetworkValue): Rows {
    return this.whole(value);
  }

  whole({ width: stride }: NetworkValue): Rows {
    return { address: NOWHERE, stride };
  }

  inner({ width: stride }: Omit<NetworkValue, 'spread'>): Rows {
    return { address: NOWHERE, stride };
  }

  matrix(_: NetworkTensor, use: { output: NetworkValue; input: NetworkValue }): PackedMatrix {
    const [rows, columns] = [this.count(use.output), this.count(use.input)];
    return { address: NOWHERE, type: this.#type, rows, columns };
  }

  adapters(): undefined {}

  table({ rows, columns }: NetworkTensor): { matrix: PackedMatrix; firstId: number } {
    const own = { rows: rows / this.#chipCount, columns };
    return { matrix: { address: NOWHERE, type: this.#type, ...own }, firstId: 0 };
  }

  vector(): number {
    return NOWHERE;
  }

  ones(): number {
    return NOWHERE;
  }

  /** Of an even routing all chips have rows of all experts. */
  experts(experts: readonly ExpertTensors[]): readonly ExpertTensors[] {
    return experts;
  }

  kv(): KvPlace {
    return { kv: NOWHERE, kvBlockStride: 0, isInWindowPool: false };
  }

  /** Numbers of the recipe count up from 0, own ones down from -1. */
  launch(shared?: number): number {
    return shared ?? --this.#ownLaunches;
  }
}
