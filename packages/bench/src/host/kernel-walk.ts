/**
 * The kernels of a tile's programs, in their order and on a memory laid out as the tile's, without
 * the messages between them: what a step finds in caches, and what it has to fetch, is found and
 * fetched here, too. Weights and rows are of the right kind, not of the model.
 *
 * Letters: T tokens.
 */
import {
  assert,
  bytesOf,
  KV_BLOCK_TOKENS,
  KV_TYPES,
  maxOf,
  packedBytes,
  rowsOf,
} from '@wafer/core';
import type { Instruction, PackedMatrix, StepShape, TilePlan, WeightType } from '@wafer/core';
import { compileKernels, detectRounding, instantiateKernels, linearKernel } from '@wafer/kernels';
import type { Kernels, LinearKernel } from '@wafer/kernels';
import { kernelShapesOf, shapeName } from '@wafer/timing';
import type { KernelShape } from '@wafer/timing';
import { onePanel } from '../micro/kernel-cases.ts';

/** A call of a kernel: which, and how to do it. */
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

export class WalkedTile {
  readonly #plan: TilePlan;
  readonly #kernels: Kernels;
  readonly #memory: WebAssembly.Memory;
  /** Block tables, by what the layer's pool holds, and angles of a step, behind the tile's own. */
  readonly #tables: Readonly<Record<Pool, number>>;
  readonly #angles: number;
  /** One panel of each kind, repeated wherever it is asked for. */
  readonly #panels = new Map<string, Uint8Array>();

