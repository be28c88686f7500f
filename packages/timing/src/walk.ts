/**
 * The simulated clock: walks a plan for one step on a described machine, nothing is computed.
 *
 * Every tile has a clock (tile-clock.ts). The result depends on program order and stamps alone,
 * never on the order in which tiles are walked. Beside its clock, each tile carries what its time
 * consists of along the longest chain of events that led to it.
 */
import { assert, rowsOf } from '@wafer/core';
import type { Plan, StepShape, TilePlan } from '@wafer/core';
import type { LinkParts } from './all-reduce.ts';
import { clockSetup, TileClock } from './tile-clock.ts';
import type { ClockOptions, ClockSetup, Stamp } from './tile-clock.ts';

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

export interface WalkOptions extends ClockOptions {
  step: StepShape;
}

/** How one tile spends a step. */
export interface TileWalk {
  tile: number;
  finishNs: number;
  computeNs: number;
  transferNs: number;
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

/** Walks one step; `onSend` sees each message. Throws: PLAN_OPTION, MACHINE_PARAMETER. */
export function walkPlan(plan: Plan, options: WalkOptions, onSend?: (sent: Stamp) => void): Walk {
  return new Walker(clockSetup(plan, options), options.step, onSend).walk();
}

/** A message, with what its sender's time consisted of. */
interface Message extends Stamp {
  chain: Float64Array;
}

/** A tile under way. */
class TileState {
  readonly clock: TileClock;
  readonly chain: Float64Array = new Float64Array(PARTS.length);
  next = 0;

  constructor(clock: TileClock) {
    this.clock = clock;
  }

  get plan(): TilePlan {
    return this.clock.tile;
  }
}

class Walker {
  readonly #setup: ClockSetup;
  readonly #step: StepShape;
  readonly #tiles: TileState[];
  readonly #queues: Message[][];
  /** Tile that waits for a channel, by channel. */
  readonly #waiting = new Map<number, TileState>();
  readonly #kerfs = new Map<string, KerfTraffic>();
  readonly #onSend: ((sent: Stamp) => void) | undefined;

  constructor(setup: ClockSetup, step: StepShape, onSend?: (sent: Stamp) => void) {
    const { plan } = setup;
    this.#onSend = onSend;
    this.#setup = setup;
    this.#step = step;
    this.#tiles = plan.tiles.map((tile) => new TileState(new TileClock(setup, tile)));
    this.#queues = plan.channels.map(() => []);
  }

  walk(): Walk {
    for (const { clock } of this.#tiles) clock.beginStep(this.#step);
    const ready = [...this.#tiles];
    for (let tile = ready.pop(); tile; tile = ready.pop()) this.#advance(tile, ready);
    for (const { plan, clock, next } of this.#tiles) {
      assert(next === clock.program.length, 'every tile ends its program', { tile: plan.index });
    }
    const last = this.#tiles.reduce((a, b) => (b.clock.nowNs > a.clock.nowNs ? b : a));
    const parts = PARTS.map((part, i) => [part, last.chain[i]!]);
    const critical = Object.fromEntries(parts) as Record<Part, number>;
    return {
      clock: 'simulated',
      stepNs: last.clock.nowNs,
      tokensPerS: (rowsOf(this.#step) / last.clock.nowNs) * 1e9,
      tiles: this.#tiles.map(({ clock }) => ({
        tile: clock.tile.index,
        finishNs: clock.nowNs,
        computeNs: clock.computeNs,
        transferNs: clock.transferNs,
        waitNs: clock.waitNs,
      })),
      kerfs: [...this.#kerfs.values()].sort((a, b) => a.from - b.from || a.to - b.to),
      critical,
      bottleneck: PARTS.reduce((a, b) => (critical[b] > critical[a] ? b : a)),
    };
  }

  /** Walks a tile until its program ends or a message is missing. */
  #advance(tile: TileState, ready: TileState[]): void {
    const { program } = tile.clock;
    for (; tile.next < program.length; tile.next++) {
      const instruction = program[tile.next]!;
      if (instruction.op === 'send') {
        this.#send(tile, instruction.channels, ready);
      } else if (instruction.op === 'receive') {
        const missing = instruction.channels.find((channel) => !this.#queues[channel]!.length);
        if (missing !== undefined) {
          this.#waiting.set(missing, tile);
          return;
        }
        this.#receive(tile, instruction.channels);
      } else {
        const time = tile.clock.compute(tile.next);
        if (!time) continue;
        addTo(tile.chain, 'flops', time.flopsNs);
        addTo(tile.chain, 'memory', time.memoryNs);
        addTo(tile.chain, 'floor', time.floorNs);
      }
    }
  }

  #send(tile: TileState, channels: readonly number[], ready: TileState[]): void {
    const reduce = tile.clock.payReduce(tile.next);
    if (reduce) addLink(tile.chain, reduce, 0);
    const chain = tile.chain.slice();
    for (const channel of channels) {
      const stamp = tile.clock.send(channel);
      this.#queues[channel]!.push({ ...stamp, chain });
      if (stamp.cost.isKerf) this.#countKerf(stamp);
      this.#onSend?.(stamp);
      const waiting = this.#waiting.get(channel);
      if (!waiting) continue;
      this.#waiting.delete(channel);
      ready.push(waiting);
    }
  }

  #receive(tile: TileState, channels: readonly number[]): void {
    let latest: Message | undefined;
    for (const channel of channels) {
      const message = this.#queues[channel]!.shift()!;
      if (!latest || message.arrivalNs > latest.arrivalNs) latest = message;
    }
    if (!latest || !tile.clock.receive(latest)) return;
    const { cost, egressWaitNs, chain } = latest;
    tile.chain.set(chain);
    addTo(tile.chain, 'fabric', cost.fabricNs);
    addLink(tile.chain, cost.link, egressWaitNs);
  }

  #countKerf({ channel, cost }: Stamp): void {
    const { plan, chipOf } = this.#setup;
    const { source, target } = plan.channels[channel]!;
    const [from, to] = [chipOf[source]!, chipOf[target]!];
    const key = `${from}>${to}`;
    const known = this.#kerfs.get(key) ?? { from, to, messages: 0, chargedBytes: 0 };
    known.messages++;
    known.chargedBytes += cost.bytes;
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
