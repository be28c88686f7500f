/**
 * What the page of a training run is made of: plain data.
 */
import type { Setting } from '../machine.ts';

/** A step as it was told of. Of preferences it has a margin, and the share of pairs told apart. */
export interface PageStep {
  step: number;
  loss: number;
  gradNorm: number;
  learningRate: number;
  margin?: number;
  pairAccuracy?: number;
  /** Where the run was cut. */
  cutBytes?: number;
}

/** A measurement on validation data. */
export interface PageValid {
  step: number;
  validLoss: number;
  validMargin?: number;
  validPairAccuracy?: number;
}

/** A text that the trained model went on with. */
export interface PageSample {
  prompt: string;
  text: string;
}

/** Milliseconds of one stage of a replica, and of the process it was in. */
export interface PageTimes {
  name: string;
  allMs: number;
  rowsMs: number;
  waitsMs: number;
  exchangesMs: number;
}

/** What went from one chip to another. */
export interface PageTraffic {
  source: number;
  target: number;
  messages: number;
  payloadBytes: number;
  overheadBytes: number;
}

export interface TrainPage {
  model: string;
  steps: readonly PageStep[];
  valid: readonly PageValid[];
  samples: readonly PageSample[];
  times: readonly PageTimes[];
  traffic: readonly PageTraffic[];
  /** Where all is in one memory: what a step would send through a cut, computed; 0: one thread. */
  bytesIfCut: number;
  facts: readonly (readonly [name: string, value: string])[];
  setting: Setting;
}
