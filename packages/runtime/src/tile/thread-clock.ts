/**
 * The virtual clocks of a thread's tiles: its programs, and its kerf channels, with time.
 *
 * Each instruction is wrapped once, when the tile is put together; without a clock nothing here is
 * loaded. An instruction spends its time, then runs; a send stamps its messages before they are
 * published; a receive takes its messages, then the time of the latest.
 */
import { PROGRAM_NAMES } from '@wafer/core';
import type { ChannelPlan, Instruction, StepShape, StepView, TilePlan } from '@wafer/core';
import { DelayInjector } from '@wafer/fabric';
import type { DelayLane, Receiver, Sender, Transport } from '@wafer/fabric';
import { clockSetup, TileClock } from '@wafer/timing';
import type { ClockSetup } from '@wafer/timing';
import type { BoundInstruction } from './bound-instruction.ts';
import type { ThreadTask } from './thread-task.ts';
import { ClockBoard } from '../virtual/clock-board.ts';
import type { ClockTask } from '../virtual/clock-task.ts';

export class ThreadClock {
  /** Undefined where messages are not held. */
  readonly injector: DelayInjector | undefined;
  readonly #setup: ClockSetup;
  readonly #board: ClockBoard;
  /** Ways out of the tiles of this thread, by tile. */
  readonly #lanes = new Map<number, DelayLane>();
  readonly #clocks = new Map<number, TileClock>();

  constructor({ plan, options, words, delayWords }: ClockTask, { thread }: ThreadTask) {
    this.#setup = clockSetup(plan, options);
    this.#board = new ClockBoard(words, plan);
    if (delayWords === undefined) return;
    // Threads begin to count at different times; the system's clock is one for all.
    const originNs = Number(process.hrtime.bigint()) - performance.now() * 1e6;
    const nowNs = (): number => originNs + performance.now() * 1e6;
    this.injector = new DelayInjector(delayWords, {
      channelCount: plan.channels.length,
      thread,
      nowNs,
    });
  }

  /** What carries channels across kerfs, held where that is asked for. */
  transport(inner: Transport): Transport {
    return {
      carries: (channel) => inner.carries(channel),
      sender: (channel) => this.#sender(channel, inner.sender(channel)),
      receiver: (channel) => this.#receiver(channel, inner.receiver(channel)),
    };
  }

  #sender(channel: ChannelPlan, inner: Sender): Sender {
    const { injector } = this;
    if (injector === undefined) return inner;
    const { costs } = this.#setup;
    const lane = this.#lanes.get(channel.source) ?? { freeNs: 0 };
    this.#lanes.set(channel.source, lane);
    return injector.sender(inner, {
      channel: channel.index,
      lane,
      timesOf: ({ count }) => {
        const { bandwidthNs, latencyNs, overheadNs } = costs.cost(channel, count).link;
        return { busyNs: bandwidthNs, travelNs: overheadNs + latencyNs };
      },
    });
  }

  #receiver(channel: ChannelPlan, inner: Receiver): Receiver {
    return this.injector?.receiver(inner, channel.index) ?? inner;
  }

  /** The programs of a tile, carrying the tile's clock. */
  timed(
    tile: TilePlan,
    bound: readonly (readonly BoundInstruction[])[],
    step: StepView,
  ): BoundInstruction[][] {
    const clock = new TileClock(this.#setup, tile);
    this.#clocks.set(tile.index, clock);
    return bound.map((program, i) =>
      this.#timedProgram(clock, { program, plan: tile.programs[PROGRAM_NAMES[i]!], step }),
    );
  }

  /** The clock of a tile whose programs are timed. */
  clockOf(tile: number): TileClock | undefined {
    return this.#clocks.get(tile);
  }

  #timedProgram(
    clock: TileClock,
    parts: {
      program: readonly BoundInstruction[];
      plan: readonly Instruction[];
      step: StepView;
    },
  ): BoundInstruction[] {
    const { program, plan, step } = parts;
    const { tile } = clock;
    const last = program.length - 1;
    return program.map((instruction, place) => {
      const spend = this.#spending(clock, place, plan[place]!);
      const { run } = instruction;
      const isShown = place === last || plan[place]!.op === 'logits';
      const isFirst = place === 0;
      const isReceive = instruction.kind === 'receive';
      return {
        ...instruction,
        run: () => {
          if (isFirst) clock.restart(shapeOf(step));
          if (isReceive) run(); // the stamps are there once the messages are taken
          spend();
          // The engine reads the clock once the tile has reported its logits.
          if (isShown) this.#board.show(tile.index, clock);
          if (!isReceive) run();
        },
      };
    });
  }

  /** What the instruction at a place does to the clock. */
  #spending(clock: TileClock, place: number, instruction: Instruction): () => void {
    const board = this.#board;
    if (instruction.op === 'send') {
      const { channels } = instruction;
      return () => {
        clock.payReduce(place);
        for (const channel of channels) board.stamp(channel, clock.send(channel));
      };
    }
    if (instruction.op === 'receive') {
      const { channels } = instruction;
      return () => {
        let latest = channels[0]!;
        for (const channel of channels) {
          if (board.arrivalNs(channel) > board.arrivalNs(latest)) latest = channel;
        }
        clock.receive({ sentNs: board.sentNs(latest), arrivalNs: board.arrivalNs(latest) });
      };
    }
    return () => void clock.compute(place);
  }
}

/** The step record as clocks see it. */
function shapeOf(step: StepView): StepShape {
  const { segmentCount, rowCount, logitCount } = step;
  return {
    segments: Array.from({ length: segmentCount }, (_, segment) => ({
      startPosition: step.segmentStart(segment),
      rowCount: step.segmentRowCount(segment),
      adapter: step.segmentAdapter(segment),
    })),
    tokens: Array.from({ length: rowCount }, (_, row) => step.token(row)),
    logitRows: logitCount,
    program: PROGRAM_NAMES[step.program]!,
  };
}
