/**
 * One plan over every interconnect: the described wafer, the same chips joined for nothing, and
 * each link with each all-reduce.
 *
 * GPUs never stand with NCCL alone: where serving stacks have kernels of their own, both rows are
 * there. `kept` compares with the same chips and memory and free links: the interconnect alone.
 */
import { diceGrid, WSE3 } from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec, Plan } from '@wafer/core';
import { ALL_TERMS } from './channel-cost.ts';
import type { CollectiveKind } from './channel-cost.ts';
import type { StepShape } from './step.ts';
import { walkPlan } from './walk.ts';
import type { Part, Walk, WalkOptions } from './walk.ts';

export interface InterconnectRow {
  name: string;
  /** Undefined where no kerf is crossed. */
  link: string | undefined;
  collective: CollectiveKind | undefined;
  clock: 'simulated';
  tokensPerS: number;
  stepNs: number;
  /** Tokens per second over those with free links; undefined for other machines. */
  kept: number | undefined;
  /** Means over tiles; they add up to 1. */
  shares: { compute: number; transfer: number; wait: number };
  /** Across all kerfs, in the elements that the machine would send. */
  kerfBytesPerStep: number;
  critical: Record<Part, number>;
  bottleneck: Part;
}

export interface InterconnectInput {
  plan: Plan;
  machine: MachineSpec;
  dice: Dice;
  links: readonly LinkSpec[];
  /** Which all-reduces to show. */
  collectives: readonly CollectiveKind[];
  step: StepShape;
  elementBytes: 2 | 4;
}

/** All rows, uncut wafer first. Throws: PLAN_OPTION, MACHINE_PARAMETER. */
export function compareInterconnects(input: InterconnectInput): InterconnectRow[] {
  const { plan, machine, dice, step, elementBytes } = input;
  const { chips } = dice;
  const tilesPerChip = plan.tiles.length / (chips.width * chips.height);
  const base: WalkOptions = { machine, step, elementBytes, tilesPerChip };
  const uncut = diceGrid(plan.options.grid, '1x1');
  const onWafer = { ...ALL_TERMS, memory: false };
  const freeOf = (collective: CollectiveKind): Walk =>
    walkPlan(plan, { ...base, dice: uncut, collective });
  const free = freeOf('messages');
  const rowOf = (walk: Walk, name: string, more: Partial<InterconnectRow> = {}) => ({
    ...toRow(walk, name),
    ...more,
  });
  const rows: InterconnectRow[] = [];
  if (machine.covers === 'chip') {
    rows.push(rowOf(walkPlan(plan, { machine: WSE3, step, elementBytes }), `${WSE3.name}, uncut`));
    const sram = walkPlan(plan, { ...base, dice: uncut, terms: onWafer });
    rows.push(rowOf(sram, `uncut wafer of ${machine.name}`));
    rows.push(rowOf(free, `${machine.name}, free links`, { kept: 1 }));
  } else rows.push(rowOf(free, `${machine.name}, uncut`, { kept: 1 }));
  for (const link of input.links) {
    for (const collective of collectivesOf(input, link)) {
      const walk = walkPlan(plan, { ...base, dice, link, collective });
      const kept = walk.tokensPerS / freeOf(collective).tokensPerS;
      rows.push(
        rowOf(walk, `${machine.name}, ${link.name}`, { link: link.name, collective, kept }),
      );
    }
  }
  return rows;
}

/** The column plan gathers, and has nothing to reduce. */
function collectivesOf(input: InterconnectInput, link: LinkSpec): CollectiveKind[] {
  if (input.plan.options.tensor === 'column') return ['messages'];
  return input.collectives.filter((kind) => kind !== 'custom' || link.customKernels);
}

function toRow(walk: Walk, name: string): InterconnectRow {
  const { tokensPerS, stepNs, tiles, kerfs, critical, bottleneck } = walk;
  const mean = (field: 'computeNs' | 'transferNs' | 'waitNs'): number =>
    tiles.reduce((sum, tile) => sum + tile[field], 0) / tiles.length / stepNs;
  const [compute, transfer] = [mean('computeNs'), mean('transferNs')];
  return {
    name,
    link: undefined,
    collective: undefined,
    clock: 'simulated',
    tokensPerS,
    stepNs,
    kept: undefined,
    // A tile that is done waits for the others.
    shares: { compute, transfer, wait: 1 - compute - transfer },
    kerfBytesPerStep: kerfs.reduce((sum, { chargedBytes }) => sum + chargedBytes, 0),
    critical,
    bottleneck,
  };
}