  /** Takes memory for the tile, and fills what steps like these read. */
  constructor(plan: TilePlan, steps: readonly StepShape[]) {
    const positionsMax = maxOf(steps.map(positionsOf));
    const tokensMax = maxOf(steps.map(rowsOf));
    const blocks = Math.ceil(positionsMax / KV_BLOCK_TOKENS);
    const anglesBytes = tokensMax * plan.constants.rotaryWidth * 4;
    const tableBytes = Math.ceil((blocks * 4) / 64) * 64;
    const tables = Math.ceil(plan.sramBytes / 64) * 64;
    this.#tables = { kv: tables, 'kv-windows': tables + tableBytes };
    this.#angles = tables + 2 * tableBytes;
    const pages = Math.ceil((this.#angles + anglesBytes) / PAGE_BYTES);
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: PAGES_MAX, shared: true });
    this.#kernels = instantiateKernels(compileKernels(detectRounding()), this.#memory);
    this.#plan = plan;
    const { buffer } = this.#memory;
    for (const pool of ['kv', 'kv-windows'] as const) {
      const blockCount = poolBlocks(plan, pool);
      const table = new Int32Array(buffer, this.#tables[pool], blocks);
      for (let i = 0; i < blocks; i++) table[i] = i % blockCount;
    }
    // Turned by nothing: else what is turned again and again would die away to slow numbers.
    const angles = new Float32Array(buffer, this.#angles, anglesBytes / 4);
    for (let i = 0; i < angles.length; i++) angles[i] = 1 - (i % 2);
    for (const program of Object.values(plan.programs)) {
      for (const instruction of program) this.#fill(instruction, positionsMax);
    }
  }

  /** The calls of a step, cut where the tile hands on or waits. */
  stretchesOf(step: StepShape): KernelStretch[] {
    const stretches: KernelCall[][] = [[]];
    for (const instruction of this.#plan.programs[step.program ?? 'infer']) {
      if (instruction.op === 'receive') stretches.push([]);
      const { constants } = this.#plan;
      const shapes = kernelShapesOf(instruction, { step, constants });
      const runs = this.#runsOf(instruction, step);
      const { length } = runs;
      assert(length === shapes.length, 'a shape is of a kernel', { op: instruction.op, length });
      shapes.forEach((shape, i) => {
        stretches.at(-1)!.push({ name: shapeName(shape), shape, run: runs[i]! });
      });
    }
    return stretches;
  }

  #fill(instruction: Instruction, positions: number): void {
    if (instruction.op === 'linear') this.#fillMatrix(instruction.weights);
    if (instruction.op === 'logits' && instruction.weights) this.#fillMatrix(instruction.weights);
    if (instruction.op !== 'attend') return;
    // All at once, or in stretches as long as there are rows for.
    const append = this.#appendTo(instruction);
    for (let start = 0; start < positions; start += KV_BLOCK_TOKENS) {
      append(start, Math.min(KV_BLOCK_TOKENS, positions - start));
    }
  }

  /** Appends `count` rows of keys and values from position `start` on. */
  #appendTo(instruction: Attend): (start: number, count: number) => void {
    const { k, v, kv, kvBlockStride, kvHeads } = instruction;
    const { headWidth, kvType: kind } = this.#plan.constants;
    const kvType = KV_TYPES.indexOf(kind);
    const [kernels, table] = [this.#kernels, this.#tables[poolOf(instruction)]];
    return (start, count) => {
      kernels.kvAppend(
        kv,
        kvBlockStride,
        table,
        k.address,
        v.address,
        k.stride,
        start,
        count,
        kvHeads,
        headWidth,
        kvType,
      );
    };
  }

  #fillMatrix({ address, type, rows, columns }: PackedMatrix): void {
    const panel = this.#panelOf(type, columns);
    const bytes = packedBytes(type, rows, columns);
    const all = new Uint8Array(this.#memory.buffer, address, bytes);
    for (let at = 0; at < bytes; at += panel.length) {
      all.set(panel.subarray(0, Math.min(panel.length, bytes - at)), at);
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

  /** What an instruction does, kernel by kernel, as the runtime binds it. */
  #runsOf(instruction: Instruction, step: StepShape): (() => void)[] {
    const kernels = this.#kernels;
    const { constants } = this.#plan;
    const { headWidth, rotaryWidth, normEpsilon, modelWidth, scratch } = constants;
    const tokens = rowsOf(step);
    switch (instruction.op) {
      case 'linear': {
        const { weights, source, target } = instruction;
        const linear = linearKernel(kernels, weights.type, constants.activations);
        return [bindLinear(linear, { weights, source, target, tokens, scratch })];
      }
      case 'logits': {
        const { weights, picked, gain, logits } = instruction;
        if (!weights || step.logitRows === 0) return [];
        const linear = linearKernel(kernels, weights.type, constants.activations);
        const { address } = picked;
        const rows = step.logitRows;
        const places = { weights, source: picked, target: logits };
        return [
          () => kernels.rmsNorm(address, address, gain, rows, modelWidth, normEpsilon),
          bindLinear(linear, { ...places, tokens: rows, scratch }),
        ];
      }
      case 'attend':
        return step.segments.map((segment) => this.#attend(instruction, segment));
      case 'norm': {
        const { target, source, gain, width, perToken } = instruction;
        const [to, from] = [target.address, source.address];
        return [() => kernels.rmsNorm(to, from, gain, tokens * perToken, width, normEpsilon)];
      }
      case 'rope': {
        const { target, headCount } = instruction;
        const { address, stride } = target;
        const angles = this.#angles;
        const pairs = constants.isRopePairs ? 1 : 0;
        return [
          () =>
            kernels.rope(address, stride, angles, tokens, headCount, headWidth, rotaryWidth, pairs),
        ];
      }
      case 'swiglu': {
        const { target, gate, up, count } = instruction;
        const { address, stride } = target;
        return [() => kernels.swiglu(address, stride, gate.address, up.address, tokens, count)];
      }
      case 'add': {
        const { target, source } = instruction;
        return [() => kernels.add(target.address, source.address, tokens * target.stride)];
      }
      default:
        return [];
    }
  }

  #attend(
    instruction: Attend,
    { startPosition: start, rowCount: count }: StepShape['segments'][number],
  ): () => void {
    const { q, out, kv, kvBlockStride, heads, kvHeads, mask, sinks = 0 } = instruction;
    const { headWidth, attentionScale, scratch, kvType: kind } = this.#plan.constants;
    const kvType = KV_TYPES.indexOf(kind);
    const windowTokens = mask.sees === 'all' ? 0 : mask.windowTokens;
    const isChunk = mask.sees === 'chunk' ? 1 : 0;
    const [kernels, table] = [this.#kernels, this.#tables[poolOf(instruction)]];
    const append = this.#appendTo(instruction);
    return () => {
      append(start, count);
      kernels.attention(
        out.address,
        out.stride,
        q.address,
        q.stride,
        kv,
        kvBlockStride,
        table,
        start,
        count,
        heads,
        kvHeads,
        headWidth,
        attentionScale,
        windowTokens,
        isChunk,
        sinks,
        kvType,
        scratch,
      );
    };
  }
}

function poolOf({ isInWindowPool }: Attend): Pool {
  return isInWindowPool ? 'kv-windows' : 'kv';
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

interface Multiplication {
  weights: PackedMatrix;
  source: { address: number; stride: number };
  target: { address: number; stride: number };
  tokens: number;
  scratch: number;
}

function bindLinear(linear: LinearKernel, use: Multiplication): () => void {
  const { weights, source, target, tokens, scratch } = use;
  const [y, x] = [target.address, source.address];
  const { address, rows, columns } = weights;
  return () => linear(y, target.stride, address, x, source.stride, tokens, rows, columns, scratch);
}

function positionsOf({ segments }: StepShape): number {
  return maxOf(segments.map(({ startPosition, rowCount }) => startPosition + rowCount));
}
