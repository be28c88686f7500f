/**
 * The step record: what every tile is told of one step, as words in its SRAM.
 *
 *     header │ tokens │ outputs │ segments │ rope │ blocks │ window blocks      each on 16 bytes
 *
 * Fields and parts stand once, in the tables below: encoder, decoder and size follow from them. To
 * add a field, add its name, and set it where the scheduler fills a segment. Writer and reader both
 * hold the number of the step, so that neither takes another record for it.
 */
import { assert } from '../errors.ts';
import { PROGRAM_INDEX, PROGRAM_NAMES } from './programs.ts';
import type { ProgramName } from './programs.ts';

/** Step records that a tile's SRAM holds at once. */
export const RECORD_SLOTS = 2;

/** How much of everything one step holds; of the largest step, what a record must have room for. */
export interface StepSizes {
  rowCount: number; // T
  segmentCount: number;
  outputCount: number;
  /** Entries of all block tables. */
  blockCount: number;
  windowBlockCount: number;
  rotaryWidth: number;
}

/** Consecutive tokens of one sequence in a step. */
export interface Segment {
  firstRow: number;
  rowCount: number;
  /** Position of the first row in its sequence. */
  startPosition: number;
  /** KV block ids of the sequence, one per 16 positions, covering at least the segment's end. */
  blocks: readonly number[];
  /** The same for layers with windows, from block index `windowFirst` on; empty without any. */
  windowBlocks: readonly number[];
  windowFirst: number;
  /** Which adapter its rows go through; 0: none. */
  adapter: number;
}

/** One step of the engine: a batch of rows, grouped in segments of one sequence each. */
export interface Step {
  /** What every tile walks. */
  program: ProgramName;
  /** Rows in use. */
  rowCount: number;
  /** Token ids, [rowsMax]. */
  tokens: Int32Array;
  /** In ascending firstRow; cover [0, rowCount) without gaps. */
  segments: Segment[];
  /** Rows something is wanted of: logits of the first `logitCount`, hidden states of the others. */
  outputRows: number[];
  logitCount: number;
}

// ---- the tables

const SEGMENT_FIELDS = [
  'firstRow',
  'rowCount',
  'startPosition',
  'blockTable', // offset of its i32 block ids
  /** Where block 0 of the windows' table would be: only blocks that are seen are there. */
  'windowTable',
  'adapter',
] as const;

const SEGMENT = indexOf(SEGMENT_FIELDS);
const SEGMENT_WORDS = SEGMENT_FIELDS.length;

/** Parts in their order in the record, and the words of each. */
const PARTS = {
  tokens: (sizes: StepSizes) => sizes.rowCount, // i32 [T]
  outputs: (sizes: StepSizes) => sizes.outputCount, // i32 [outputs]: rows
  segments: (sizes: StepSizes) => sizes.segmentCount * SEGMENT_WORDS, // i32 [segments, fields]
  rope: (sizes: StepSizes) => sizes.rowCount * sizes.rotaryWidth, // f32 [T, rotaryWidth / 2, 2]
  blocks: (sizes: StepSizes) => sizes.blockCount, // i32, segment after segment
  windowBlocks: (sizes: StepSizes) => sizes.windowBlockCount, // i32
} as const;

const PART_NAMES = Object.keys(PARTS) as (keyof typeof PARTS)[];
const PART_SIZES = Object.values(PARTS);

/** Header words: facts of the step, then the offset of each part from the record's start. */
const FACTS = [
  'step',
  'bytes',
  'program', // its number
  'rowCount',
  'segmentCount',
  'outputCount',
  'logitCount',
] as const;
const HEADER = indexOf([...FACTS, ...PART_NAMES]);
const FIRST_PART = FACTS.length;
const HEADER_WORDS = FACTS.length + PART_NAMES.length;

const ALIGNMENT = 16; // bytes

/** Bytes of a record of these sizes. */
export function stepRecordBytes(sizes: StepSizes): number {
  return PART_SIZES.reduce((end, wordsOf) => align(end) + wordsOf(sizes) * 4, HEADER_WORDS * 4);
}

