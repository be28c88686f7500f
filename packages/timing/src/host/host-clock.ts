/**
 * The clock of a wafer on this host: what a step takes where tiles are threads on real cores.
 *
 *   thread   runs its tiles in turns, and keeps its core until none of them can go on
 *   op       call + its kernel's time at its sizes; nothing is fused, nothing is shared out
 *   send     call, then each message: what its sender does, and its bytes
 *   receive  waits until the latest message is there; one that slept is woken first
 *   kerf     between processes: sender ─ring─▶ I/O thread ─socket─▶ I/O thread ─ring─▶ receiver,
 *            and back, once the receiver is done with it: a credit, which the sender waits for
 *   step     wakes the tiles' threads; the latest report of logits, then the engine's turn and its
 *            look at them; between processes its record and its logits take the way of messages,
 *            by the parent's relay
 *
 * Events are taken in the order of their times, so that who waits for whom needs no second look.
 */
import { assert, F32_BYTES, rowsOf, useOfInstruction } from '@wafer/core';
import type { Instruction, Plan, StepShape, TilePlan } from '@wafer/core';
import { HostCores } from './host-cores.ts';
import type { CoreUser } from './host-cores.ts';
import type { HostFigures } from './host-figures.ts';
import { HostMessages } from './host-messages.ts';
import { HostRelay } from './host-relay.ts';
import { kernelShapesOf } from './kernel-shape.ts';
import { KernelTimes } from './kernel-times.ts';

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
  next: number;
}

interface ThreadState extends CoreUser {
  readonly tiles: TileState[];
  /** Since when it looks for work; since ever, where it sleeps since the step before. */
  waitsNs: number;
  /** When the step is there. */
  stepNs: number;
  opsNs: number;
  callsNs: number;
  /** Weights that were read since it last sent or received. */
  sweptBytes: number;
}

/** What a step takes. Throws: MACHINE_PARAMETER for weights whose kernel was not measured. */
export function hostStepTime(input: HostStep): HostTime {
  return new HostClock(input).run();
}

class HostClock {
  readonly #input: HostStep;
  readonly #rowCount: number;
  readonly #threads: ThreadState[];
  readonly #threadOf: ThreadState[];
  readonly #kernels: KernelTimes;
  readonly #cores: HostCores;
  readonly #relay: HostRelay;
  readonly #messages: HostMessages;

