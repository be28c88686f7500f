/**
 * What a run is told by: lines of `--json`, which its log keeps, too.
 */
import type { AsideTimes, PairFigures, StageTimes, Trainer, TrainStep } from '@wafer/train';
import { CutMeter } from './cut.ts';
import type { CutRecord } from './cut.ts';
import type { LogLine, TrainLog } from './log.ts';

/** How long a process had a run, and what its stages did meanwhile. */
export interface ProcessRecord {
  /** The step that it began after; no two of a log have the same. */
  begunAt: number;
  allMs: number;
  times: readonly StageTimes[];
  cut?: CutRecord;
  /** Of those beside the steps, where there were some. */
  checkpoints?: AsideTimes;
}

export class TrainRecord {
  readonly #trainer: Trainer;
  readonly #log: TrainLog;
  readonly #meter: CutMeter;
  readonly #begunAt: number;
  readonly #startMs = performance.now();

  constructor(trainer: Trainer, log: TrainLog) {
    this.#trainer = trainer;
    this.#log = log;
    this.#meter = new CutMeter(trainer);
    this.#begunAt = trainer.step;
  }

  /** Milliseconds since it began. */
  get allMs(): number {
    return performance.now() - this.#startMs;
  }

  /** Steps since it began. */
  get steps(): number {
    return this.#trainer.step - this.#begunAt;
  }

  get cut(): CutRecord | undefined {
    return this.#meter.record;
  }

  /** The line of a step that has just ended. Throws: OUTPUT_FAILED. */
  step(told: TrainStep): LogLine {
    const { step, loss, zLoss, balanceLoss, gradNorm, learningRate, isSkipped, pairs } = told;
    const cutBytes = this.#meter.takeStep();
    return this.#keep({
      ...{ step, loss, ...(zLoss > 0 && { zLoss }), ...(balanceLoss > 0 && { balanceLoss }) },
      ...{ gradNorm, learningRate },
      ...(pairs && { margin: pairs.margin, pairAccuracy: pairs.accuracy }),
      ...(isSkipped && { skipped: true }),
      ...(cutBytes !== undefined && { cutBytes }),
    });
  }

  /** The line of a measurement on validation data. Throws: OUTPUT_FAILED. */
  valid(validLoss: number, pairs: PairFigures | undefined): LogLine {
    const more = pairs && { validMargin: pairs.margin, validPairAccuracy: pairs.accuracy };
    return this.#keep({ step: this.#trainer.step, validLoss, ...more });
  }

  /** Keeps how this process has done so far, before a checkpoint. Throws: OUTPUT_FAILED. */
  mark(checkpoints: AsideTimes | undefined): void {
    const { cut } = this;
    const process: ProcessRecord = {
      begunAt: this.#begunAt,
      allMs: this.allMs,
      times: this.#trainer.run.times,
      ...(cut && { cut }),
      ...(checkpoints && { checkpoints: { ...checkpoints } }),
    };
    if (this.steps > 0) this.#keep({ step: this.#trainer.step, process });
  }

  /** Waits until its log is on the disk. Throws: OUTPUT_FAILED. */
  sync(): void {
    this.#log.sync();
  }

  #keep(line: LogLine): LogLine {
    this.#log.add(line);
    return line;
  }
}
