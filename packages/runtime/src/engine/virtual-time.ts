/**
 * Adds up the virtual time of steps, as the tiles that report logits tell it.
 *
 * A step begins when the one before has ended: it needs the tokens sampled there, and sampling
 * costs nothing on the described machine.
 */
import { readDelays } from '@wafer/fabric';
import type { DelayFigures } from '@wafer/fabric';
import type { Step, StepShape } from '@wafer/core';
import { ClockBoard } from '../virtual/clock-board.ts';
import type { TileVirtualTimes } from '../virtual/clock-board.ts';
import type { ClockTask } from '../virtual/clock-task.ts';

/** One step on the virtual clock. */
export interface VirtualStep {
  shape: StepShape;
  stepVirtualNs: number;
}

/** The virtual clock since the start. */
export interface VirtualFigures {
  clock: 'virtual';
  totalVirtualNs: number;
  /** Every step, if recorded. */
  steps: VirtualStep[] | undefined;
  tiles: TileVirtualTimes[];
  /** How well messages were held, if they were. */
  delays: DelayFigures | undefined;
}

export class VirtualTime {
  readonly #task: ClockTask;
  readonly #board: ClockBoard;
  readonly #steps: VirtualStep[] | undefined;
  #totalNs = 0;

  constructor(task: ClockTask, options: { recordSteps: boolean }) {
    this.#task = task;
    this.#board = new ClockBoard(task.words, task.plan);
    this.#steps = options.recordSteps ? [] : undefined;
  }

  get totalNs(): number {
    return this.#totalNs;
  }

  /** Counts a step that all tiles of the last stage have reported. */
  endStep(step: Step): void {
    let stepVirtualNs = 0;
    for (const tile of this.#task.plan.headTiles) {
      stepVirtualNs = Math.max(stepVirtualNs, this.#board.nowNs(tile));
    }
    this.#totalNs += stepVirtualNs;
    this.#steps?.push({ shape: shapeOf(step), stepVirtualNs });
  }

  figures(): VirtualFigures {
    const { delayWords, plan } = this.#task;
    return {
      clock: 'virtual',
      totalVirtualNs: this.#totalNs,
      steps: this.#steps,
      tiles: this.#board.tileTimes(),
      delays: delayWords && readDelays(delayWords, plan.channels.length),
    };
  }
}

function shapeOf({ program, segments, tokens, rowCount, logitCount }: Step): StepShape {
  return {
    segments: segments.map(({ startPosition, rowCount: count }) => ({
      startPosition,
      rowCount: count,
    })),
    tokens: Array.from(tokens.subarray(0, rowCount)),
    logitRows: logitCount,
    program,
  };
}
