/**
 * The simulated clock: walks a plan for one step on a described machine, nothing is computed.
 *
 * Each tile has a clock. An op moves it by the machine's time; a send stamps the message; a receive
 * takes the latest of the tile's own clock and the arrivals. The result depends on program order
 * and stamps alone, never on the order in which tiles are walked. Beside its clock, each tile
 * carries what its time consists of along the longest chain of events that led to it.
 *
 * Source: Lamport 1978 (clocks); Culler 1993, "LogP" (overhead, latency, gap).
 */
import { assert, diceGrid, WSE3 } from '@wafer/core';
import type { Dice, Instruction, LinkSpec, MachineSpec, Plan, TilePlan } from '@wafer/core';
import { partsNs } from './all-reduce.ts';
import type { LinkParts } from './all-reduce.ts';
import { ALL_TERMS, ChannelCosts, isSum } from './channel-cost.ts';
import type { ChannelCost, CollectiveKind, Terms } from './channel-cost.ts';
import { InstructionUses } from './instruction-use.ts';
import { opNs, TileRates } from './op-time.ts';
import { rowsOf, rowsOwned } from './step.ts';
import type { StepShape } from './step.ts';

/** What time is spent on. */
export const PARTS = [
  'flops',
  'memory',
  'floor',
  'fabric',
  'bandwidth',
  'latency',
  'overhead',
] as const;
export type Part = (typeof PARTS)[number];

export interface WalkOptions {
  machine: MachineSpec;
  step: StepShape;
  /** Default: one chip. */
  dice?: Dice;
  /** How many tiles share a chip's peaks. Default: tiles over chips. */
  tilesPerChip?: number;
  /** Needed where the wafer is cut. */
  link?: LinkSpec;
  /** Default: `messages`. */
  collective?: CollectiveKind;
  /** Bytes of an activation in messages, memory and KV cache. Default: 4. */
  elementBytes?: 2 | 4;
  /** Default: all. */
  terms?: Terms;
  /** Whose mesh joins the tiles, and whose SRAM stands where memory is off. Default: WSE-3. */
  wafer?: MachineSpec;
}

/** How one tile spends a step. */
export interface TileWalk {
  tile: number;
  finishNs: number;
  computeNs: number;
  /** Messages under way while the tile waits for them. */
  transferNs: number;
  /** For tiles that have not sent yet. */
  waitNs: number;
}

/** Traffic of a step from one chip to another. */
export interface KerfTraffic {
  from: number;
  to: number;
  messages: number;
  /** As the described machine would move them, in elements of `elementBytes`. */
  chargedBytes: number;
}

export interface Walk {
  clock: 'simulated';
  stepNs: number;
  /** Rows of the step per second. */
  tokensPerS: number;
  tiles: TileWalk[];
  kerfs: KerfTraffic[];
  /** The longest chain of events, by what its time is spent on; the parts add up to the step. */
  critical: Record<Part, number>;
  bottleneck: Part;
}

/** Walks a plan for one step. Throws: PLAN_OPTION, MACHINE_PARAMETER. */
export function walkPlan(plan: Plan, options: WalkOptions): Walk {
  return new Walker(plan, options).walk();
}

interface Message {
  sentNs: number;
  arrivalNs: number;
  egressWaitNs: number;
  cost: ChannelCost;
  /** What the sender's time consisted of. */
  chain: Float64Array;
}

/** A tile under way. */
class TileState {
  readonly plan: TilePlan;
  readonly uses: InstructionUses;
  readonly chain: Float64Array = new Float64Array(PARTS.length);
  next = 0;
  clockNs = 0;
  egressFreeNs = 0;
  computeNs = 0;
  transferNs = 0;
  waitNs = 0;

  constructor(plan: TilePlan, uses: InstructionUses) {
    this.plan = plan;
    this.uses = uses;
  }
}

class Walker {
  readonly #plan: Plan;
  readonly #step: StepShape;
  readonly #chipOf: readonly number[];
  readonly #rates: TileRates;
  readonly #costs: ChannelCosts;
  readonly #tiles: TileState[];
  readonly #queues: Message[][];
  /** Tile that waits for a channel, by channel. */
  readonly #waiting = new Map<number, TileState>();
  readonly #kerfs = new Map<string, KerfTraffic>();

