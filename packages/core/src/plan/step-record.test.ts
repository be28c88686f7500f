import fc from 'fast-check';
import { expect, test } from 'vitest';
import { PROGRAM_NAMES } from './programs.ts';
import { StepEncoder, stepRecordBytes, StepView } from './step-record.ts';
import type { Segment, Step } from './step-record.ts';

const ROTARY = 6;
const rope = {
  source: {
    copy(target: Float32Array, offset: number, { start, count }: { start: number; count: number }) {
      for (let i = 0; i < count * ROTARY; i++) target[offset + i] = start * ROTARY + i;
    },
  },
  rotaryWidth: ROTARY,
};

const segments = fc.array(
  fc.record({
    rowCount: fc.integer({ min: 1, max: 5 }),
    startPosition: fc.nat({ max: 90 }),
    blocks: fc.array(fc.nat({ max: 999 }), { maxLength: 7 }),
    windowBlocks: fc.array(fc.nat({ max: 999 }), { maxLength: 3 }),
    windowFirst: fc.nat({ max: 4 }),
    adapter: fc.nat({ max: 3 }),
  }),
  { minLength: 1, maxLength: 6 },
);

function stepOf(parts: readonly Omit<Segment, 'firstRow'>[]): Step {
  let rowCount = 0;
  const placed = parts.map((part) => {
    rowCount += part.rowCount;
    return { ...part, firstRow: rowCount - part.rowCount };
  });
  const tokens = Int32Array.from({ length: rowCount }, (_, i) => i * 7 + 1);
  const outputRows = Array.from(tokens.keys()).filter((row) => row % 2 === 0);
  const logitCount = outputRows.length >> 1;
  return { program: 'extend', rowCount, tokens, segments: placed, outputRows, logitCount };
}

function sizesOf(step: Step): Parameters<typeof stepRecordBytes>[0] {
  const sum = (of: (segment: Segment) => number): number =>
    step.segments.reduce((total, segment) => total + of(segment), 0);
  return {
    rowCount: step.rowCount,
    segmentCount: step.segments.length,
    outputCount: step.outputRows.length,
    blockCount: sum(({ blocks }) => blocks.length),
    windowBlockCount: sum(({ windowBlocks }) => windowBlocks.length),
    rotaryWidth: ROTARY,
  };
}

test('what the encoder writes, the view reads, in as many bytes as the sizes say', () => {
  fc.assert(
    fc.property(segments, fc.nat({ max: 9 }), (parts, index) => {
      const step = stepOf(parts);
      const bytes = stepRecordBytes(sizesOf(step));
      const address = 64;
      const memory = new ArrayBuffer(address + bytes);
      const encoder = new StepEncoder(memory, { address, bytesMax: bytes }, rope);
      expect(encoder.encode(step, index)).toBe(bytes);
      const view = new StepView(memory);
      view.open(address, index);
      expect([view.bytes, view.rowCount, view.segmentCount]).toEqual([
        bytes,
        step.rowCount,
        parts.length,
      ]);
      expect(PROGRAM_NAMES[view.program]).toBe(step.program);
      expect([view.outputCount, view.logitCount]).toEqual([
        step.outputRows.length,
        step.logitCount,
      ]);
      for (let row = 0; row < step.rowCount; row++) expect(view.token(row)).toBe(step.tokens[row]);
      step.outputRows.forEach((row, i) => expect(view.outputRow(i)).toBe(row));
      const words = new Int32Array(memory);
      const floats = new Float32Array(memory);
      step.segments.forEach((segment, s) => {
        expect(view.segmentFirstRow(s)).toBe(segment.firstRow);
        expect(view.segmentRowCount(s)).toBe(segment.rowCount);
        expect(view.segmentStart(s)).toBe(segment.startPosition);
        expect(view.segmentAdapter(s)).toBe(segment.adapter);
        const table = (at: number, count: number): number[] => [
          ...words.subarray(at / 4, at / 4 + count),
        ];
        expect(table(view.segmentBlocks(s), segment.blocks.length)).toEqual(segment.blocks);
        const windows = view.segmentWindowBlocks(s) + segment.windowFirst * 4;
        expect(table(windows, segment.windowBlocks.length)).toEqual(segment.windowBlocks);
        const ropeRow = view.rope / 4 + segment.firstRow * ROTARY;
        expect(floats[ropeRow]).toBe(segment.startPosition * ROTARY);
      });
    }),
  );
});

test('a reader that expects another step stops, and so does a writer without room', () => {
  const step = stepOf([
    { rowCount: 2, startPosition: 0, blocks: [1], windowBlocks: [], windowFirst: 0, adapter: 0 },
  ]);
  const bytes = stepRecordBytes(sizesOf(step));
  const memory = new ArrayBuffer(bytes);
  new StepEncoder(memory, { address: 0, bytesMax: bytes }, rope).encode(step, 4);
  expect(() => new StepView(memory).open(0, 5)).toThrow('reads the step it expects');
  expect(() =>
    new StepEncoder(memory, { address: 0, bytesMax: bytes - 16 }, rope).encode(step, 4),
  ).toThrow('has room for its step');
  step.segments[0]!.firstRow = 1;
  expect(() =>
    new StepEncoder(memory, { address: 0, bytesMax: bytes }, rope).encode(step, 4),
  ).toThrow('leave no gap');
});
