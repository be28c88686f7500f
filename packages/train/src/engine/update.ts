/**
 * The end of a step: gradients of all rows become one sum, its norm, and new weights.
 *
 * Each thread has a share of the blocks of 4,096 elements of what its memory updates; what it does
 * to them needs nothing of other blocks but the norm. Gradients of embedded rows are added last, in
 * the order of tokens. A step whose norm is not finite leaves weights and moments as they were.
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
import type { TrainLayout } from './layout.ts';
import type { LearnedPlace } from './place-tensors.ts';
import type { TensorSums, UpdateShare } from './sums.ts';
import type { ThreadJob } from './thread-state.ts';

/** Index of the clipping's factor among the scalars of AdamW. */
const SCALE = 9;

/** Elements [start, start + count) of a tensor. */
interface Piece extends TensorSums {
  start: number;
  count: number;
}

/** One of the threads that share a memory. */
export interface Party {
  thread: number;
  threadCount: number;
}

export class Update {
  readonly #layout: TrainLayout;
  readonly #kernels: TrainKernels;
  readonly #memory: WebAssembly.Memory;
  readonly #bytes: Uint8Array;
  readonly #numbers: Float64Array;
  readonly #asked: Float32Array;
  readonly #own: Float32Array;
  readonly #early: readonly Piece[];
  readonly #pieces: readonly Piece[];
  readonly #matrices: readonly LearnedPlace[];
  readonly #embedded: string;
  readonly #hasLeaf: boolean;
  readonly #thread: number;
  readonly #threadCount: number;

  constructor(job: ThreadJob, { share, ...party }: Party & { share: UpdateShare }) {
    const { layout, memory, program } = job;
    this.#layout = layout;
    this.#kernels = job.kernels;
    this.#memory = memory;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#numbers = controlNumbers(memory, layout);
    this.#asked = controlScalars(memory, layout);
    this.#thread = party.thread;
    this.#threadCount = party.threadCount;
    const scalars = layout.scalars + party.thread * 8 * SCALAR_COUNT;
    this.#own = new Float32Array(memory.buffer, scalars, 2 * SCALAR_COUNT);
    this.#early = piecesOf(share.early, party);
    this.#pieces = piecesOf(share.owned, party);
    this.#matrices = share.owned.map(({ tensor }) => tensor).filter(isHidden);
    const [first] = program.ops;
    assert(first?.op === 'embed', 'a network begins with its embedding');
    this.#embedded = first.table.name;
    this.#hasLeaf = program.spec.hasTiedEmbeddings;
  }

  /** Sums of this thread's blocks that another memory waits for. */
  joinEarly(): void {
    for (const piece of this.#early) this.#join(piece);
  }

  /** Sums of this thread's blocks: over replicas, then the embedding; and their squares. */
  reduce(): void {
    const { squares } = this.#layout;
    const root = this.#root;
    for (const piece of this.#pieces) {
      const { tensor, start, count } = piece;
      this.#join(piece);
      if (tensor.name === this.#embedded) this.#addEmbedding(tensor, start, count);
      const block = tensor.firstBlock + start / NORM_BLOCK;
      this.#kernels.squaresOfBlocks(squares + block * 8, root + tensor.offset + start * 4, count);
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
      if (kind === 'muon' && isHidden(piece.tensor)) continue;
      if (kind === 'sgd') this.#applySgd(piece, scale);
      else this.#applyAdamW(piece);
      this.#publish(piece);
    }
  }

  /** What rows read of elements that were moved, where they do not read them as they are kept. */
  #publish({ tensor, start, count }: Pick<Piece, 'tensor' | 'start' | 'count'>): void {
    const { weights, masters } = this.#layout;
    if (weights === masters) return;
    const at = tensor.offset + start * 4;
    const length = Math.ceil(count / 4) * 4;
    if (tensor.isRounded) this.#kernels.roundWeights(weights + at, masters + at, length);
    else this.#bytes.copyWithin(weights + at, masters + at, masters + at + length * 4);
  }

  #join({ tensor, joins, start, count }: Piece): void {
    const at = tensor.offset + start * 4;
    for (const [left, right] of joins) this.#kernels.addInto(left + at, right + at, count);
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
    const { masters, moments } = this.#layout;
    const set = tensor.isVector ? 4 * SCALAR_COUNT : 0;
    this.#kernels.adamW(
      masters + at,
      this.#root + at,
      moments[0] + at,
      moments[1] + at,
      Math.ceil(count / 4) * 4,
      this.#own.byteOffset + set,
    );
  }

  #applySgd({ tensor, start, count }: Piece, scale: number): void {
    const at = tensor.offset + start * 4;
    const { masters, moments } = this.#layout;
    const { lr, decay, momentum } = this.#scalars(tensor);
    const gradient = this.#root + at;
    const length = Math.ceil(count / 4) * 4;
    const velocity = moments[0] + at;
    this.#kernels.sgdMomentum(masters + at, gradient, velocity, length, lr, decay, momentum, scale);
  }

  /** Whole matrices, one thread each. */
  #applyMuon(scale: number): void {
    const { masters, moments } = this.#layout;
    this.#matrices.forEach((tensor, index) => {
      if (index % this.#threadCount !== this.#thread) return;
      const at = (base: number): Float32Array =>
        new Float32Array(this.#memory.buffer, base + tensor.offset, tensor.rows * tensor.columns);
      const scalars = { ...this.#scalars(tensor), rows: tensor.rows, scale };
      muon(at(masters), at(this.#root), at(moments[0]), scalars);
      this.#publish({ tensor, start: 0, count: tensor.rows * tensor.columns });
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

/** A thread's share of the blocks of some tensors. */
function piecesOf(all: readonly TensorSums[], { thread, threadCount }: Party): Piece[] {
  const blocksOf = ({ rows, columns }: LearnedPlace): number =>
    Math.ceil((rows * columns) / NORM_BLOCK);
  const blockCount = all.reduce((sum, { tensor }) => sum + blocksOf(tensor), 0);
  const from = Math.floor((thread * blockCount) / threadCount);
  const to = Math.floor(((thread + 1) * blockCount) / threadCount);
  let before = 0;
  return all.flatMap(({ tensor, joins }) => {
    const start = Math.max(0, from - before) * NORM_BLOCK;
    const end = Math.min(tensor.rows * tensor.columns, (to - before) * NORM_BLOCK);
    before += blocksOf(tensor);
    return end > start ? [{ tensor, joins, start, count: end - start }] : [];
  });
}
