/**
 * Whose is what in a run that is cut: which chip computes which stage of which replica, updates
 * which tensor, and needs which weights.
 *
 * The chips that make a tensor's gradients share the tensors of their stage out among themselves,
 * so that moments lie on one chip each, beside the weights. Tensors stay whole.
 */
import { assert, WaferError } from '@wafer/core';
import type { TrainProgram } from '../../network/program.ts';
import type { TrainLayout } from '../layout.ts';
import type { LearnedPlace } from '../place-tensors.ts';
import { stageOfLayer, stageOfTensors, weightsOf } from '../stage-tensors.ts';
import { trainedPlaces } from '../sums.ts';

/** A tensor that is trained: who makes its gradients, who updates it, who computes with it. */
export interface TensorOwner {
  tensor: LearnedPlace;
  /** The stage whose rows give its gradients; undefined: only embedded rows do. */
  stage: number | undefined;
  owner: number;
}

export class ChipMap {
  readonly chipCount: number;
  readonly #shape: TrainLayout['shape'];

  /** Stages of a replica are neighbors, replicas follow. Throws: TRAIN_OPTION. */
  constructor({ shape }: TrainLayout, chipCount: number) {
    const units = shape.replicas * shape.stages;
    if (!Number.isSafeInteger(chipCount) || chipCount < 1 || chipCount > units) {
      const expected = `a whole number from 1 to ${units}, replicas times stages`;
      throw new WaferError('TRAIN_OPTION', { option: 'chips', value: chipCount, expected });
    }
    this.chipCount = chipCount;
    this.#shape = shape;
  }

  chipOf(replica: number, stage: number): number {
    const { replicas, stages } = this.#shape;
    const unit = replica * stages + stage;
    return Math.floor((unit * this.chipCount) / (replicas * stages));
  }

  /** Chips that a stage is on, ascending. */
  chipsOf(stage: number): number[] {
    const all = Array.from({ length: this.#shape.replicas }, (_, r) => this.chipOf(r, stage));
    return [...new Set(all)];
  }

  /** By thread: replicas, their stages, their tiles. */
  get byThread(): number[] {
    const { replicas, stages, tiles } = this.#shape;
    return Array.from({ length: replicas * stages * tiles }, (_, thread) =>
      this.chipOf(Math.floor(thread / (stages * tiles)), Math.floor(thread / tiles) % stages),
    );
  }
}

/** Who updates each tensor that is trained. */
export function ownersOf(program: TrainProgram, layout: TrainLayout, map: ChipMap): TensorOwner[] {
  const stages = stageOfTensors(program, layout.layerStages);
  const places = trainedPlaces(layout);
  const size = ({ rows, columns }: LearnedPlace): number => rows * columns;
  const stageOf = ({ name }: LearnedPlace): number => stages.get(name) ?? 0;
  return places.map((tensor) => {
    const stage = stageOf(tensor);
    const chips = map.chipsOf(stage);
    const peers = places.filter((other) => stageOf(other) === stage);
    const all = peers.reduce((sum, other) => sum + size(other), 0);
    const before = peers
      .filter(({ offset }) => offset < tensor.offset)
      .reduce((sum, other) => sum + size(other), 0);
    const owner = chips[Math.floor((before * chips.length) / all)];
    assert(owner !== undefined, 'a tensor has an owner', { tensor: tensor.name });
    return { tensor, stage: stages.get(tensor.name), owner };
  });
}

/** Chips that compute with each tensor, ascending. */
export function usersOf(
  { ops }: TrainProgram,
  { layerStages }: TrainLayout,
  map: ChipMap,
): Map<string, number[]> {
  const users = new Map<string, Set<number>>();
  for (const op of ops) {
    const stage = stageOfLayer(layerStages, op.layer);
    for (const { name } of weightsOf(op)) {
      const known = users.get(name) ?? new Set();
      for (const chip of map.chipsOf(stage)) known.add(chip);
      users.set(name, known);
    }
  }
  return new Map([...users].map(([name, chips]) => [name, [...chips].toSorted((a, b) => a - b)]));
}
