/**
 * The clock of one tile: what ops and messages do to it. Walk and running tiles share it, so that
 * the simulated and the virtual time of a plan cannot differ.
 *
 *   compute   now += floor + roofline
 *   send      the stamp of each message is its arrival; a reduce's root first pays the all-reduce
 *   receive   now = max(now, arrivals)
 *
 * A clock reads nothing but its program, the step and the stamps it is given, in program order.
 * Source: Lamport 1978 (clocks); Culler 1993, "LogP" (overhead, latency, gap).
 */
import { diceGrid, messageRows, rowsOf, rowsOwned, WSE3 } from '@wafer/core';
import type {
  Dice,
  Instruction,
  LinkSpec,
  MachineSpec,
  Plan,
  StepShape,
  TilePlan,
} from '@wafer/core';
import { partsNs } from './all-reduce.ts';
import type { LinkParts } from './all-reduce.ts';
import { ALL_TERMS, ChannelCosts } from './channel-cost.ts';
import type { ChannelCost, ExchangeKind, Terms } from './channel-cost.ts';
import { InstructionUses } from './instruction-use.ts';
import { opNs, TileRates } from './op-time.ts';
import type { OpTime } from './op-time.ts';

/** What time is told by. */
export interface ClockOptions {
  machine: MachineSpec;
  /** Default: one chip. */
  dice?: Dice;
  /** How many tiles share a chip's peaks. Default: tiles over chips. */
  tilesPerChip?: number;
  /** Needed where the wafer is cut. */
  link?: LinkSpec;
  /** Default: `messages`. */
  collective?: ExchangeKind;
  /** Bytes of an activation in messages, memory and KV cache. Default: 4. */
  elementBytes?: 2 | 4;
  /** Default: all. */
  terms?: Terms;
  /** Whose mesh joins the tiles, and whose SRAM stands where memory is off. Default: WSE-3. */
  wafer?: MachineSpec;
}

/** What the clocks of a plan have in common. */
export interface ClockSetup {
  plan: Plan;
  chipOf: readonly number[];
  rates: TileRates;
  costs: ChannelCosts;
}

/** Throws: PLAN_OPTION. */
export function clockSetup(plan: Plan, options: ClockOptions): ClockSetup {
  const { machine, link, wafer = WSE3, elementBytes = 4, terms = ALL_TERMS } = options;
  const { dice = diceGrid(plan.options.grid, '1x1'), collective = 'messages' } = options;
  const tileCount = plan.tiles.length;
  const { tilesPerChip = tileCount / (dice.chips.width * dice.chips.height) } = options;
  const isChip = machine.covers === 'chip';
  const waferMemory = isChip && !terms.memory ? wafer.memory : undefined;
  const { chipOf } = dice;
  const fabric = isChip ? wafer.fabric : machine.fabric;
  return {
    plan,
    chipOf,
    rates: new TileRates({ machine, tilesPerChip, tileCount, waferMemory, elementBytes }),
    costs: new ChannelCosts({ plan, chipOf, fabric, link, collective, terms, elementBytes }),
  };
}

/** When a message was sent, when it arrives, and what it costs in between. */
export interface Stamp {
  channel: number;
  sentNs: number;
  arrivalNs: number;
  /** For the tile's messages before it. */
  egressWaitNs: number;
  cost: ChannelCost;
}

export class TileClock {
  readonly tile: TilePlan;
  readonly #setup: ClockSetup;
  #step: StepShape | undefined;
  #uses: InstructionUses | undefined;
  #rowCount = 0;
  #nowNs = 0;
  #egressFreeNs = 0;
  #computeNs = 0;
  #transferNs = 0;
  #waitNs = 0;

  constructor(setup: ClockSetup, tile: TilePlan) {
    this.#setup = setup;
    this.tile = tile;
  }

  /** What it walks in the step under way. */
  get program(): readonly Instruction[] {
    return this.tile.programs[this.#step?.program ?? 'infer'];
  }

  get nowNs(): number {
    return this.#nowNs;
  }

  get computeNs(): number {
    return this.#computeNs;
  }

  /** Messages under way while the tile waited for them. */
  get transferNs(): number {
    return this.#transferNs;
  }

  /** For tiles that had not sent yet. */
  get waitNs(): number {
    return this.#waitNs;
  }

  /** Begins a step that no tile could begin before `startNs`. */
  beginStep(step: StepShape, startNs = 0): void {
    this.#step = step;
    this.#uses = new InstructionUses(this.program, {
      step,
      constants: this.tile.constants,
    });
    this.#rowCount = rowsOf(step);
    this.#nowNs = Math.max(this.#nowNs, startNs);
  }

  /**
   * Begins a step at 0, as the walk does. Right where a step needs the tokens of the one before:
   * then no tile and no link is busy any more.
   */
  restart(step: StepShape): void {
    this.#nowNs = 0;
    this.#egressFreeNs = 0;
    this.beginStep(step);
  }

  /** Spends the time of the instruction at this place; undefined where it costs none. */
  compute(place: number): OpTime | undefined {
    const { program } = this;
    const use = this.#uses!.useOf(program[place]!);
    if (!use || this.#isLibrarySum(program[place]!)) return undefined;
    const time = this.#setup.rates.time(use);
    const ns = opNs(time);
    this.#nowNs += ns;
    this.#computeNs += ns;
    return time;
  }

  /**
   * What the all-reduce costs that ends with the `send` at this place of the program, and spends
   * it; undefined for other sends. Called before `send`.
   */
  payReduce(place: number): LinkParts | undefined {
    const instruction = this.program[place]!;
    if (instruction.op !== 'send' || instruction.completes === undefined) return undefined;
    const parts = this.#setup.costs.reduceCost(instruction.completes, this.#rowCount);
    const ns = partsNs(parts);
    this.#nowNs += ns;
    this.#transferNs += ns;
    return parts;
  }

  /** Stamps a message. */
  send(channelIndex: number): Stamp {
    const { plan, costs } = this.#setup;
    const channel = plan.channels[channelIndex]!;
    const rowCount =
      channel.kind === 'owned'
        ? rowsOwned(this.#step!, plan.embedOwners[channel.source]!)
        : messageRows(plan, channel, this.#rowCount);
    const cost = costs.cost(channel, rowCount);
    const sentNs = this.#nowNs;
    const isQueued = cost.link.bandwidthNs > 0;
    const egressWaitNs = isQueued ? Math.max(0, this.#egressFreeNs - sentNs) : 0;
    if (isQueued) this.#egressFreeNs = sentNs + egressWaitNs + cost.link.bandwidthNs;
    const arrivalNs = sentNs + egressWaitNs + cost.fabricNs + partsNs(cost.link);
    return { channel: channelIndex, sentNs, arrivalNs, egressWaitNs, cost };
  }

  /** Waits for the latest of the messages that a `receive` takes; whether it had to. */
  receive({ sentNs, arrivalNs }: Pick<Stamp, 'sentNs' | 'arrivalNs'>): boolean {
    if (arrivalNs <= this.#nowNs) return false;
    const readyNs = Math.max(this.#nowNs, sentNs);
    this.#waitNs += readyNs - this.#nowNs;
    this.#transferNs += arrivalNs - readyNs;
    this.#nowNs = arrivalNs;
    return true;
  }

  /** Whether the instruction adds up what a library's all-reduce has added already. */
  #isLibrarySum(instruction: Instruction): boolean {
    if (instruction.op !== 'add' || instruction.reduces === undefined) return false;
    return this.#setup.costs.isInLibrary(instruction.reduces);
  }
}
