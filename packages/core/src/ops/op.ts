/**
 * The room of an op: what the whole system has to know of it, in one record beside its math.
 *
 *     network op ─lower→ instruction of a tile ─use→ cost        (plans, clocks, closed forms)
 *         ├─ flow        what it reads, writes and has learned   (checks, tables, writers)
 *         ├─ reference   its plain result                        (golden bits)
 *         └─ backward    its gradients                           (training)
 *
 * A tile's kernels are bound in the runtime, one file per op too. Nothing here knows tiles or
 * threads: operands say which columns of a value are meant, and where they lie.
 */
import type { ExpertTensors, NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import type { ModelSpec } from '../model/spec.ts';
import type { OpUse } from './cost.ts';
import type { Rounding } from './fma.ts';
import type { LowRankChange, LowRankPlace } from './low-rank.ts';
import type { KvPlace, PackedMatrix, ProgramConstants, RoutingBuffers, Rows } from './operands.ts';
import type { ExpertRows, Routing } from './routing.ts';
import type { StepShape } from './step-shape.ts';
import type { StoredMatrix } from './weights.ts';

/** What flows through an op; `tensors` in the order in which it needs them. */
export interface OpFlow {
  reads: readonly NetworkValue[];
  writes: readonly NetworkValue[];
  tensors: readonly (NetworkTensor | undefined)[];
}

/** Where the reference finds what a model has learned, by canonical name. */
export interface ReferenceTensors {
  matrix(name: string): StoredMatrix;
  /** The low-rank change of a matrix, if an adapter has one; absent: none has. */
  change?(name: string): LowRankChange | undefined;
  vector(name: string): Float32Array;
}

/** A plain forward pass under way: one sequence, all its tokens in one step, values whole. */
export interface ReferencePass {
  readonly spec: ModelSpec;
  readonly rounding: Rounding;
  readonly tokens: Int32Array;
  readonly tensors: ReferenceTensors;
  /** The rows of a value that was written before, [T, width]. */
  read(value: NetworkValue): Float32Array;
  /** New rows of a value, zeros: one per token, or per token and chosen expert. */
  create(value: NetworkValue): Float32Array;
  /** What the router decided; it is written before it is read. */
  routing: Routing & ExpertRows;
}

/** Gradients of a plain pass that has run: of the loss, by each value and each tensor. */
export interface BackwardPass extends ReferencePass {
  /** By a value: what later ops have added up so far, [T, width]. */
  gradient(value: NetworkValue): Float32Array;
  /** By a tensor, [rows, columns]; what an op adds counts. */
  tensorGradient(tensor: NetworkTensor): Float32Array;
}

/** A share of the values and tensors of a network: which columns, and where they lie. */
export interface Operands {
  readonly spec: ModelSpec;
  /** Positions of the longest sequence. */
  readonly contextMax: number;
  /** How many columns of a value are own. */
  count(value: NetworkValue): number;
  /** The first of them. */
  start(value: NetworkValue): number;
  /** Own columns side by side. */
  rows(value: NetworkValue): Rows;
  /** Own columns of a window that is as wide as the whole. */
  slice(value: NetworkValue): Rows;
  /** All columns of a value, each tile's. */
  whole(value: NetworkValue): Rows;
  /** Rows that only the instruction itself uses. */
  inner(value: Omit<NetworkValue, 'spread'>): Rows;
  /** A matrix: rows by what it puts out, columns by what it takes. */
  matrix(tensor: NetworkTensor, use: { output: NetworkValue; input: NetworkValue }): PackedMatrix;
  /** Where adapters of a matrix have their slots; undefined where they have none. */
  adapters(
    tensor: NetworkTensor,
    use: { output: NetworkValue; input: NetworkValue },
  ): LowRankPlace | undefined;
  /** Own rows of a table of the vocabulary, if any: tokens from `firstId` on. */
  table(tensor: NetworkTensor): { matrix: PackedMatrix | undefined; firstId: number };
  /** The elements of a vector that belong to `count` units from `start` on; default: all. */
  vector(tensor: NetworkTensor, units?: { start: number; count: number }): number;
  /** A vector of ones. */
  ones(count: number): number;
  /** Those experts that are own. */
  experts(experts: readonly ExpertTensors[]): readonly ExpertTensors[];
  readonly routing: RoutingBuffers;
  /** Where rows of a layer's experts are counted; undefined where another tile counts them. */
  tally(layer: number): number | undefined;
  kv(layer: number): KvPlace;
  /** A launch that this op shares with others of the same number, or one of its own. */
  launch(shared?: number): number;
}

/** What the cost of an instruction depends on beside itself. */
export interface UseContext {
  step: StepShape;
  constants: Pick<ProgramConstants, 'headWidth' | 'rotaryWidth' | 'kvType' | 'experts'>;
}

/** What there is to know of an op. */
export interface OpRoom<Op extends { op: string }, Lowered extends { op: string }> {
  flow(op: Op): OpFlow;
  /** Computes what it writes from what it reads. */
  reference(op: Op, pass: ReferencePass): void;
  /** The instruction that computes a share of it. */
  lower(op: Op, operands: Operands): Lowered;
  /** What an instruction costs in a step; undefined where it does nothing. */
  use(instruction: Lowered, context: UseContext): OpUse | undefined;
  /** What an instruction is called beside its op, for people: shapes, types. */
  label?(instruction: Lowered): string;
  /**
   * Reads the gradients of what the op wrote, and adds to those of what it read and of its
   * tensors. An op that writes in place turns the gradient of its target into that of before.
   * Absent: the op has no gradient yet, and a pass that meets it refuses.
   */
  backward?(op: Op, pass: BackwardPass): void;
}
