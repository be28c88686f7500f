/**
 * What a thread of a run knows while it walks through the ops of a row.
 *
 * Threads of one stage are tiles of it: each computes its part of every op's outputs, and they meet
 * between ops that read what others wrote. No sum is ever split, so their number changes no bit.
 */
import { assert, expertsOf, layerOf } from '@wafer/core';
import type { NetworkTensor } from '@wafer/core';
import type { TrainKernels } from '@wafer/kernels/train';
import type { Adapter } from '../network/adapter.ts';
import { trainedTensors } from '../network/program.ts';
import type { TrainProgram } from '../network/program.ts';
import type { TrainSlot } from '../network/slots.ts';
import { looksOf, meet } from './barrier.ts';
import { controlNumbers, NUMBERS, stageWord } from './control.ts';
import type { FrameLayout, StageLayout, TrainLayout } from './layout.ts';
import { loadsOf } from './step-rows.ts';
import type { RowSum } from './sum-schedule.ts';

/** Rows of a register block: parts of a matrix are whole ones. */
export const BLOCK_ROWS = 6;

/** Which thread this is. */
export interface ThreadPlace {
  replica: number;
  stage: number;
  tile: number;
}

/** What a thread is given; plain data but for kernels and memory. */
export interface ThreadJob {
  program: TrainProgram;
  layout: TrainLayout;
  kernels: TrainKernels;
  memory: WebAssembly.Memory;
}

export class ThreadState {
  readonly program: TrainProgram;
  readonly layout: TrainLayout;
  readonly kernels: TrainKernels;
  readonly place: ThreadPlace;
  readonly words: Int32Array;
  /** What the step asks, see `NUMBERS`. */
  readonly numbers: Float64Array;
  readonly #memoryWords: Int32Array;
  readonly #loads: Float64Array;
  readonly stage: StageLayout;
  readonly panels: number;
  /** The row under way: its place in the step, its frame and its sum. */
  row = 0;
  frame: FrameLayout;
  sum: RowSum = { buffer: 0, joins: false, merges: [] };
  /** The slot whose turned form lies in `stage.turned`; -1: none. */
  turnedSlot = -1;
  readonly #offsets: ReadonlyMap<string, number>;
  readonly #trained: ReadonlySet<string>;
  readonly #barrier: number;
  readonly #party: { count: number; looks: number };

  constructor(use: ThreadJob & { words: Int32Array }, place: ThreadPlace) {
    this.program = use.program;
    this.layout = use.layout;
    this.kernels = use.kernels;
    this.words = use.words;
    this.numbers = controlNumbers(use.memory, use.layout);
    this.#memoryWords = new Int32Array(use.memory.buffer);
    this.#loads = loadsOf(use.memory, use.layout, use.program.spec);
    this.place = place;
    this.panels = use.layout.panels;
    const stage = use.layout.stages[place.replica]?.[place.stage];
    const frame = use.layout.frames[place.replica]?.[0];
    assert(stage !== undefined && frame !== undefined, 'a thread has a place', { ...place });
    this.stage = stage;
    this.frame = frame;
    this.#offsets = new Map(use.layout.tensors.map(({ name, offset }) => [name, offset]));
    this.#trained = new Set(trainedTensors(use.program).map(({ name }) => name));
    this.#barrier = stageWord(use.layout, place.replica, place.stage) + 2;
    const { replicas, stages, tiles } = use.layout.shape;
    this.#party = { count: tiles, looks: looksOf(replicas * stages * tiles) };
  }

  /** Tiles of a stage meet. */
  meetTiles(): void {
    meet(this.words, this.#barrier, this.#party);
  }

  /** This tile's part of `count` things, in whole units. */
  part(count: number, unit = 1): [number, number] {
    const { tiles } = this.layout.shape;
    const { tile } = this.place;
    const units = Math.ceil(count / unit);
    const start = Math.floor((tile * units) / tiles) * unit;
    return [start, Math.min(count, Math.floor(((tile + 1) * units) / tiles) * unit)];
  }

  slot({ index, name }: TrainSlot): number {
    const kept = this.frame.slots[index]!;
    const address = kept >= 0 ? kept : this.stage.slots[index]!;
    assert(address >= 0, 'a value has a place on its stage', { name, index });
    return address;
  }

  extra(op: number): number {
    const kept = this.frame.extras[op]!;
    return kept >= 0 ? kept : this.stage.extras[op]!;
  }

  flow(name: string): number {
    return name === 'x' ? this.frame.flow : this.stage.flows[name]!;
  }

  weight(tensor: NetworkTensor | undefined): number {
    return tensor === undefined ? 0 : this.layout.weights + this.#offsetOf(tensor);
  }

  /** Where this row's gradients of a tensor go. */
  gradient(tensor: NetworkTensor): number {
    return this.layout.sums[this.place.replica]![this.sum.buffer]! + this.#offsetOf(tensor);
  }

  /** Whether a run moves a tensor: then rows give its gradients. */
  isTrained({ name }: NetworkTensor): boolean {
    return this.#trained.has(name);
  }

  /** Whether this walk drops inputs of an adapter. */
  drops({ dropout }: Adapter): boolean {
    return dropout > 0 && this.dropStep > 0;
  }

  get dropSeed(): number {
    return this.numbers[NUMBERS.dropSeed]!;
  }

  get dropStep(): number {
    return this.numbers[NUMBERS.dropStep]!;
  }

  /** Words of the data of this row. */
  rowData(base: number, words = 1): number {
    return base + this.row * this.panels * 64 * words;
  }

  /** The first position that each query of a layer sees. */
  firsts(layer: number): number {
    const base = this.layout.data.firsts[layerOf(this.program.spec, layer).sees];
    assert(base !== undefined, 'every mask has its positions', { layer });
    return this.rowData(base);
  }

  /** The first slot panel of an expert, of those that a row's tokens chose at an op. */
  firstPanel(route: number, expert: number): number {
    return this.#choiceWord(route, this.layout.routing.starts, expert);
  }

  /** Slot panels of an expert. */
  expertPanels(route: number, expert: number): number {
    return this.firstPanel(route, expert + 1) - this.firstPanel(route, expert);
  }

  /** Panels of rows: of all experts, as chosen at an op, or of the tokens. */
  panelsOf(route: number | undefined): number {
    if (route === undefined) return this.panels;
    return this.firstPanel(route, expertsOf(this.program.spec).expertCount);
  }

  /** How many tokens chose an expert. */
  expertTokens(route: number, expert: number): number {
    return this.#choiceWord(route, this.layout.routing.counts, expert);
  }

  /** Leaves what the balance loss of a layer is made of. */
  tellLoad(layer: number, load: number): void {
    this.#loads[layer * this.layout.rowsOfStep + this.row] = load;
  }

  #choiceWord(route: number, offset: number, index: number): number {
    return this.#memoryWords[(this.extra(route) + offset) / 4 + index]!;
  }

  get scratch(): number {
    return this.stage.scratch[this.place.tile]!;
  }

  get joins(): 0 | 1 {
    return this.sum.joins ? 1 : 0;
  }

  #offsetOf({ name }: NetworkTensor): number {
    const offset = this.#offsets.get(name);
    assert(offset !== undefined, 'every tensor has a place', { name });
    return offset;
  }
}