  constructor(input: HostStep) {
    const { plan, step, figures, threadOf, chipOf } = input;
    this.#input = input;
    this.#rowCount = rowsOf(step);
    const keys = [...new Set(threadOf)];
    this.#threads = keys.map(() => ({
      ...{
        tiles: [],
        nowNs: 0,
        hasCore: false,
        waitsNs: -Infinity,
        stepNs: 0,
        opsNs: 0,
        callsNs: 0,
        sweptBytes: 0,
      },
    }));
    this.#threadOf = threadOf.map((key) => this.#threads[keys.indexOf(key)]!);
    for (const tile of plan.tiles) {
      const program = tile.programs[step.program ?? 'infer'];
      this.#threadOf[tile.index]!.tiles.push({ tile, program, next: 0 });
    }
    const isTogether = keys.length > 1 && figures.cores > 1;
    this.#kernels = new KernelTimes(figures.kernels, { isTogether });
    this.#cores = new HostCores(figures.cores);
    this.#relay = new HostRelay({ chipOf, figures, interrupt: this.#cores });
    this.#messages = new HostMessages(input, this.#relay);
  }

  run(): HostTime {
    this.#beginStep();
    for (;;) {
      let first: ThreadState | undefined;
      let firstNs = Infinity;
      for (const thread of this.#threads) {
        const ns = this.#startNs(thread);
        if (ns < firstNs) [first, firstNs] = [thread, ns];
      }
      if (this.#relay.nextNs <= firstNs && this.#relay.nextNs < Infinity) this.#relay.runNext();
      else if (first === undefined) break;
      else this.#goOn(first, firstNs);
    }
    for (const { tile, program, next } of this.#threads.flatMap(({ tiles }) => tiles)) {
      assert(next === program.length, 'every tile ends its program', { tile: tile.index });
    }
    const busiest = this.#threads.reduce((a, b) => (b.opsNs > a.opsNs ? b : a));
    const tilesNs = this.#threads.reduce((most, { nowNs }) => Math.max(most, nowNs), 0);
    const reportNs = Math.max(tilesNs, this.#relay.reportedNs);
    const turnNs = this.#turnNs();
    const { opsNs, callsNs } = busiest;
    const messagesNs = reportNs - opsNs - callsNs;
    return { stepNs: reportNs + turnNs, opsNs, callsNs, messagesNs, turnNs };
  }

  /** The engine's record goes out; the caller's thread looks at the token before. */
  #beginStep(): void {
    const { step, figures } = this.#input;
    const isAnswering = step.segments.every(({ rowCount }) => rowCount === 1);
    const { wakeNs, pieceNs } = figures;
    if (isAnswering) this.#relay.at(wakeNs, () => this.#cores.interrupt(wakeNs, pieceNs));
    if (!this.#relay.isUsed) return;
    for (const thread of this.#threads) thread.stepNs = Infinity;
    this.#relay.handOut((chip, ns) => {
      for (const thread of this.#threads) if (this.#chipOf(thread) === chip) thread.stepNs = ns;
    });
  }

  #chipOf({ tiles: [first] }: ThreadState): number {
    return this.#input.chipOf[first!.tile.index]!;
  }

  /** When a thread can do something: go on, or find that it has to wait. */
  #startNs(thread: ThreadState): number {
    if (thread.hasCore) return thread.nowNs;
    const readyNs = thread.tiles.reduce(
      (ns, tile) => Math.min(ns, this.#readyNs(thread, tile)),
      Infinity,
    );
    if (readyNs === Infinity) return Infinity;
    const { spinNs } = this.#input.figures;
    const sleepsNs = thread.waitsNs + spinNs;
    // An I/O thread that rings hands on its core.
    const wakeNs = this.#relay.isUsed ? 0 : this.#input.figures.wakeNs;
    const wokenNs = readyNs > sleepsNs ? readyNs + wakeNs : Math.max(readyNs, thread.waitsNs);
    return this.#cores.startNs(wokenNs);
  }

  #readyNs(thread: ThreadState, { program, next }: TileState): number {
    const instruction = program[next];
    if (instruction === undefined) return Infinity;
    return Math.max(thread.stepNs, this.#messages.readyNs(instruction));
  }

  /** Runs one instruction, or gives the core to others. */
  #goOn(thread: ThreadState, startNs: number): void {
    if (!thread.hasCore) this.#cores.take(thread, startNs);
    const state = thread.tiles.find((tile) => this.#readyNs(thread, tile) <= thread.nowNs);
    if (state !== undefined) return this.#advance(thread, state);
    thread.waitsNs = thread.nowNs;
    return this.#cores.release(thread);
  }

  #advance(thread: ThreadState, state: TileState): void {
    const { tile, program } = state;
    const instruction = program[state.next]!;
    state.next++;
    const { callNs } = this.#input.figures;
    thread.nowNs += callNs;
    thread.callsNs += callNs;
    const messages = this.#messages;
    if (instruction.op === 'receive' || instruction.op === 'send') {
      thread.nowNs += messages.coldNs(instruction.channels, thread.sweptBytes);
      thread.sweptBytes = 0;
    }
    if (instruction.op === 'receive') {
      for (const channel of instruction.channels) thread.nowNs += messages.take(channel);
    } else if (instruction.op === 'send') {
      for (const channel of instruction.channels) {
        thread.nowNs = messages.send(channel, thread.nowNs);
      }
    } else if (instruction.op === 'release') {
      for (const channel of instruction.channels) messages.giveBack(channel, thread.nowNs);
    } else {
      const ns = this.#opNs(instruction, tile);
      thread.nowNs += ns;
      thread.opsNs += ns;
      this.#sweep(thread, tile, instruction);
      if (instruction.op === 'logits') this.#report(thread, tile);
    }
  }

  /** Weights that an instruction reads take the place of code in the caches. */
  #sweep(thread: ThreadState, { constants }: TilePlan, instruction: Instruction): void {
    const use = useOfInstruction(instruction, { step: this.#input.step, constants });
    if (use === undefined) return;
    thread.sweptBytes += use.cost.weightBytes;
    this.#relay.sweep(this.#chipOf(thread), use.cost.weightBytes);
  }

  #report(thread: ThreadState, tile: TilePlan): void {
    if (!this.#relay.isUsed) return;
    const { plan, step, chipOf } = this.#input;
    const bytes = (step.logitRows * plan.spec.vocabCount * F32_BYTES) / plan.headTiles.length;
    this.#relay.report(thread.nowNs, { chip: chipOf[tile.index]!, bytes });
  }

  #opNs(instruction: Instruction, { constants }: TilePlan): number {
    const { figures, step } = this.#input;
    const context = { step, constants };
    const shapes = kernelShapesOf(instruction, context);
    if (shapes.length > 0) return shapes.reduce((ns, shape) => ns + this.#kernels.nsOf(shape), 0);
    const use = useOfInstruction(instruction, context);
    if (use === undefined) return 0;
    const { cost, weights: type } = use;
    if (type === undefined || cost.flops === 0) {
      return (cost.activationBytes + cost.weightBytes) / figures.rowBytesPerNs;
    }
    // Experts: as many multiply-adds of the same weights.
    const [tokens, columns] = [this.#rowCount, cost.flops / (2 * this.#rowCount)];
    return this.#kernels.nsOf({ op: 'linear', type, rows: 1, columns, tokens });
  }

  /** The engine's turn, with the logits that tiles wrote and it reads. */
  #turnNs(): number {
    const { plan, step, figures } = this.#input;
    const bytes = step.logitRows * plan.spec.vocabCount * F32_BYTES;
    return figures.turnNs + bytes / figures.handoverBytesPerNs;
  }
}
