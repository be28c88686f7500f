/**
 * Weights and moments as they lie in shared memory: those of a run, or a copy of them.
 *
 *   weights [regionBytes] | first moments [trainedBytes] | second moments [trainedBytes]
 *
 * Regions lie as the layout of the run says, in a copy one after the other; any thread that is
 * given the memory reads the same.
 */
import { assert } from '@wafer/core';
import type { TrainProgram } from '../network/program.ts';
import { roundToBf16 } from '../optimizer/bf16.ts';
import type { TrainLayout } from './layout.ts';
import type { LearnedPlace } from './place-tensors.ts';

/** The regions that a checkpoint holds; weights as they are kept, unrounded. */
export type TrainRegion = 'weights' | 'first' | 'second';

/** Where regions lie and what is in them; plain data. */
export interface ValuePlaces {
  tensors: readonly LearnedPlace[];
  /** Addresses. */
  regions: Readonly<Record<TrainRegion, number>>;
  regionBytes: number;
  trainedBytes: number;
}

/** Where a run has its values. */
export function placesOfRun({
  tensors,
  regionBytes,
  trainedBytes,
  masters,
  moments,
}: TrainLayout): ValuePlaces {
  const regions = { weights: masters, first: moments[0], second: moments[1] };
  return { tensors, regions, regionBytes, trainedBytes };
}

/** The same in a memory of their own. */
export function placesOfCopy({ tensors, regionBytes, trainedBytes }: ValuePlaces): ValuePlaces {
  const second = regionBytes + trainedBytes;
  const regions = { weights: 0, first: regionBytes, second };
  return { tensors, regions, regionBytes, trainedBytes };
}

/** Bytes of a copy. */
export function copyBytes({
  regionBytes,
  trainedBytes,
}: Pick<ValuePlaces, 'regionBytes' | 'trainedBytes'>): number {
  return regionBytes + 2 * trainedBytes;
}

/** What files of a model and checkpoints are written from. */
export class HeldValues {
  readonly program: TrainProgram;
  readonly places: ValuePlaces;
  readonly #buffer: ArrayBufferLike;

  constructor(program: TrainProgram, places: ValuePlaces, buffer: ArrayBufferLike) {
    this.program = program;
    this.places = places;
    this.#buffer = buffer;
  }

  /** A tensor of a region. */
  tensor(region: TrainRegion, name: string): Float32Array {
    const place = this.places.tensors.find((tensor) => tensor.name === name);
    assert(place !== undefined, 'every tensor has a place', { name });
    return this.#at(this.places.regions[region], place);
  }

  /** A region as bytes. */
  bytes(region: TrainRegion): Uint8Array {
    const { regions, regionBytes, trainedBytes } = this.places;
    const length = region === 'weights' ? regionBytes : trainedBytes;
    return new Uint8Array(this.#buffer, regions[region], length);
  }

  /** Writes what rows read of the weights to a region of them, where that is another one. */
  publish(region: number): void {
    const { tensors, regions } = this.places;
    if (region === regions.weights) return;
    for (const place of tensors) {
      const [target, source] = [this.#at(region, place), this.#at(regions.weights, place)];
      if (place.isRounded) roundToBf16(target, source);
      else target.set(source);
    }
  }

  /** A tensor of the region at an address. */
  #at(region: number, { offset, rows, columns }: LearnedPlace): Float32Array {
    return new Float32Array(this.#buffer, region + offset, rows * columns);
  }

  /** Takes over what others hold. */
  copyFrom(others: HeldValues): void {
    for (const region of ['weights', 'first', 'second'] as const) {
      const [target, source] = [this.bytes(region), others.bytes(region)];
      assert(target.length === source.length, 'a copy has the size of what is copied', { region });
      target.set(source);
    }
  }
}