  constructor(plan: Plan, options: WalkOptions) {
    const { machine, step, link, wafer = WSE3, elementBytes = 4 } = options;
    const { dice = diceGrid(plan.options.grid, '1x1'), terms = ALL_TERMS } = options;
    const tileCount = plan.tiles.length;
    const chipCount = dice.chips.width * dice.chips.height;
    const { tilesPerChip = tileCount / chipCount, collective = 'messages' } = options;
    const isChip = machine.covers === 'chip';
    this.#plan = plan;
    this.#step = step;
    this.#chipOf = dice.chipOf;
    this.#rates = new TileRates({
      machine,
      tilesPerChip,
      tileCount,
      waferMemory: isChip && !terms.memory ? wafer.memory : undefined,
      elementBytes,
    });
    const fabric = isChip ? wafer.fabric : machine.fabric;
    const { chipOf } = dice;
    this.#costs = new ChannelCosts({
      plan,
      chipOf,
      fabric,
      link,
      collective,
      terms,
      elementBytes,
    });
    this.#tiles = plan.tiles.map(
      (tile) => new TileState(tile, new InstructionUses(plan, tile, step)),
    );
    this.#queues = plan.channels.map(() => []);
  }

  walk(): Walk {
    const ready = [...this.#tiles];
    for (let tile = ready.pop(); tile; tile = ready.pop()) this.#advance(tile, ready);
    for (const { plan, next } of this.#tiles) {
      assert(next === plan.program.length, 'every tile ends its program', { tile: plan.index });
    }
    const last = this.#tiles.reduce((a, b) => (b.clockNs > a.clockNs ? b : a));
    const critical = Object.fromEntries(PARTS.map((part, i) => [part, last.chain[i]!])) as Record<
      Part,
      number
    >;
    return {
      clock: 'simulated',
      stepNs: last.clockNs,
      tokensPerS: (rowsOf(this.#step) / last.clockNs) * 1e9,
      tiles: this.#tiles.map((tile) => ({
        tile: tile.plan.index,
        finishNs: tile.clockNs,
        computeNs: tile.computeNs,
        transferNs: tile.transferNs,
        waitNs: tile.waitNs,
      })),
      kerfs: [...this.#kerfs.values()].sort((a, b) => a.from - b.from || a.to - b.to),
      critical,
      bottleneck: PARTS.reduce((a, b) => (critical[b] > critical[a] ? b : a)),
    };
  }

  /** Walks a tile until its program ends or a message is missing. */
  #advance(tile: TileState, ready: TileState[]): void {
    const { program } = tile.plan;
    for (; tile.next < program.length; tile.next++) {
      const instruction = program[tile.next]!;
      if (instruction.op === 'send') this.#send(tile, instruction.channels, ready);
      else if (instruction.op !== 'receive') this.#compute(tile, instruction);
      else {
        const missing = instruction.channels.find((channel) => !this.#queues[channel]!.length);
        if (missing !== undefined) {
          this.#waiting.set(missing, tile);
          return;
        }
        this.#receive(tile, instruction.channels);
      }
    }
  }

  #compute(tile: TileState, instruction: Instruction): void {
    const use = tile.uses.useOf(instruction);
    if (!use) return;
    const time = this.#rates.time(use);
    const ns = opNs(time);
    tile.clockNs += ns;
    tile.computeNs += ns;
    addTo(tile.chain, 'flops', time.flopsNs);
    addTo(tile.chain, 'memory', time.memoryNs);
    addTo(tile.chain, 'floor', time.floorNs);
  }

  #send(tile: TileState, channels: readonly number[], ready: TileState[]): void {
    this.#payReduce(tile, channels);
    const chain = tile.chain.slice();
    const sentNs = tile.clockNs;
    for (const index of channels) {
      const channel = this.#plan.channels[index]!;
      const rowCount =
        channel.kind === 'rows'
          ? rowsOf(this.#step)
          : rowsOwned(this.#step, this.#plan.embedOwners[channel.source]!);
      const cost = this.#costs.cost(channel, rowCount);
      const egressWaitNs = Math.max(0, tile.egressFreeNs - sentNs);
      const isQueued = cost.link.bandwidthNs > 0;
      const waitNs = isQueued ? egressWaitNs : 0;
      if (isQueued) tile.egressFreeNs = sentNs + waitNs + cost.link.bandwidthNs;
      const arrivalNs = sentNs + waitNs + cost.fabricNs + partsNs(cost.link);
      this.#queues[index]!.push({ sentNs, arrivalNs, egressWaitNs: waitNs, cost, chain });
      if (cost.isKerf) this.#countKerf(channel.source, channel.target, cost.bytes);
      const waiting = this.#waiting.get(index);
      if (!waiting) continue;
      this.#waiting.delete(index);
      ready.push(waiting);
    }
  }

  #receive(tile: TileState, channels: readonly number[]): void {
    let latest: Message | undefined;
    for (const channel of channels) {
      const message = this.#queues[channel]!.shift()!;
      if (!latest || message.arrivalNs > latest.arrivalNs) latest = message;
    }
    if (!latest || latest.arrivalNs <= tile.clockNs) return;
    const { sentNs, arrivalNs, egressWaitNs, cost, chain } = latest;
    const readyNs = Math.max(tile.clockNs, sentNs);
    tile.waitNs += readyNs - tile.clockNs;
    tile.transferNs += arrivalNs - readyNs;
    tile.clockNs = arrivalNs;
    tile.chain.set(chain);
    addTo(tile.chain, 'fabric', cost.fabricNs);
    addLink(tile.chain, cost.link, egressWaitNs);
  }

  /** The tile that holds a sum pays the all-reduce, once, before it hands the sum out. */
  #payReduce(tile: TileState, channels: readonly number[]): void {
    const { window, source } = this.#plan.channels[channels[0]!]!;
    const { stage, program } = tile.plan;
    if (!isSum(window) || this.#plan.groups[stage]!.tiles[0] !== source) return;
    const before = program[tile.next - 1];
    const hasPaid =
      before?.op === 'send' && this.#plan.channels[before.channels[0]!]!.window === window;
    if (hasPaid) return;
    const parts = this.#costs.reduceCost(stage, rowsOf(this.#step));
    const ns = partsNs(parts);
    tile.clockNs += ns;
    tile.transferNs += ns;
    addLink(tile.chain, parts, 0);
  }

  #countKerf(source: number, target: number, bytes: number): void {
    const [from, to] = [this.#chipOf[source]!, this.#chipOf[target]!];
    const key = `${from}>${to}`;
    const known = this.#kerfs.get(key) ?? { from, to, messages: 0, chargedBytes: 0 };
    known.messages++;
    known.chargedBytes += bytes;
    this.#kerfs.set(key, known);
  }
}

function addTo(chain: Float64Array, part: Part, ns: number): void {
  chain[PARTS.indexOf(part)]! += ns;
}

function addLink(chain: Float64Array, parts: LinkParts, egressWaitNs: number): void {
  addTo(chain, 'bandwidth', parts.bandwidthNs + egressWaitNs);
  addTo(chain, 'latency', parts.latencyNs);
  addTo(chain, 'overhead', parts.overheadNs);
}
