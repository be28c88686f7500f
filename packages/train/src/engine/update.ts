/**
 * The end of a step: gradients of all rows become one sum, its norm, and new weights.
 *
 * Each thread has a share of the blocks of 4,096 elements; what it does to them needs nothing of
 * other blocks but the norm. Gradients of embedded rows are added last, in the order of tokens. A
 * step whose norm is not finite leaves weights and moments as they were.
 */
import { assert } from '@wafer/core';
import type { TrainKernels } from '@wafer/kernels/train';
import { clipScale, NORM_BLOCK, normOf } from '../optimizer/clip.ts';
import { muon } from '../optimizer/muon.ts';
import {
  controlNumbers,
  controlScalars,
  NUMBERS,
  OPTIMIZER_KINDS,
  SCALAR_COUNT,
} from './control.ts';
import type { LearnedPlace, TrainLayout } from './layout.ts';
import type { ThreadJob } from './thread-state.ts';

/** Index of the clipping's factor among the scalars of AdamW. */
const SCALE = 9;

/** Elements [start, start + count) of a tensor. */
interface Piece {
  tensor: LearnedPlace;
  start: number;
  count: number;
}

export class Update {
  readonly #layout: TrainLayout;
  readonly #kernels: TrainKernels;
  readonly #memory: WebAssembly.Memory;
  readonly #numbers: Float64Array;
  readonly #asked: Float32Array;
  readonly #own: Float32Array;
  readonly #pieces: readonly Piece[];
  readonly #embedded: string;
  readonly #hasLeaf: boolean;
  readonly #thread: number;
  readonly #threadCount: number;

  constructor(job: ThreadJob, place: { thread: number; threadCount: number }) {
    const { layout, memory, program } = job;
    this.#layout = layout;
    this.#kernels = job.kernels;
    this.#memory = memory;
    this.#numbers = controlNumbers(memory, layout);
    this.#asked = controlScalars(memory, layout);
    this.#thread = place.thread;
    this.#threadCount = place.threadCount;
    const scalars = layout.scalars + place.thread * 8 * SCALAR_COUNT;
    this.#own = new Float32Array(memory.buffer, scalars, 2 * SCALAR_COUNT);
    this.#pieces = piecesOf(layout, place);
    const [first] = program.ops;
    assert(first?.op === 'embed', 'a network begins with its embedding');
    this.#embedded = first.table.name;
    this.#hasLeaf = program.spec.hasTiedEmbeddings;
  }

