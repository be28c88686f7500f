/**
 * What `wafer bench speed` is asked: models, types, tiles, batches, lengths and peers; and the list
 * of tasks that comes of it for a model.
 */
import { availableParallelism } from 'node:os';
import type { Activations, WeightType } from '@wafer/core';
import type { Model } from '@wafer/runtime';
import { variantsHere } from '../calibrate/calibrate.ts';
import { positionsOf } from '../task/speed-task.ts';
import type { SpeedTask } from '../task/speed-task.ts';

export type PeerName = 'llama-cpp' | 'onnx';
export const PEERS: readonly PeerName[] = ['llama-cpp', 'onnx'];

export interface SpeedOptions {
  /** Folders, .gguf files or `synthetic:…`. */
  models: readonly string[];
  /** Types to convert the weights to; default: all of a synthetic model, a file's own. */
  types?: readonly WeightType[] | undefined;
  tiles: readonly number[];
  /** Threads of each peer; default: as many as tiles. */
  peerThreads?: readonly number[] | undefined;
  /** With 256-bit vectors, without, or both. */
  revectorize: readonly boolean[];
  /** What activations are multiplied as; `int8` takes part where weights are q8_0 or q4_0. */
  activations: readonly Activations[];
  /** Prompt lengths. */
  prefills: readonly number[];
  /** Sequences that decode at once. */
  batches: readonly number[];
  /** Numbers of short texts to embed. */
  embeds: readonly number[];
  /** Lengths after which one sequence decodes. */
  contexts: readonly number[];
  /** Of a prompt before decoding. */
  promptTokens: number;
  /** Tokens to decode by one sequence. */
  tokens: number;
  /** Tokens to decode by each of several sequences. */
  batchTokens: number;
  /** Whether linear layers are traced and starts are timed, each with a wafer of its own. */
  hasExtras: boolean;
  rounds: number;
  peers: readonly PeerName[];
  /** Where models and peers are kept. */
  cacheFolder: string;
  /** Less memory for the ceilings; shows that it works. */
  isQuick: boolean;
  signal?: AbortSignal | undefined;
  /** Told what is going on. */
  say?: ((text: string) => void) | undefined;
}

export type SpeedSettings = Omit<SpeedOptions, 'models' | 'cacheFolder' | 'signal' | 'say'>;

/** One tile, and one per core. */
function tileCounts(): number[] {
  return [...new Set([1, availableParallelism()])];
}

export function defaultSettings(): SpeedSettings {
  return {
    tiles: tileCounts(),
    revectorize: variantsHere(),
    activations: ['f32'],
    prefills: [128, 512],
    batches: [1, 8, 32, 64],
    embeds: [64],
    contexts: [],
    promptTokens: 8,
    tokens: 64,
    batchTokens: 24,
    hasExtras: true,
    rounds: 5,
    peers: [],
    isQuick: false,
  };
}

/** Sizes at which everything runs in seconds and no number means anything. */
export function quickSettings(): SpeedSettings {
  return {
    ...defaultSettings(),
    types: ['f32', 'q8_0'],
    prefills: [16],
    batches: [1, 2],
    embeds: [4],
    contexts: [24],
    promptTokens: 4,
    tokens: 8,
    batchTokens: 8,
    rounds: 2,
    isQuick: true,
  };
}

/** The default model of each. */
export const MODEL_DEFAULT = 'synthetic:15m';
export const MODEL_QUICK = 'synthetic:tiny';

/** Tasks for a model; what its context cannot hold is left out and told. */
export function tasksFor(model: Model, options: SpeedOptions): SpeedTask[] {
  const { prefills, batches, embeds, contexts, promptTokens, tokens, batchTokens, hasExtras } =
    options;
  const extras: SpeedTask[] = [
    { kind: 'linear', tokens },
    { kind: 'start', promptTokens },
  ];
  const wanted: SpeedTask[] = [
    ...prefills.map((count): SpeedTask => ({ kind: 'prefill', promptTokens: count })),
    ...batches.map((sequences): SpeedTask => ({
      kind: 'decode',
      sequences,
      promptTokens,
      tokens: sequences === 1 ? tokens : batchTokens,
    })),
    ...contexts.map((count): SpeedTask => ({
      kind: 'decode',
      sequences: 1,
      promptTokens: count,
      tokens,
    })),
    ...embeds.map((texts): SpeedTask => ({ kind: 'embed', texts })),
    ...(hasExtras ? extras : []),
  ];
  return wanted.filter((task) => positionsOf(task) <= model.spec.contextMax);
}
