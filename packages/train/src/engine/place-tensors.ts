/**
 * Where tensors lie in a region of weights, moments or gradients.
 *
 *   what is trained │ what is not          a region of moments or gradients ends at the line
 */
import type { NetworkTensor } from '@wafer/core';
import { trainedTensors } from '../network/program.ts';
import type { TrainProgram } from '../network/program.ts';
import { NORM_BLOCK } from '../optimizer/clip.ts';

/** A learned tensor and its place in the regions of weights, moments and gradients. */
export interface LearnedPlace extends NetworkTensor {
  /** Bytes from the start of a region. */
  offset: number;
  /** Blocks of the norm before this tensor. */
  firstBlock: number;
  /** Whether rows read it rounded to bf16: a matrix of the model, where the run asks so. */
  isRounded: boolean;
}

/** All of them, and how large regions are. */
export interface PlacedTensors {
  tensors: LearnedPlace[];
  regionBytes: number;
  trainedBytes: number;
  blockCount: number;
}

/** Places all tensors of a program, what is trained first. */
export function placeTensors(program: TrainProgram, use: { isRounded: boolean }): PlacedTensors {
  let regionBytes = 0;
  let blockCount = 0;
  // What is trained lies first: gradients and moments end with it.
  const trained = trainedTensors(program);
  const isFirst = new Set(trained.map(({ name }) => name));
  const frozen = program.tensors.filter(({ name }) => !isFirst.has(name));
  // Adapters stay as they are kept: they are small, and added to what is rounded.
  const added = new Set(program.adapters.flatMap(({ a, b }) => [a.name, b.name]));
  let trainedBytes = 0;
  const tensors = [...trained, ...frozen].map((tensor): LearnedPlace => {
    const isRounded = use.isRounded && !tensor.isVector && !added.has(tensor.name);
    const place = { ...tensor, offset: regionBytes, firstBlock: blockCount, isRounded };
    const count = tensor.rows * tensor.columns;
    regionBytes += Math.ceil(count / 16) * 64;
    if (isFirst.has(tensor.name)) {
      blockCount += Math.ceil(count / NORM_BLOCK);
      trainedBytes = regionBytes;
    }
    return place;
  });
  return { tensors, regionBytes, trainedBytes, blockCount };
}
