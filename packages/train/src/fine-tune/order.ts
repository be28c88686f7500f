/**
 * What a fine-tuning process is told, and what it tells: plain data between two processes.
 *
 *     data …, begin ─▶ faults │ ready ─ step, checkpoint, step … ─▶ done │ stopped │ failed
 *              stop ─▶
 */
import type { PairFigures } from '../preferences.ts';
import type { PreferenceSettings } from '../settings.ts';
import type { LineFault } from './lines.ts';

/** What is to be trained from what, and where everything of it lies. */
export interface FineTuneOrder {
  /** What `openModel` takes. */
  model: string;
  modelsFolder: string | undefined;
  /** The folder of this job, where a process before may have left checkpoints. */
  folder: string;
  seed: number;
  /** What is not given follows from the data. */
  epochs: number | undefined;
  batch: number | undefined;
  rateMultiplier: number | undefined;
  /** Rank of adapters; undefined: all weights are trained. */
  loraRank: number | undefined;
  /** Lines are preferences; undefined: examples. A beta that is not given is the usual one. */
  preference: { beta?: PreferenceSettings['beta'] | undefined } | undefined;
  threads: number;
  /** Milliseconds between checkpoints of the run. */
  checkpointMs: number;
}

export type FineTuneFile = 'training_file' | 'validation_file';

/** What the process is told. */
export type FineTuneCommand =
  | { kind: 'data'; file: FineTuneFile; bytes: Uint8Array }
  | { kind: 'begin'; order: FineTuneOrder }
  | { kind: 'stop' };

/** What follows from order and data. */
export interface FineTunePlan {
  examples: number;
  epochs: number;
  batch: number;
  rateMultiplier: number;
  /** Of preferences. */
  beta: number | undefined;
  steps: number;
  tokensOfStep: number;
}

/** What the process tells. Losses are means, in nats of a token. */
export type FineTuneEvent =
  | { kind: 'faults'; file: FineTuneFile; faults: LineFault[] }
  | { kind: 'ready'; plan: FineTunePlan; step: number }
  | ({ kind: 'step'; pairs: PairFigures | undefined } & StepPoint)
  | ({ kind: 'checkpoint'; epoch: number } & ModelPoint)
  | ({ kind: 'done' } & ModelPoint)
  | { kind: 'stopped'; step: number }
  | { kind: 'failed'; code: string; message: string };

/** A step that is told of. */
export interface StepPoint {
  step: number;
  loss: number;
  learningRate: number;
  gradNorm: number;
}

/** A model that was written, and how well it did. */
export interface ModelPoint {
  step: number;
  trainLoss: number;
  validLoss: number | undefined;
}

/** Where the model of a step lies within the folder of a job. */
export function stepModelPath(step: number): string {
  return `models/step-${step}`;
}

/** Where the result lies within the folder of a job. */
export const RESULT_PATH = 'model';
