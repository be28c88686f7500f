/**
 * The kernels of a tile's programs, in their order and on a memory laid out as the tile's, without
 * the messages between them: what a step finds in caches, and what it has to fetch, is found and
 * fetched here, too. Instructions are bound as in a running tile; weights and rows are of the right
 * kind, not of the model.
 *
 *     the tile's SRAM │ a record for each step
 *
 * Letters: T tokens.
 */
import {
  assert,
  bytesOf,
  KV_BLOCK_TOKENS,
  maxOf,
  packedBytes,
  rowsOf,
  StepEncoder,
  stepRecordBytes,
  StepView,
} from '@wafer/core';
import type { Instruction, RopeSource, Segment, Step, StepShape } from '@wafer/core';
import type { TilePlan, WeightType } from '@wafer/core';
import { compileKernels, detectRounding, instantiateKernels } from '@wafer/kernels';
import type { Kernels } from '@wafer/kernels';
import { bindInstruction } from '@wafer/runtime/internal';
import type { TileParts } from '@wafer/runtime/internal';
import { kernelShapesOf, shapeName } from '@wafer/timing';
import type { KernelShape } from '@wafer/timing';
import { onePanel } from '../micro/kernel-cases.ts';

/** An instruction: its kernel, and how to do it. */
export interface KernelCall {
  name: string;
  shape: KernelShape;
  run: () => void;
}

type Pool = 'kv' | 'kv-windows';
type Attend = Extract<Instruction, { op: 'attend' }>;

/** Between two messages, tiles of a thread do not take turns. */
export type KernelStretch = readonly KernelCall[];

const PAGE_BYTES = 65_536;
const PAGES_MAX = 65_536;
/** Of keys and values, that make a small number of whatever type they are. */
const KV_BYTE = 0x3c;

export class WalkedTile {
  /** The tile's SRAM, then the records. */
  readonly memory: WebAssembly.Memory;
  readonly #plan: TilePlan;
  readonly #kernels: Kernels;
  /** Where the record of each step is. */
  readonly #records = new Map<StepShape, number>();
  /** One panel of each kind, repeated wherever it is asked for. */
  readonly #panels = new Map<string, Uint8Array>();

