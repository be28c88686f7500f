/**
 * The clock of a wafer on this host: what a step takes where tiles are threads on real cores.
 *
 *   thread   runs its tiles in turns: whichever can go on first, in program order
 *   op       call + max(bytes / rate, operations / rate); nothing is fused, nothing is shared out
 *   send     call, then each message: its bytes copied by the sender
 *   receive  waits until the latest message is there; a message takes start, then its bytes
 *   step     the latest tile, then the engine's turn and its look at the logits
 *
 * Tiles that outnumber threads pay one after the other, which a share of a chip's peak never says.
 */
import { assert, F32_BYTES, messageRows, rowsOf, rowsOwned, useOfInstruction } from '@wafer/core';
import { WaferError } from '@wafer/core';
import type { ChannelPlan, Instruction, OpUse, Plan, StepShape, TilePlan } from '@wafer/core';
import type { HostFigures } from './host-figures.ts';

/** A step of a plan, and where its tiles run. */
export interface HostStep {
  readonly plan: Plan;
  readonly step: StepShape;
  readonly figures: HostFigures;
  /** Which thread runs each tile, over all processes. */
  readonly threadOf: readonly number[];
  /** Which chip each tile is on. */
  readonly chipOf: readonly number[];
}

export interface HostTime {
  stepNs: number;
  /** Of the busiest thread: ops, and calls that are not messages. */
  opsNs: number;
  callsNs: number;
  messagesNs: number;
  turnNs: number;
}

interface TileState {
  readonly tile: TilePlan;
  readonly program: readonly Instruction[];
  readonly thread: ThreadState;
  next: number;
}

interface ThreadState {
  nowNs: number;
  opsNs: number;
  callsNs: number;
}

/** What a step takes. Throws: MACHINE_PARAMETER for weights whose kernel was not measured. */
export function hostStepTime(input: HostStep): HostTime {
  return new HostClock(input).run();
}

class HostClock {
  readonly #input: HostStep;
  readonly #rowCount: number;
  readonly #tiles: TileState[];
  readonly #threads: ThreadState[];
  /** When messages are there, by channel, first come first. */
  readonly #arrivals: number[][];
  readonly #byteRate: number;
  readonly #flopRate: number;

