/**
 * One tile: walks the program of each step, and says when it cannot go on.
 *
 * Several tiles may share a thread. `advance` runs until the program ends or a channel is not
 * ready; the thread then turns to the next tile. Times are wall clock: what is neither sending nor
 * waiting within a step is compute.
 */
import {
  assert,
  PROGRAM_NAMES,
  programStarts,
  RECORD_SLOTS,
  TILE_HEADER,
  TILE_HEADER_BYTES,
} from '@wafer/core';
import type { StepView, TilePlan } from '@wafer/core';
import type { ControlLine, Doorbell } from '@wafer/fabric';
import type { BoundInstruction } from './bound-instruction.ts';
import { MESSAGE_CODES, WAIT_CODES } from '../trace/trace-ring.ts';
import type { TraceWriter } from '../trace/trace-ring.ts';

const NS_PER_MS = 1e6;
const BETWEEN_STEPS = -1;

export class Tile {
  readonly #plan: TilePlan;
  readonly #programs: readonly (readonly BoundInstruction[])[];
  /** Number of the first instruction of each. */
  readonly #starts: readonly number[];
  readonly #step: StepView;
  readonly #words: Int32Array;
  readonly #times: Float64Array;
  readonly #lines: ReadonlyMap<number, ControlLine>;
  readonly #trace: TraceWriter | undefined;
  readonly #clock: { readonly nowNs: number } | undefined;
  readonly #doorbell: Doorbell;
  /** Of the step under way. */
  #program: readonly BoundInstruction[];
  #start = 0;
  #counter = BETWEEN_STEPS;
  #stepsDone = 0;
  #blockedSinceMs = 0;
  #blockedChannel = -1;
  #stepStartMs = 0;
  #stepEndMs = 0;
  #waitMs = 0;
  #sendMs = 0;

  constructor(
    plan: TilePlan,
    parts: {
      memory: ArrayBufferLike;
      /** By their numbers in a step record. */
      programs: readonly (readonly BoundInstruction[])[];
      step: StepView;
      /** Control lines of the channels that it receives from, by index. */
      lines: ReadonlyMap<number, ControlLine>;
      trace: TraceWriter | undefined;
      /** Virtual time in the step under way, for traces; undefined without one. */
      clock: { readonly nowNs: number } | undefined;
      /** The engine's: it may wait for this tile to finish a step. */
      doorbell: Doorbell;
    },
  ) {
    this.#plan = plan;
    this.#programs = parts.programs;
    this.#starts = programStarts(plan.programs);
    this.#program = parts.programs[0]!;
    this.#step = parts.step;
    this.#words = new Int32Array(parts.memory, 0, TILE_HEADER_BYTES / 4);
    this.#times = new Float64Array(parts.memory, 0, 16);
    this.#lines = parts.lines;
    this.#trace = parts.trace;
    this.#clock = parts.clock;
    this.#doorbell = parts.doorbell;
  }

