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
import type { Instruction, OpCost, Plan, TilePlan } from '@wafer/core';
import type { OpUse } from './op-time.ts';
import { expertCost, expertLoad, sumCosts } from './expert-load.ts';
import type { ExpertLoad } from './expert-load.ts';
import { rowsOf, rowsOwned } from './step.ts';
import type { StepShape } from './step.ts';

/** Costs of the instructions of one tile in one step. */
export class InstructionUses {
  readonly #plan: Plan;
  readonly #tile: TilePlan;
  readonly #step: StepShape;
  readonly #rowCount: number;
  /** Instructions that begin a launch: they pay its floor. */
  readonly #leaders: ReadonlySet<Instruction>;

  constructor(plan: Plan, tile: TilePlan, step: StepShape) {
    this.#plan = plan;
    this.#tile = tile;
    this.#step = step;
    this.#rowCount = rowsOf(step);
    this.#leaders = leadersOf(tile.program);
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
      case 'attention-temperature':
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
    const load = this.#loadOf(experts.length);
    const matrices = experts.flatMap(({ gate, up }) => [gate, up]);
    const active = swigluCost({ tokenCount: load.rowCount, width: count });
    const cost = sumCosts([expertCost(matrices, load), active]);
    return { cost, floor: 'matrix', weights: matrices[0]?.type };
  }

  #down({ experts }: Extract<Instruction, { op: 'expertDown' }>): OpUse {
    const matrices = experts.map(({ down }) => down);
    const cost = expertCost(matrices, this.#loadOf(experts.length));
    return { cost, floor: 'matrix', weights: matrices[0]?.type };
  }

  #loadOf(ownCount: number): ExpertLoad {
    return expertLoad(expertsOf(this.#plan.spec), { ownCount, tokenCount: this.#rowCount });
  }

  #linear(instruction: Extract<Instruction, { op: 'linear' }>): OpUse {
    const { weights, bias } = instruction;
    const tokenCount = this.#rowCount;
    const cost = linearCost(weights, tokenCount);
    const floor = this.#leaders.has(instruction) ? 'matrix' : 'none';
    const biased = bias === undefined ? [] : [addBiasCost({ tokenCount, width: weights.rows })];
    return { cost: sumCosts([cost, ...biased]), floor, weights: weights.type };
  }

  #attend({ heads, kvHeads, mask }: Extract<Instruction, { op: 'attend' }>): OpUse {
    const { headWidth, kvType: kv } = this.#tile.constants;
    const shape = { headCount: heads, kvHeadCount: kvHeads, headWidth };
    const costs = this.#step.segments.flatMap(({ startPosition, rowCount: tokenCount }) => [
      kvAppendCost({ ...shape, tokenCount }, kv),
      attentionCost({ ...shape, startPosition, tokenCount }, { mask, kv }),
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

/** The first instruction of every launch. */
function leadersOf(program: readonly Instruction[]): Set<Instruction> {
  const byLaunch = new Map<number, Instruction>();
  for (const instruction of program) {
    if (!('launch' in instruction) || byLaunch.has(instruction.launch)) continue;
    byLaunch.set(instruction.launch, instruction);
  }
  return new Set(byLaunch.values());
}