  constructor(input: HostStep) {
    const { plan, step, figures, threadOf } = input;
    this.#input = input;
    this.#rowCount = rowsOf(step);
    const keys = [...new Set(threadOf)];
    this.#threads = keys.map(() => ({ nowNs: 0, opsNs: 0, callsNs: 0 }));
    this.#tiles = plan.tiles.map((tile) => ({
      tile,
      program: tile.programs[step.program ?? 'infer'],
      thread: this.#threads[keys.indexOf(threadOf[tile.index]!)]!,
      next: 0,
    }));
    this.#arrivals = plan.channels.map(() => []);
    const areMany = keys.length > 1;
    this.#byteRate = areMany ? figures.sharedRate : 1;
    this.#flopRate = areMany ? figures.sharedFlops : 1;
  }

  run(): HostTime {
    let last: TileState | undefined;
    for (let state = this.#first(last); state; state = this.#first(last)) {
      this.#advance(state);
      last = state;
    }
    for (const { tile, program, next } of this.#tiles) {
      assert(next === program.length, 'every tile ends its program', { tile: tile.index });
    }
    const busiest = this.#threads.reduce((a, b) => (b.opsNs > a.opsNs ? b : a));
    const tilesNs = this.#threads.reduce((most, { nowNs }) => Math.max(most, nowNs), 0);
    const turnNs = this.#turnNs();
    const { opsNs, callsNs } = busiest;
    const messagesNs = tilesNs - opsNs - callsNs;
    return { stepNs: tilesNs + turnNs, opsNs, callsNs, messagesNs, turnNs };
  }

  /** The tile that can go on first; of equals the one that was running. */
  #first(running: TileState | undefined): TileState | undefined {
    let best: TileState | undefined;
    let bestNs = Infinity;
    for (const state of this.#tiles) {
      const ns = this.#readyNs(state);
      if (ns > bestNs || (ns === bestNs && state !== running)) continue;
      if (ns === Infinity) continue;
      best = state;
      bestNs = ns;
    }
    return best;
  }

  #readyNs({ program, next, thread }: TileState): number {
    const instruction = program[next];
    if (instruction === undefined) return Infinity;
    let ns = thread.nowNs;
    if (instruction.op !== 'receive') return ns;
    for (const channel of instruction.channels) {
      const [arrivalNs = Infinity] = this.#arrivals[channel]!;
      ns = Math.max(ns, arrivalNs);
    }
    return ns;
  }

  #advance(state: TileState): void {
    const { tile, program, thread } = state;
    const instruction = program[state.next]!;
    const { figures, step } = this.#input;
    thread.nowNs = this.#readyNs(state);
    state.next++;
    thread.nowNs += figures.callNs;
    thread.callsNs += figures.callNs;
    if (instruction.op === 'receive') {
      for (const channel of instruction.channels) this.#arrivals[channel]!.shift();
    } else if (instruction.op === 'send') {
      for (const channel of instruction.channels) this.#send(channel, thread);
    } else {
      const use = useOfInstruction(instruction, { step, constants: tile.constants });
      const ns = use === undefined ? 0 : this.#opNs(use);
      thread.nowNs += ns;
      thread.opsNs += ns;
    }
  }

  #send(index: number, thread: ThreadState): void {
    const { plan, chipOf, figures } = this.#input;
    const channel = plan.channels[index]!;
    const isKerf = chipOf[channel.source] !== chipOf[channel.target];
    const rate = isKerf ? figures.link : figures.window;
    const bytes = this.#rowsOf(channel) * channel.columnCount * F32_BYTES;
    const isNear = this.#tiles[channel.target]!.thread === thread;
    // The sender copies and rings; the way overlaps with what it does next.
    thread.nowNs += rate.sendNs + bytes / rate.bytesPerNs;
    this.#arrivals[index]!.push(thread.nowNs + (isNear ? 0 : rate.wayNs));
  }

  #rowsOf(channel: ChannelPlan): number {
    const { plan, step } = this.#input;
    if (channel.kind === 'owned') return rowsOwned(step, plan.embedOwners[channel.source]!);
    return messageRows(plan, channel, this.#rowCount);
  }

  #opNs({ cost, floor, weights }: OpUse): number {
    const { figures } = this.#input;
    const rowsNs = cost.activationBytes / figures.rowBytesPerNs;
    if (floor === 'attention') {
      const { bytesPerNs, flopsPerNs } = figures.attention;
      // Keys and values were last read a step ago, and all the weights since.
      const bytes = cost.activationBytes + (cost.kvBytes ?? 0);
      const rate = Math.min(bytesPerNs, figures.coldBytesPerNs * this.#byteRate);
      return Math.max(bytes / rate, cost.flops / (flopsPerNs * this.#flopRate));
    }
    if (weights === undefined || cost.weightBytes === 0) return rowsNs;
    const rate = figures.linear[weights];
    if (rate === undefined) {
      const hint = 'measure its kernel first';
      throw new WaferError('MACHINE_PARAMETER', { machine: 'host', parameter: weights, hint });
    }
    // A table that is looked up is bytes alone.
    const bytesNs = cost.weightBytes / (rate.bytesPerNs * this.#byteRate);
    return Math.max(bytesNs, cost.flops / (rate.flopsPerNs * this.#flopRate));
  }

  /** The engine's turn, with the logits that tiles wrote and it reads. */
  #turnNs(): number {
    const { plan, step, figures } = this.#input;
    const bytes = step.logitRows * plan.spec.vocabCount * F32_BYTES;
    return figures.turnNs + bytes / figures.handoverBytesPerNs;
  }
}