  /** Takes memory for the tile, and fills what these steps read. */
  constructor(plan: TilePlan, shapes: readonly StepShape[]) {
    const isOne = shapes.every(({ segments }) => segments.length === 1);
    assert(isOne, 'an instruction of a walked step is of one sequence', { steps: shapes.length });
    this.#plan = plan;
    const steps = shapes.map((shape) => stepOf(plan, shape));
    const sizes = steps.map((step) => recordBytes(plan, step));
    let end = Math.ceil(plan.sramBytes / 64) * 64;
    for (const [i, shape] of shapes.entries()) {
      this.#records.set(shape, end);
      end += Math.ceil(sizes[i]! / 64) * 64;
    }
    const pages = Math.ceil(end / PAGE_BYTES);
    this.memory = new WebAssembly.Memory({ initial: pages, maximum: PAGES_MAX, shared: true });
    this.#kernels = instantiateKernels(compileKernels(detectRounding()), this.memory);
    const { rotaryWidth } = plan.constants;
    for (const [i, shape] of shapes.entries()) {
      const place = { address: this.#records.get(shape)!, bytesMax: sizes[i]! };
      const rope = { source: unturned(rotaryWidth), rotaryWidth };
      new StepEncoder(this.memory.buffer, place, rope).encode(steps[i]!, 0);
    }
    for (const instruction of Object.values(plan.programs).flat()) this.#fill(instruction);
    this.#fillKv(maxOf(shapes.map(positionsOf)));
  }

  /** The calls of a step, cut where the tile hands on or waits. */
  stretchesOf(step: StepShape): KernelStretch[] {
    const { constants, programs } = this.#plan;
    const { buffer } = this.memory;
    const parts: TileParts = {
      kernels: this.#kernels,
      step: new StepView(buffer).look(this.#records.get(step)!),
      constants,
      floats: new Float32Array(buffer),
      integers: new Int32Array(buffer),
      ...{ senders: new Map(), receivers: new Map(), channels: new Map() },
      reportLogits: () => undefined,
      owned: { count: 0, indices: new Int32Array(0) },
    };
    const stretches: KernelCall[][] = [[]];
    for (const instruction of programs[step.program ?? 'infer']) {
      if (instruction.op === 'receive') stretches.push([]);
      const [shape, ...others] = kernelShapesOf(instruction, { step, constants });
      assert(others.length === 0, 'a call is timed as one kernel', { op: instruction.op });
      if (shape === undefined) continue;
      const bound = bindInstruction(instruction, parts);
      stretches.at(-1)!.push({ name: shapeName(shape), shape, run: () => bound.run() });
    }
    return stretches;
  }

  #fill(instruction: Instruction): void {
    if (instruction.op !== 'linear' && instruction.op !== 'logits') return;
    if (instruction.weights === undefined) return;
    const { address, type, rows, columns } = instruction.weights;
    const panel = this.#panelOf(type, columns);
    const bytes = packedBytes(type, rows, columns);
    const all = new Uint8Array(this.memory.buffer, address, bytes);
    for (let at = 0; at < bytes; at += panel.length) {
      all.set(panel.subarray(0, Math.min(panel.length, bytes - at)), at);
    }
  }

  /** All at once, or as many blocks as the tile has. */
  #fillKv(positions: number): void {
    const blocks = Math.ceil(positions / KV_BLOCK_TOKENS);
    for (const pool of ['kv', 'kv-windows'] as const) {
      const { address = 0, bytes = 0 } = this.#plan.buffers.find(({ role }) => role === pool) ?? {};
      const used = Math.min(bytes, (bytes / poolBlocks(this.#plan, pool)) * blocks);
      new Uint8Array(this.memory.buffer, address, used).fill(KV_BYTE);
    }
  }

  #panelOf(type: WeightType, columns: number): Uint8Array {
    const name = `${type} ${columns}`;
    const known = this.#panels.get(name);
    if (known !== undefined) return known;
    const panel = onePanel(type, columns);
    this.#panels.set(name, panel);
    return panel;
  }
}

/** A step of such a shape, its blocks one after the other, and again where there are too few. */
function stepOf(plan: TilePlan, shape: StepShape): Step {
  const { logitRows, program = 'infer' } = shape;
  const rowCount = rowsOf(shape);
  const blocksOf = (pool: Pool, positions: number): number[] => {
    const count = poolBlocks(plan, pool);
    return Array.from({ length: Math.ceil(positions / KV_BLOCK_TOKENS) }, (_, i) => i % count);
  };
  let firstRow = 0;
  const segments = shape.segments.map(({ startPosition, rowCount: rows }) => {
    const positions = startPosition + rows;
    const segment = {
      ...{ firstRow, rowCount: rows, startPosition, windowFirst: 0, adapter: 0 },
      blocks: blocksOf('kv', positions),
      windowBlocks: blocksOf('kv-windows', positions),
    };
    firstRow += rows;
    return segment;
  });
  const outputRows = Array.from({ length: logitRows }, (_, i) => rowCount - logitRows + i);
  const tokens = new Int32Array(rowCount);
  return { program, rowCount, tokens, segments, outputRows, logitCount: logitRows };
}

function recordBytes({ constants }: TilePlan, { segments, ...step }: Step): number {
  const { rowCount, outputRows } = step;
  const sum = (of: (segment: Segment) => number): number =>
    segments.reduce((whole, segment) => whole + of(segment), 0);
  return stepRecordBytes({
    ...{ rowCount, segmentCount: segments.length, outputCount: outputRows.length },
    blockCount: sum(({ blocks }) => blocks.length),
    windowBlockCount: sum(({ windowBlocks }) => windowBlocks.length),
    rotaryWidth: constants.rotaryWidth,
  });
}

/** Turns by nothing: else what is turned again and again would die away to slow numbers. */
function unturned(rotaryWidth: number): RopeSource {
  return {
    copy: (target, offset, { count }) => {
      for (let i = 0; i < count * rotaryWidth; i++) target[offset + i] = 1 - (i % 2);
    },
  };
}

/**
 * Blocks of a pool of the tile, 1 if it has none. One of windows has fewer than a long prompt:
 * those that were given up are taken again.
 */
function poolBlocks({ buffers, programs }: TilePlan, pool: Pool): number {
  for (const instruction of Object.values(programs).flat()) {
    if (instruction.op !== 'attend' || poolOf(instruction) !== pool) continue;
    return bytesOf(buffers, pool) / instruction.kvBlockStride;
  }
  return 1;
}

function poolOf({ isInWindowPool }: Attend): Pool {
  return isInWindowPool ? 'kv-windows' : 'kv';
}

function positionsOf({ segments }: StepShape): number {
  return maxOf(segments.map(({ startPosition, rowCount }) => startPosition + rowCount));
}
