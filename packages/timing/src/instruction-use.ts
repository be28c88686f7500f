/**
 * What each instruction of a tile's program costs in a step.
 *
 * Kernels are fused as serving stacks and wafer compilers do: q, k and v are one launch, gate and
 * up another; norms, rotations and sums ride along. Arithmetic and bytes are counted all the same.
 */
import {
  addBiasCost,
  addCost,
  attentionCost,
  embedCost,
  expertsOf,
  expertSumCost,
  kvAppendCost,
  linearCost,
  rmsNormCost,
  ropeCost,
  routeCost,
  swigluCost,
} from '@wafer/core';
import type { ExpertSpec, Instruction, OpCost, PackedMatrix, Plan, TilePlan } from '@wafer/core';
import type { FloorKind, OpUse } from './op-time.ts';
import { rowsOf, rowsOwned } from './step.ts';
import type { StepShape } from './step.ts';

/** Matrices that are computed in the launch of the one before. */
const RIDERS = /\.(k|v|up)$/;

/** Costs of the instructions of one tile in one step. */
export class InstructionUses {
  readonly #plan: Plan;
  readonly #tile: TilePlan;
  readonly #step: StepShape;
  readonly #rowCount: number;
  readonly #names: ReadonlyMap<number, string>;

  constructor(plan: Plan, tile: TilePlan, step: StepShape) {
    this.#plan = plan;
    this.#tile = tile;
    this.#step = step;
    this.#rowCount = rowsOf(step);
    this.#names = new Map(tile.shards.map(({ address, tensor }) => [address, tensor]));
  }

  /** The op of an instruction; undefined for those that only wait or hand on. */
  useOf(instruction: Instruction): OpUse | undefined {
    const tokenCount = this.#rowCount;
    const { headWidth, rotaryWidth } = this.#tile.constants;
    const rides = (cost: OpCost): OpUse => ({ cost, floor: 'none', weights: undefined });
    switch (instruction.op) {
      case 'send':
      case 'receive':
      case 'release':
        return undefined;
      case 'embed': {
        const { table } = instruction;
        const owner = this.#plan.embedOwners[this.#tile.index];
        const owned = owner ? rowsOwned(this.#step, owner) : 0;
        return { cost: embedCost(table, owned), floor: 'none', weights: table.type };
      }
      case 'norm':
        return rides(
          rmsNormCost({
            tokenCount: tokenCount * instruction.perToken,
            width: instruction.width,
          }),
        );
      case 'linear':
        return this.#linear(instruction);
      case 'rope':
        return rides(
          ropeCost({ tokenCount, headCount: instruction.headCount, headWidth, rotaryWidth }),
        );
      case 'temper':
        return rides(addCost({ tokenCount, width: instruction.target.stride }));
      case 'attend':
        return this.#attend(instruction);
      case 'swiglu':
        return rides(swigluCost({ tokenCount, width: instruction.count }));
      case 'add':
        return rides(addCost({ tokenCount, width: instruction.target.stride }));
      case 'route': {
        const { expertCount } = expertsOf(this.#plan.spec);
        return rides(routeCost({ tokenCount, expertCount }));
      }
      case 'expertHidden':
        return this.#hidden(instruction);
      case 'expertDown':
        return this.#down(instruction);
      case 'expertSum': {
        const { chosenCount } = expertsOf(this.#plan.spec);
        return rides(expertSumCost({ tokenCount, chosenCount, width: instruction.count }));
      }
      case 'logits':
        return this.#logits(instruction);
    }
  }

  #hidden({ experts, count }: Extract<Instruction, { op: 'expertHidden' }>): OpUse {
    const use = expectedExperts(expertsOf(this.#plan.spec), experts.length, this.#rowCount);
    const costs = experts.flatMap(({ gate, up }) => [gate, up].map((m) => matrixCost(m, use)));
    const active = swigluCost({ tokenCount: use.rowCount, width: count });
    return { cost: sumCosts([...costs, active]), floor: 'matrix', weights: experts[0]?.gate.type };
  }

  #down({ experts }: Extract<Instruction, { op: 'expertDown' }>): OpUse {
    const use = expectedExperts(expertsOf(this.#plan.spec), experts.length, this.#rowCount);
    const costs = experts.map(({ down }) => matrixCost(down, use));
    return { cost: sumCosts(costs), floor: 'matrix', weights: experts[0]?.down.type };
  }

  #linear({ weights, bias }: Extract<Instruction, { op: 'linear' }>): OpUse {
    const tokenCount = this.#rowCount;
    const cost = linearCost(weights, tokenCount);
    const floor = floorOf(this.#names.get(weights.address) ?? '');
    const biased = bias === undefined ? [] : [addBiasCost({ tokenCount, width: weights.rows })];
    return { cost: sumCosts([cost, ...biased]), floor, weights: weights.type };
  }

  #attend({ heads, kvHeads, sight }: Extract<Instruction, { op: 'attend' }>): OpUse {
    const { headWidth, kvType: kv } = this.#tile.constants;
    const shape = { headCount: heads, kvHeadCount: kvHeads, headWidth };
    const costs = this.#step.segments.flatMap(({ startPosition, rowCount: tokenCount }) => [
      kvAppendCost({ ...shape, tokenCount }, kv),
      attentionCost({ ...shape, startPosition, tokenCount }, { sight, kv }),
    ]);
    return { cost: sumCosts(costs), floor: 'attention', weights: undefined };
  }

  #logits({ weights }: Extract<Instruction, { op: 'logits' }>): OpUse | undefined {
    const tokenCount = this.#step.logitRows;
    if (!weights || tokenCount === 0) return undefined;
    const norm = rmsNormCost({ tokenCount, width: weights.columns });
    return {
      cost: sumCosts([norm, linearCost(weights, tokenCount)]),
      floor: 'matrix',
      weights: weights.type,
    };
  }
}

/** What an even routing of a step asks of some of the experts. */
export interface ExpertLoad {
  /** Share of them that any token chooses. */
  touchedShare: number;
  /** Rows of one of them, on average. */
  rowsPerExpert: number;
  /** Rows of all of them. */
  rowCount: number;
}

/**
 * Each token chooses each expert with probability k / E, apart from others: a share of
 * 1 - (1 - k / E)^T of the experts is read. A token alone reads exactly k.
 */
export function expectedExperts(
  { expertCount, chosenCount }: Pick<ExpertSpec, 'expertCount' | 'chosenCount'>,
  ownCount: number,
  tokenCount: number,
): ExpertLoad {
  const share = chosenCount / expertCount;
  const rowsPerExpert = tokenCount * share;
  const touchedShare = 1 - (1 - share) ** tokenCount;
  return { touchedShare, rowsPerExpert, rowCount: ownCount * rowsPerExpert };
}

function matrixCost(matrix: PackedMatrix, { touchedShare, rowsPerExpert }: ExpertLoad): OpCost {
  const cost = linearCost(matrix, rowsPerExpert);
  return { ...cost, weightBytes: cost.weightBytes * touchedShare };
}

/** The floor of a matrix by the name of its tensor. */
export function floorOf(tensor: string): FloorKind {
  return RIDERS.test(tensor) ? 'none' : 'matrix';
}

/** Several ops as one. */
export function sumCosts(costs: readonly OpCost[]): OpCost {
  const sum = { flops: 0, weightBytes: 0, activationBytes: 0, kvBytes: 0 };
  for (const cost of costs) {
    sum.flops += cost.flops;
    sum.weightBytes += cost.weightBytes;
    sum.activationBytes += cost.activationBytes;
    sum.kvBytes += cost.kvBytes ?? 0;
  }
  return sum;
}
