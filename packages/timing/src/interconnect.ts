/**
 * One plan over every interconnect: the described wafer, the same chips joined for nothing, and
 * each link with each all-reduce.
 *
 * GPUs never stand with NCCL alone: where serving stacks have kernels of their own, both rows are
 * there. `kept` compares with the same chips and memory and free links: the interconnect alone.
 */
import { assert, diceGrid, WSE3 } from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec, Plan, StepShape } from '@wafer/core';
import { ALL_TERMS } from './channel-cost.ts';
import type { ExchangeKind } from './channel-cost.ts';
import { walkPlan } from './walk.ts';
import type { ClockOptions } from './tile-clock.ts';
import type { Part, Walk } from './walk.ts';

export interface InterconnectRow {
  name: string;
  /** Undefined where no kerf is crossed. */
  link: string | undefined;
  collective: ExchangeKind | undefined;
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
  collectives: readonly ExchangeKind[];
  step: StepShape;
  elementBytes: 2 | 4;
}

/** One row before it is told: the options of a clock, of the walk or of running tiles. */
export interface InterconnectCase {
  name: string;
  link: string | undefined;
  collective: ExchangeKind | undefined;
  clock: ClockOptions;
  /** Whether it is the described chips that others are compared with, and not another machine. */
  isOwn: boolean;
  /** Whether it is what ratios are over: the same chips as one wafer. */
  isBaseline: boolean;
}

type CaseInput = Omit<InterconnectInput, 'step'>;

/** All cases, uncut wafer first. */
export function interconnectCases(input: CaseInput): InterconnectCase[] {
  const { plan, machine, dice, elementBytes } = input;
  const { chips } = dice;
  const tilesPerChip = plan.tiles.length / (chips.width * chips.height);
  const base: ClockOptions = { machine, elementBytes, tilesPerChip };
  const uncut = diceGrid(plan.options.grid, '1x1');
  const none = { link: undefined, collective: undefined, isBaseline: false };
  const cases: InterconnectCase[] = [];
  if (machine.covers === 'chip') {
    const terms = { ...ALL_TERMS, memory: false };
    const wafer = { machine: WSE3, elementBytes };
    const onWafer = { ...base, dice: uncut, terms };
    const free = { ...base, dice: uncut };
    const { name } = machine;
    cases.push({ name: `${WSE3.name}, uncut`, ...none, clock: wafer, isOwn: false });
    cases.push({
      name: `uncut wafer of ${name}`,
      ...none,
      clock: onWafer,
      isOwn: false,
      isBaseline: true,
    });
    cases.push({ name: `${name}, free links`, ...none, clock: free, isOwn: true });
  } else {
    const clock = { ...base, dice: uncut };
    const name = `${machine.name}, uncut`;
    cases.push({ name, ...none, clock, isOwn: true, isBaseline: true });
  }
  for (const link of input.links) {
    for (const collective of collectivesOf(input, link)) {
      const name = `${machine.name}, ${link.name}`;
      const clock = { ...base, dice, link, collective };
      cases.push({ name, link: link.name, collective, clock, isOwn: true, isBaseline: false });
    }
  }
  return cases;
}

/** The row of the case that others are told over. */
export function baselineOf<Row>(input: CaseInput, rows: readonly Row[]): Row {
  const row = rows[interconnectCases(input).findIndex(({ isBaseline }) => isBaseline)];
  assert(row !== undefined, 'every case has a row', { rows: rows.length });
  return row;
}

/** All rows, uncut wafer first. Throws: PLAN_OPTION, MACHINE_PARAMETER. */
export function compareInterconnects(input: InterconnectInput): InterconnectRow[] {
  const { plan, step } = input;
  return interconnectCases(input).map((one) => {
    const { name, link, collective, clock, isOwn } = one;
    const walk = walkPlan(plan, { ...clock, step });
    const free = walkPlan(plan, { ...freeClock(plan, one), step });
    const kept = isOwn ? walk.tokensPerS / free.tokensPerS : undefined;
    return { ...toRow(walk, name), link, collective, kept };
  });
}

/** The same chips with free links: what a case without its interconnect would take. */
export function freeClock(plan: Plan, { clock }: InterconnectCase): ClockOptions {
  const { link: _, ...free } = clock;
  return { ...free, dice: diceGrid(plan.options.grid, '1x1') };
}

/** The column plan gathers, and has nothing to reduce. */
function collectivesOf(input: CaseInput, link: LinkSpec): ExchangeKind[] {
  if (input.plan.options.tensor === 'column') return ['messages'];
  return input.collectives.filter((kind) => kind !== 'custom' || link.customKernels);
}

function toRow(walk: Walk, name: string): InterconnectRow {
  const { tokensPerS, stepNs, kerfs, critical, bottleneck } = walk;
  const { compute, transfer } = meanShares(walk);
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

/** Shares of a step's time, means over tiles; the rest is waiting. */
export function meanShares({ tiles, stepNs }: Walk): { compute: number; transfer: number } {
  const mean = (field: 'computeNs' | 'transferNs'): number =>
    tiles.reduce((sum, tile) => sum + tile[field], 0) / tiles.length / stepNs;
  return { compute: mean('computeNs'), transfer: mean('transferNs') };
}