  /** Whether `advance` would do anything. */
  canAdvance(): boolean {
    if (this.#counter === BETWEEN_STEPS) return this.#isStepPublished();
    return this.#program[this.#counter]!.isReady();
  }

  /** Whether the tile waits for a step, not for another tile. */
  get isIdle(): boolean {
    return this.#counter === BETWEEN_STEPS;
  }

  /** Runs as far as it can; whether it ran anything. */
  advance(): boolean {
    if (this.#counter === BETWEEN_STEPS) {
      if (!this.#isStepPublished()) return false;
      this.#beginStep();
    }
    const program = this.#program;
    const start = this.#counter;
    while (this.#counter < program.length) {
      const instruction = program[this.#counter]!;
      if (!instruction.isReady()) {
        if (this.#blockedSinceMs === 0) this.#blockedSinceMs = performance.now();
        this.#blockedChannel = instruction.blockedOn();
        this.#words[TILE_HEADER.blockedOn / 4] = this.#blockedChannel + 1;
        return this.#counter > start;
      }
      if (this.#blockedSinceMs !== 0) this.#endWait(instruction);
      this.#words[TILE_HEADER.place / 4] = this.#start + this.#counter + 1;
      if (this.#trace !== undefined) this.#runTraced(instruction, this.#trace);
      else if (instruction.kind === 'send') this.#runSend(instruction);
      else instruction.run();
      this.#counter++;
    }
    this.#endStep();
    return true;
  }

  #isStepPublished(): boolean {
    return Atomics.load(this.#words, TILE_HEADER.published / 4) !== this.#stepsDone;
  }

  #beginStep(): void {
    const record = this.#plan.records[(this.#stepsDone >>> 0) % RECORD_SLOTS]!;
    this.#step.open(record, this.#stepsDone);
    const { program } = this.#step;
    this.#program = this.#programs[program]!;
    this.#start = this.#starts[program]!;
    this.#counter = 0;
    this.#waitMs = 0;
    this.#sendMs = 0;
    this.#stepStartMs = performance.now();
    if (this.#stepEndMs === 0) return;
    const idleMs = this.#stepStartMs - this.#stepEndMs;
    this.#times[TILE_HEADER.idleNs / 8]! += idleMs * NS_PER_MS;
  }

  #endStep(): void {
    this.#counter = BETWEEN_STEPS;
    this.#words[TILE_HEADER.place / 4] = 0;
    this.#stepsDone = (this.#stepsDone + 1) | 0;
    this.#stepEndMs = performance.now();
    const stepMs = this.#stepEndMs - this.#stepStartMs;
    const times = this.#times;
    times[TILE_HEADER.computeNs / 8]! += (stepMs - this.#waitMs - this.#sendMs) * NS_PER_MS;
    times[TILE_HEADER.sendNs / 8]! += this.#sendMs * NS_PER_MS;
    times[TILE_HEADER.waitNs / 8]! += this.#waitMs * NS_PER_MS;
    Atomics.store(this.#words, TILE_HEADER.consumed / 4, this.#stepsDone);
    this.#doorbell.ring();
  }

  #runSend(instruction: BoundInstruction): void {
    const startMs = performance.now();
    instruction.run();
    this.#sendMs += performance.now() - startMs;
  }

  #runTraced(instruction: BoundInstruction, trace: TraceWriter): void {
    // The first instruction of a step puts the virtual clock back to 0.
    const startVirtualNs = this.#counter === 0 ? 0 : (this.#clock?.nowNs ?? 0);
    const startMs = performance.now();
    instruction.run();
    const endMs = performance.now();
    if (instruction.kind === 'send') this.#sendMs += endMs - startMs;
    const { index } = this.#plan;
    trace.write(startMs, endMs, index, this.#start + this.#counter, this.#stepsDone);
    if (this.#clock !== undefined) trace.addVirtualTime(startVirtualNs, this.#clock.nowNs);
    if (instruction.kind === 'receive') this.#traceMessages(endMs, trace);
  }

  /** What the receive that has just run took, by channel. */
  #traceMessages(endMs: number, trace: TraceWriter): void {
    const { programs, index } = this.#plan;
    const instruction = programs[PROGRAM_NAMES[this.#step.program]!][this.#counter]!;
    assert(instruction.op === 'receive', 'what takes messages is a receive', { tile: index });
    for (const channel of instruction.channels) {
      trace.write(endMs, endMs, index, MESSAGE_CODES + channel, this.#stepsDone);
      trace.addRows(this.#lines.get(channel)!.rowCount);
    }
  }

  #endWait(instruction: BoundInstruction): void {
    const nowMs = performance.now();
    const waitedMs = nowMs - this.#blockedSinceMs;
    const code = WAIT_CODES + this.#start + this.#counter;
    this.#trace?.write(this.#blockedSinceMs, nowMs, this.#plan.index, code, this.#stepsDone);
    this.#blockedSinceMs = 0;
    this.#words[TILE_HEADER.blockedOn / 4] = 0;
    this.#waitMs += waitedMs;
    // Charged to the channel that was missing last; only its receiver may count there.
    const line = instruction.kind === 'receive' ? this.#lines.get(this.#blockedChannel) : undefined;
    line?.countWait(waitedMs * NS_PER_MS);
  }
}
