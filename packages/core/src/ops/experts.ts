/**
 * The matrices of experts: each computes the rows of the tokens that chose it, side by side.
 *
 *     expertHidden   y = activation(gate · x, up · x)      expertDown   y = down · x
 *
 * What a step asks of experts whose choice is not known: an even routing. Each token chooses each
 * expert with probability k / E, whatever others choose. So of T tokens an expert gets T · k / E
 * rows on average, and its matrices are read with probability 1 - (1 - k / E)^T: a token alone
 * reads exactly k experts. Tiles with whole experts share that evenly, which a step of few tokens
 * does not do: real ones wait for the busiest. Letters: T tokens, E experts, k chosen.
 */
import { assert } from '../errors.ts';
import type { ExpertTensors, NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import type { ExpertSpec, WeightType } from '../model/spec.ts';
import { expertsOf } from '../model/tensors.ts';
import type { OpCost, OpUse } from './cost.ts';
import { sumCosts } from './cost.ts';
import { gatherRows } from './expert-sum.ts';
import { adaptedRows, linearCost, linearRows } from './linear.ts';
import { addLowRank, lowRankCost } from './low-rank.ts';
import type { LowRankPlace } from './low-rank.ts';
import type { OpRoom, ReferencePass, UseContext } from './op.ts';
import type { PackedMatrix, RoutingBuffers, Rows } from './operands.ts';
import { touchedShare } from './route.ts';
import { rowsOf } from './step-shape.ts';
import { activate, swigluCost } from './swiglu.ts';

// ---- gate and up

/** output = activation(gate · input, up · input), per token and chosen expert. */
export interface ExpertHiddenOp {
  op: 'expertHidden';
  input: NetworkValue;
  output: NetworkValue;
  experts: readonly ExpertTensors[];
}

/** A tile's share of the first two matrices of an expert. */
export interface ExpertHidden {
  expert: number;
  gate: PackedMatrix;
  up: PackedMatrix;
  gateBias: number | undefined;
  upBias: number | undefined;
  /** Absent where adapters have no slots here. */
  gateAdapters?: LowRankPlace;
  upAdapters?: LowRankPlace;
}

/** target[row] = activation(gate · source, up · source) for the rows of these experts. */
export interface ExpertHiddenInstruction {
  op: 'expertHidden';
  experts: readonly ExpertHidden[];
  routing: RoutingBuffers;
  source: Rows; // [T, D]
  gathered: Rows; // [T, D]: inputs of one expert
  gate: Rows; // [T, count]
  up: Rows; // [T, count]
  target: Rows; // [T * k, …]
  count: number;
  launch: number;
}

export const EXPERT_HIDDEN: OpRoom<ExpertHiddenOp, ExpertHiddenInstruction> = {
  flow: ({ input, output, experts }) => ({
    reads: [input],
    writes: [output],
    tensors: experts.flatMap((one) => [one.gate, one.gateBias, one.up, one.upBias]),
  }),
  reference: hiddenPlain,
  lower: ({ input, output, experts }, operands) => {
    const count = operands.count(output);
    const own = { start: operands.start(output), count };
    const parts = operands.experts(experts).map((one): ExpertHidden => {
      const gate = operands.matrix(one.gate, { input, output });
      const up = operands.matrix(one.up, { input, output });
      const gateBias = one.gateBias && operands.vector(one.gateBias, own);
      const upBias = one.upBias && operands.vector(one.upBias, own);
      const gateAdapters = operands.adapters(one.gate, { input, output });
      const upAdapters = operands.adapters(one.up, { input, output });
      return {
        ...{ expert: one.expert, gate, up, gateBias, upBias },
        ...(gateAdapters && { gateAdapters }),
        ...(upAdapters && { upAdapters }),
      };
    });
    const inner = (name: string, width: number): Rows =>
      operands.inner({ name: `experts.${name}`, rows: 'tokens', width });
    return {
      op: 'expertHidden',
      experts: parts,
      routing: operands.routing,
      source: operands.rows(input),
      gathered: inner('gathered', input.width),
      gate: inner('gate', count),
      up: inner('up', count),
      target: operands.slice(output),
      count,
      launch: operands.launch(),
    };
  },
  use: ({ experts, count: width }, context) => {
    const load = loadOf(context, experts.length);
    const matrices = experts.flatMap(({ gate, up }) => [gate, up]);
    const active = swigluCost({ tokenCount: load.rowCount, width });
    const changes = experts.flatMap(({ gate, up, gateAdapters, upAdapters }) => [
      ...changeCosts(gate, gateAdapters, context),
      ...changeCosts(up, upAdapters, context),
    ]);
    return matrixUse(matrices, sumCosts([expertCost(matrices, load), active, ...changes]));
  },
  label: ({ experts, count }) => `${experts.length} experts, ${count} columns`,
};

function hiddenPlain({ input, output, experts }: ExpertHiddenOp, pass: ReferencePass): void {
  const { spec, rounding, routing } = pass;
  const { chosenCount, weighsInput } = expertsOf(spec);
  const { slots, weights } = routing;
  const inputs = new Float32Array(slots.length * input.width);
  const own = { slots, weights: weighsInput ? weights : undefined, chosenCount };
  gatherRows(inputs, pass.read(input), own);
  const hidden = pass.create(output);
  for (const { expert, gate, up, gateBias, upBias } of experts) {
    const rows = rowsOfExpert(pass, expert, { rows: inputs, width: input.width });
    if (rows.length === 0) continue;
    const gated = changedRows(pass, rows, { weights: gate, bias: gateBias });
    const raised = changedRows(pass, rows, { weights: up, bias: upBias });
    const y = rowsOfExpert(pass, expert, { rows: hidden, width: output.width });
    activate(y, { gate: gated, up: raised }, { activation: spec.activation, rounding });
  }
}

// ---- down

/** output = down · input, per token and chosen expert. */
export interface ExpertDownOp {
  op: 'expertDown';
  input: NetworkValue;
  output: NetworkValue;
  experts: readonly ExpertTensors[];
}

/** A tile's share of the last matrix of an expert. */
export interface ExpertDown {
  expert: number;
  down: PackedMatrix;
  bias: number | undefined;
  adapters?: LowRankPlace;
}

/** target[row] = down · source[row] for the rows of these experts; both [T * k, …]. */
export interface ExpertDownInstruction {
  op: 'expertDown';
  experts: readonly ExpertDown[];
  routing: RoutingBuffers;
  source: Rows;
  target: Rows;
  launch: number;
}

export const EXPERT_DOWN: OpRoom<ExpertDownOp, ExpertDownInstruction> = {
  flow: ({ input, output, experts }) => ({
    reads: [input],
    writes: [output],
    tensors: experts.flatMap((one) => [one.down, one.downBias]),
  }),
  reference: ({ input, output, experts }, pass) => {
    const [x, y] = [pass.read(input), pass.create(output)];
    for (const { expert, down, downBias } of experts) {
      const rows = rowsOfExpert(pass, expert, { rows: x, width: input.width });
      if (rows.length === 0) continue;
      const results = changedRows(pass, rows, { weights: down, bias: downBias });
      rowsOfExpert(pass, expert, { rows: y, width: output.width }).set(results);
    }
  },
  lower: ({ input, output, experts }, operands) => {
    const own = { start: operands.start(output), count: operands.count(output) };
    const parts = operands.experts(experts).map((one): ExpertDown => {
      const down = operands.matrix(one.down, { input, output });
      const bias = one.downBias && operands.vector(one.downBias, own);
      const adapters = operands.adapters(one.down, { input, output });
      return { expert: one.expert, down, bias, ...(adapters && { adapters }) };
    });
    const [source, target] = [operands.slice(input), operands.rows(output)];
    const { routing } = operands;
    const launch = operands.launch();
    return { op: 'expertDown', experts: parts, routing, source, target, launch };
  },
  use: ({ experts }, context) => {
    const matrices = experts.map(({ down }) => down);
    const changes = experts.flatMap(({ down, adapters }) => changeCosts(down, adapters, context));
    const cost = expertCost(matrices, loadOf(context, experts.length));
    return matrixUse(matrices, sumCosts([cost, ...changes]));
  },
  label: ({ experts }) => `${experts.length} experts`,
};

/** weights · x (+ bias), and the change of the pass, if it has one. */
function changedRows(
  pass: ReferencePass,
  x: Float32Array,
  use: { weights: NetworkTensor; bias: NetworkTensor | undefined },
): Float32Array {
  const y = linearRows(pass, x, use);
  const change = pass.tensors.change?.(use.weights.name);
  const tokenCount = x.length / use.weights.columns;
  if (change) addLowRank(y, change, x, { tokenCount, rounding: pass.rounding });
  return y;
}

/** The rows of one expert in a value of slots. */
function rowsOfExpert(
  { routing }: ReferencePass,
  expert: number,
  { rows, width }: { rows: Float32Array; width: number },
): Float32Array {
  const { starts } = routing;
  return rows.subarray(starts[expert]! * width, starts[expert + 1]! * width);
}

// ---- cost

/** An even routing's load on some of the experts. */
export interface ExpertLoad {
  /** Share of them that any token chooses. */
  touchedShare: number;
  /** Rows of one of them. */
  rowsPerExpert: number;
  /** Rows of all of them. */
  rowCount: number;
}

/** What `ownCount` experts get of a step of so many tokens. */
export function expertLoad(
  spec: Pick<ExpertSpec, 'expertCount' | 'chosenCount'>,
  use: { ownCount: number; tokenCount: number },
): ExpertLoad {
  const { ownCount, tokenCount } = use;
  const rowsPerExpert = (tokenCount * spec.chosenCount) / spec.expertCount;
  return {
    touchedShare: touchedShare(spec, tokenCount),
    rowsPerExpert,
    rowCount: ownCount * rowsPerExpert,
  };
}

/** Cost of one matrix of each of these experts. */
export function expertCost(
  matrices: readonly { type: WeightType; rows: number; columns: number }[],
  { touchedShare, rowsPerExpert }: ExpertLoad,
): OpCost {
  const costs = matrices.map((matrix) => linearCost(matrix, rowsPerExpert));
  const sum = sumCosts(costs);
  return { ...sum, weightBytes: sum.weightBytes * touchedShare };
}

function loadOf({ step, constants: { experts } }: UseContext, ownCount: number): ExpertLoad {
  assert(experts !== undefined, 'a program with experts has a spec of them', { ownCount });
  return expertLoad(experts, { ownCount, tokenCount: rowsOf(step) });
}

/** Of the changes of one expert's matrix: it gets an even share of the rows that have one. */
function changeCosts(
  matrix: PackedMatrix,
  adapters: LowRankPlace | undefined,
  { step, constants: { experts } }: UseContext,
): OpCost[] {
  if (adapters === undefined || experts === undefined) return [];
  const { tokenCount, adapterCount } = adaptedRows(step);
  const share = experts.chosenCount / experts.expertCount;
  const touched = touchedShare(experts, tokenCount);
  const use = { tokenCount: tokenCount * share, adapterCount: adapterCount * touched };
  return [lowRankCost(matrix, { rank: adapters.rank, ...use })];
}

function matrixUse(matrices: readonly PackedMatrix[], cost: OpCost): OpUse {
  return { cost, floor: 'matrix', weights: matrices[0]?.type };
}