// ---- the writer

/** Copies the rope rows of consecutive positions to `target` at `offset` (elements). */
export interface RopeSource {
  copy(target: Float32Array, offset: number, positions: { start: number; count: number }): void;
}

/** Builds records at one place of a memory; nothing is allocated per step. */
export class StepEncoder {
  readonly #words: Int32Array;
  readonly #floats: Float32Array;
  readonly #base: number; // words
  readonly #bytesMax: number;
  readonly #rope: RopeSource;
  readonly #sizes: StepSizes;

  constructor(
    memory: ArrayBufferLike,
    place: { address: number; bytesMax: number },
    rope: { source: RopeSource; rotaryWidth: number },
  ) {
    this.#words = new Int32Array(memory);
    this.#floats = new Float32Array(memory);
    this.#base = place.address / 4;
    this.#bytesMax = place.bytesMax;
    this.#rope = rope.source;
    this.#sizes = {
      rowCount: 0,
      segmentCount: 0,
      outputCount: 0,
      blockCount: 0,
      windowBlockCount: 0,
      rotaryWidth: rope.rotaryWidth,
    };
  }

  /** Writes the record of step number `index`; its bytes. */
  encode(step: Step, index: number): number {
    const bytes = this.#writeHeader(step, index);
    const words = this.#words;
    const tokens = this.#part('tokens');
    for (let row = 0; row < step.rowCount; row++) words[tokens + row] = step.tokens[row]!;
    const outputs = this.#part('outputs');
    for (let i = 0; i < step.outputRows.length; i++) words[outputs + i] = step.outputRows[i]!;
    this.#writeSegments(step);
    return bytes;
  }

  #writeHeader(step: Step, index: number): number {
    const sizes = this.#sizes;
    sizes.rowCount = step.rowCount;
    sizes.segmentCount = step.segments.length;
    sizes.outputCount = step.outputRows.length;
    sizes.blockCount = 0;
    sizes.windowBlockCount = 0;
    for (const { blocks, windowBlocks } of step.segments) {
      sizes.blockCount += blocks.length;
      sizes.windowBlockCount += windowBlocks.length;
    }
    let end = HEADER_WORDS * 4;
    for (let part = 0; part < PART_SIZES.length; part++) {
      const offset = align(end);
      this.#words[this.#base + FIRST_PART + part] = offset;
      end = offset + PART_SIZES[part]!(sizes) * 4;
    }
    if (end > this.#bytesMax) {
      assert(false, 'a record has room for its step', { bytes: end, bytesMax: this.#bytesMax });
    }
    this.#set('step', index);
    this.#set('bytes', end);
    this.#set('program', PROGRAM_INDEX[step.program]);
    this.#set('rowCount', step.rowCount);
    this.#set('segmentCount', step.segments.length);
    this.#set('outputCount', step.outputRows.length);
    this.#set('logitCount', step.logitCount);
    return end;
  }

  #writeSegments({ segments, rowCount }: Step): void {
    const words = this.#words;
    const rope = this.#part('rope');
    let at = this.#part('segments');
    let blockAt = this.#part('blocks');
    let windowAt = this.#part('windowBlocks');
    let row = 0;
    for (const segment of segments) {
      const { firstRow, startPosition: start, rowCount: count, blocks, windowBlocks } = segment;
      if (firstRow !== row) assert(false, 'segments leave no gap', { firstRow, row });
      words[at + SEGMENT.firstRow] = firstRow;
      words[at + SEGMENT.rowCount] = count;
      words[at + SEGMENT.startPosition] = start;
      words[at + SEGMENT.blockTable] = (blockAt - this.#base) * 4;
      for (let b = 0; b < blocks.length; b++) words[blockAt++] = blocks[b]!;
      words[at + SEGMENT.windowTable] = (windowAt - this.#base - segment.windowFirst) * 4;
      for (let b = 0; b < windowBlocks.length; b++) words[windowAt++] = windowBlocks[b]!;
      words[at + SEGMENT.adapter] = segment.adapter;
      this.#rope.copy(this.#floats, rope + row * this.#sizes.rotaryWidth, { start, count });
      row += count;
      at += SEGMENT_WORDS;
    }
    if (row !== rowCount) assert(false, 'segments cover the rows of the step', { row, rowCount });
  }

  #set(fact: (typeof FACTS)[number], value: number): void {
    this.#words[this.#base + HEADER[fact]] = value;
  }

  /** Where a part begins, in words. */
  #part(part: keyof typeof PARTS): number {
    return this.#base + this.#words[this.#base + HEADER[part]]! / 4;
  }
}