  /** Sums of this thread's blocks: over replicas, then the embedding; and their squares. */
  reduce(): void {
    const { sums, final, squares } = this.#layout;
    const root = this.#root;
    for (const { tensor, start, count } of this.#pieces) {
      const at = tensor.offset + start * 4;
      for (const [left, right] of final.merges) {
        const [a, b] = [left, right].map(({ replica, buffer }) => sums[replica]![buffer]!);
        this.#kernels.addInto(a! + at, b! + at, count);
      }
      if (tensor.name === this.#embedded) this.#addEmbedding(tensor, start, count);
      const block = tensor.firstBlock + start / NORM_BLOCK;
      this.#kernels.squaresOfBlocks(squares + block * 8, root + at, count);
    }
  }

  /** New weights of this thread's blocks, once the squares of all are there. */
  apply(): void {
    const { squares, blockCount } = this.#layout;
    const norm = normOf([new Float64Array(this.#memory.buffer, squares, blockCount)]);
    const isSkipped = !Number.isFinite(norm);
    if (this.#thread === 0) {
      this.#numbers[NUMBERS.norm] = norm;
      this.#numbers[NUMBERS.isSkipped] = isSkipped ? 1 : 0;
    }
    if (isSkipped) return;
    const scale = clipScale(norm, this.#numbers[NUMBERS.clip]!);
    this.#own.set(this.#asked);
    this.#own[SCALE] = scale;
    this.#own[SCALAR_COUNT + SCALE] = scale;
    const kind = OPTIMIZER_KINDS[this.#numbers[NUMBERS.optimizer]!];
    if (kind === 'muon') this.#applyMuon(scale);
    for (const piece of this.#pieces) {
      if (kind === 'sgd') this.#applySgd(piece, scale);
      else if (kind === 'adamw' || !isHidden(piece.tensor)) this.#applyAdamW(piece);
    }
  }

  #addEmbedding(tensor: LearnedPlace, start: number, count: number): void {
    const { embedding, rowsOfStep, context } = this.#layout;
    const table = this.#root + tensor.offset;
    // Without a head in the same table no row has written here.
    if (!this.#hasLeaf) {
      new Float32Array(this.#memory.buffer, table + start * 4, count).fill(0);
    }
    const tokens = rowsOfStep * context;
    const { ids, rows } = embedding;
    this.#kernels.scatterRows(table, ids, rows, tokens, tensor.columns, start, start + count);
  }

  #applyAdamW({ tensor, start, count }: Piece): void {
    const at = tensor.offset + start * 4;
    const { weights, moments } = this.#layout;
    const set = tensor.isVector ? 4 * SCALAR_COUNT : 0;
    this.#kernels.adamW(
      weights + at,
      this.#root + at,
      moments[0] + at,
      moments[1] + at,
      Math.ceil(count / 4) * 4,
      this.#own.byteOffset + set,
    );
  }

  #applySgd({ tensor, start, count }: Piece, scale: number): void {
    const at = tensor.offset + start * 4;
    const { weights, moments } = this.#layout;
    const { lr, decay, momentum } = this.#scalars(tensor);
    const gradient = this.#root + at;
    const length = Math.ceil(count / 4) * 4;
    const velocity = moments[0] + at;
    this.#kernels.sgdMomentum(weights + at, gradient, velocity, length, lr, decay, momentum, scale);
  }

  /** Whole matrices, one thread each. */
  #applyMuon(scale: number): void {
    const { tensors, weights, moments } = this.#layout;
    tensors
      .filter((tensor) => isHidden(tensor) && tensor.offset < this.#layout.trainedBytes)
      .forEach((tensor, index) => {
        if (index % this.#threadCount !== this.#thread) return;
        const at = (base: number): Float32Array =>
          new Float32Array(this.#memory.buffer, base + tensor.offset, tensor.rows * tensor.columns);
        const scalars = { ...this.#scalars(tensor), rows: tensor.rows, scale };
        muon(at(weights), at(this.#root), at(moments[0]), scalars);
      });
  }

  #scalars(tensor: LearnedPlace): { lr: number; decay: number; momentum: number } {
    const lr = this.#numbers[NUMBERS.lr]!;
    const decay = tensor.isVector ? 0 : lr * this.#numbers[NUMBERS.weightDecay]!;
    return { lr, decay, momentum: this.#numbers[NUMBERS.momentum]! };
  }

  get #root(): number {
    const { replica, buffer } = this.#layout.final.root;
    return this.#layout.sums[replica]![buffer]!;
  }
}

/** Matrices between embedding and head. */
function isHidden({ isVector, layer }: LearnedPlace): boolean {
  return !isVector && layer !== undefined;
}

/** A thread's share of the blocks of all tensors. */
function piecesOf(
  { tensors, trainedBytes, blockCount }: TrainLayout,
  { thread, threadCount }: { thread: number; threadCount: number },
): Piece[] {
  const from = Math.floor((thread * blockCount) / threadCount);
  const to = Math.floor(((thread + 1) * blockCount) / threadCount);
  return tensors
    .filter(({ offset }) => offset < trainedBytes)
    .flatMap((tensor) => {
      const all = tensor.rows * tensor.columns;
      const start = Math.max(0, from - tensor.firstBlock) * NORM_BLOCK;
      const end = Math.min(all, (to - tensor.firstBlock) * NORM_BLOCK);
      return end > start ? [{ tensor, start, count: end - start }] : [];
    });
}
