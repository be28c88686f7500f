/**
 * What `wafer train` tells of a cut: bytes over it, by step and in all.
 */
import { formatBytes, plural } from '@wafer/core';
import type { CutTraffic, Trainer } from '@wafer/train';

/** What the last record of a cut run says. */
export interface CutRecord {
  chips: number;
  link: string;
  /** Of this process's steps, headers and credits included. */
  bytes: number;
  bytesPerStep: number;
  pairs: readonly CutTraffic[];
}

/** Counts what goes over the cut of a run; of one that is not cut, nothing. */
export class CutMeter {
  readonly #trainer: Trainer;
  #bytes = 0;
  #steps = 0;

  constructor(trainer: Trainer) {
    this.#trainer = trainer;
  }

  /** Bytes of the step that just ended; undefined where nothing is cut. */
  takeStep(): number | undefined {
    if (this.#trainer.job.cut === undefined) return undefined;
    const before = this.#bytes;
    this.#bytes = this.#all;
    this.#steps++;
    return this.#bytes - before;
  }

  /** Everything so far. */
  get record(): CutRecord | undefined {
    const { cut } = this.#trainer.job;
    if (cut === undefined) return undefined;
    const bytes = this.#all;
    const bytesPerStep = this.#steps > 0 ? this.#bytes / this.#steps : 0;
    return { ...cut, bytes, bytesPerStep, pairs: this.#trainer.run.traffic };
  }

  get #all(): number {
    return this.#trainer.run.traffic.reduce(
      (sum, { payloadBytes, overheadBytes }) => sum + payloadBytes + overheadBytes,
      0,
    );
  }
}

/** The same as fields of text. */
export function cutFields(record: CutRecord | undefined): [string, string][] {
  if (record === undefined) return [];
  const { chips, link, bytesPerStep, pairs } = record;
  const each = pairs.map(({ source, target, payloadBytes, overheadBytes }): [string, string] => [
    `chip ${source} to ${target}`,
    `${formatBytes(payloadBytes)} and ${formatBytes(overheadBytes)} of headers and credits`,
  ]);
  return [
    ['the cut', `${plural(chips, 'chip')} over ${link}, ${formatBytes(bytesPerStep)} a step`],
    ...each,
  ];
}
