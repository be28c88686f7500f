/**
 * Writes the planned rows of sequences into a step: decodes, then prefills, each with rows of one
 * adapter side by side.
 *
 * Logits come before hidden states among the outputs, so that tiles multiply by the head only rows
 * that lie side by side. Objects of the last step are used again: nothing is allocated.
 */
import { programFor } from '@wafer/core';
import type { Segment, Step } from '@wafer/core';
import type { Sequence, Wants } from './sequence.ts';

export class StepFiller {
  /** Sequences of the step's segments, in their order. */
  readonly segmentOwners: Sequence[] = [];
  /** Sequences of the step's outputs, in their order, and the positions of those. */
  readonly outputOwners: Sequence[] = [];
  readonly outputPositions: number[] = [];
  readonly #segments: Segment[];
  /** By adapter, where there are any. */
  readonly #grouped: Sequence[] = [];

  constructor(sequencesMax: number) {
    this.#segments = Array.from({ length: sequencesMax }, () => ({
      firstRow: 0,
      rowCount: 0,
      startPosition: 0,
      blocks: [],
      windowBlocks: [],
      windowFirst: 0,
      adapter: 0,
    }));
  }

  /** Fills the step with the rows that the sequences have planned. */
  fill(step: Step, sequences: readonly Sequence[]): void {
    step.rowCount = 0;
    const ordered = this.#group(sequences);
    const decodeCount = this.#addSegments(step, ordered, { isDecoding: true, from: 0 });
    const end = this.#addSegments(step, ordered, { isDecoding: false, from: decodeCount });
    truncate(step.segments, end);
    truncate(this.segmentOwners, end);
    step.logitCount = this.#addOutputs(step, 'logits', 0);
    const outputCount = this.#addOutputs(step, 'hidden', step.logitCount);
    step.program = programFor(outputCount);
    truncate(step.outputRows, outputCount);
    truncate(this.outputOwners, outputCount);
    truncate(this.outputPositions, outputCount);
  }

  /** Sequences by adapter, else as they are; sorted in place, by insertion. */
  #group(sequences: readonly Sequence[]): readonly Sequence[] {
    let isPlain = true;
    for (const { adapter } of sequences) isPlain &&= adapter === 0;
    const grouped = this.#grouped;
    truncate(grouped, isPlain ? 0 : sequences.length);
    if (isPlain) return sequences;
    for (let count = 0; count < sequences.length; count++) {
      const sequence = sequences[count]!;
      let index = count;
      for (; index > 0 && grouped[index - 1]!.adapter > sequence.adapter; index--) {
        grouped[index] = grouped[index - 1]!;
      }
      grouped[index] = sequence;
    }
    return grouped;
  }

  #addSegments(
    step: Step,
    sequences: readonly Sequence[],
    which: { isDecoding: boolean; from: number },
  ): number {
    let index = which.from;
    for (const sequence of sequences) {
      const { plannedCount, computedCount, tokens } = sequence;
      if (plannedCount === 0 || sequence.isDecoding !== which.isDecoding) continue;
      const segment = this.#segments[index]!;
      segment.firstRow = step.rowCount;
      segment.rowCount = plannedCount;
      segment.startPosition = computedCount;
      segment.blocks = sequence.blocks;
      segment.windowBlocks = sequence.windowBlocks;
      segment.windowFirst = sequence.windowFirst;
      segment.adapter = sequence.adapter;
      step.segments[index] = segment;
      this.segmentOwners[index] = sequence;
      for (let i = 0; i < plannedCount; i++) {
        step.tokens[step.rowCount + i] = tokens[computedCount + i]!;
      }
      step.rowCount += plannedCount;
      index++;
    }
    return index;
  }

  #addOutputs(step: Step, output: Wants['output'], from: number): number {
    let count = from;
    for (let s = 0; s < step.segments.length; s++) {
      const sequence = this.segmentOwners[s]!;
      if (sequence.wants.output !== output) continue;
      const { firstRow, rowCount, startPosition } = step.segments[s]!;
      const first = Math.max(0, sequence.firstOutput - startPosition);
      for (let i = first; i < rowCount; i++) {
        step.outputRows[count] = firstRow + i;
        this.outputOwners[count] = sequence;
        this.outputPositions[count] = startPosition + i;
        count++;
      }
    }
    return count;
  }
}

function truncate(list: unknown[], length: number): void {
  if (list.length !== length) list.length = length;
}