// ---- the reader

/**
 * Reads the record in a tile's SRAM; no object is made per step. All pointers it hands out are byte
 * addresses in the tile's SRAM, ready for the kernels.
 */
export class StepView {
  readonly #words: Int32Array;
  #record = 0; // bytes

  constructor(memory: ArrayBufferLike) {
    this.#words = new Int32Array(memory);
  }

  /** Turns to the record at an address, which must be that of step number `index`. */
  open(record: number, index: number): void {
    this.#record = record;
    const step = this.#header(HEADER.step);
    const isExpected = step === (index | 0) && this.rowCount > 0 && this.segmentCount > 0;
    if (!isExpected) assert(false, 'a tile reads the step it expects', { step, index });
    const { program } = this;
    const isKnown = program >= 0 && program < PROGRAM_NAMES.length;
    if (!isKnown) assert(false, 'a step names a program', { step, program });
  }

  /** Turns to a record of whatever step: for those who pass it on. */
  look(record: number): this {
    this.#record = record;
    return this;
  }

  get bytes(): number {
    return this.#header(HEADER.bytes);
  }

  /** Number of the program: its index among their names. */
  get program(): number {
    return this.#header(HEADER.program);
  }

  get rowCount(): number {
    return this.#header(HEADER.rowCount);
  }

  get segmentCount(): number {
    return this.#header(HEADER.segmentCount);
  }

  /** Rows handed to the host: of the first `logitCount` the logits, then hidden states. */
  get outputCount(): number {
    return this.#header(HEADER.outputCount);
  }

  get logitCount(): number {
    return this.#header(HEADER.logitCount);
  }

  /** Address of the rope table, [T, rotaryWidth / 2, 2]. */
  get rope(): number {
    return this.#record + this.#header(HEADER.rope);
  }

  token(row: number): number {
    return this.#words[((this.#record + this.#header(HEADER.tokens)) >>> 2) + row]!;
  }

  outputRow(index: number): number {
    return this.#words[((this.#record + this.#header(HEADER.outputs)) >>> 2) + index]!;
  }

  segmentFirstRow(segment: number): number {
    return this.#segment(segment, SEGMENT.firstRow);
  }

  segmentRowCount(segment: number): number {
    return this.#segment(segment, SEGMENT.rowCount);
  }

  segmentStart(segment: number): number {
    return this.#segment(segment, SEGMENT.startPosition);
  }

  segmentAdapter(segment: number): number {
    return this.#segment(segment, SEGMENT.adapter);
  }

  /** Address of the segment's block table, i32. */
  segmentBlocks(segment: number): number {
    return this.#record + this.#segment(segment, SEGMENT.blockTable);
  }

  /** Address at which block 0 of the table of windows would be; it begins with blocks seen. */
  segmentWindowBlocks(segment: number): number {
    return this.#record + this.#segment(segment, SEGMENT.windowTable);
  }

  #header(word: number): number {
    return this.#words[(this.#record >>> 2) + word]!;
  }

  #segment(segment: number, word: number): number {
    const segments = (this.#record + this.#header(HEADER.segments)) >>> 2;
    return this.#words[segments + segment * SEGMENT_WORDS + word]!;
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

function indexOf<Name extends string>(names: readonly Name[]): { readonly [N in Name]: number } {
  return Object.fromEntries(names.map((name, i) => [name, i])) as { [N in Name]: number };
}
