/**
 * Low-rank adapters of a run: their first values, merged weights, and files.
 *
 * A comes from the seed, B begins at 0: so a run begins with the bits of its base.
 *
 * Source: Hu et al. 2021 (LoRA).
 */
import { ATTENTION_MATRICES, FFN_MATRICES, tensorShapes, WaferError } from '@wafer/core';
import { folderLayout, peftTargets, writePeft } from '@wafer/models';
import type { Model } from '@wafer/models';
import type { ModelSpec } from '@wafer/core';
import type { TrainRun } from '../engine/run.ts';
import { fillUniform } from '../generator.ts';
import type { AdapterSettings } from '../network/adapter.ts';

/** Where adapters lie within the folder of the model that they are merged into. */
export const ADAPTER_PATH = 'adapter';

/** What is adapted unless said: all matrices; of a model with experts those of attention. */
export function defaultTargets({ experts }: ModelSpec): string[] {
  return experts === undefined ? [...ATTENTION_MATRICES, ...FFN_MATRICES] : [...ATTENTION_MATRICES];
}

/** Checks what is asked. Throws: TRAIN_OPTION, TRAIN_UNSUPPORTED. */
export function checkAdapters(settings: AdapterSettings, spec: ModelSpec): AdapterSettings {
  const { rank, alpha, targets, dropout = 0 } = settings;
  const refuse = (option: string, value: unknown, expected: string): WaferError =>
    new WaferError('TRAIN_OPTION', { option, value, expected });
  if (!Number.isSafeInteger(rank) || rank < 1) throw refuse('loraRank', rank, 'a rank from 1 on');
  if (!(alpha > 0 && alpha < Infinity)) throw refuse('loraAlpha', alpha, 'a number above 0');
  if (!(dropout >= 0 && dropout < 1)) {
    throw refuse('loraDropout', dropout, 'a share from 0 to below 1');
  }
  checkTargets(targets, spec);
  if (spec.rope.layout !== folderLayout(spec)) {
    const hint = 'export the model to a folder of safetensors first';
    throw new WaferError('TRAIN_UNSUPPORTED', { what: 'adapters of a GGUF file', hint });
  }
  return settings;
}

/** Throws: TRAIN_OPTION for what the model has not, TRAIN_UNSUPPORTED for what no folder keeps. */
function checkTargets(targets: readonly string[], spec: ModelSpec): void {
  const held = new Set(tensorShapes(spec).map(({ role }) => role.part));
  const possible: readonly string[] = peftTargets(spec);
  const packed = targets.find((target) => held.has(target) && !possible.includes(target));
  if (packed?.startsWith('experts.')) {
    const hint = `adapt others: targets ${possible.join(',')}`;
    const what = `adapters of ${packed}, which folders keep in one tensor,`;
    throw new WaferError('TRAIN_UNSUPPORTED', { what, hint });
  }
  const isStrange = targets.some((target) => !possible.includes(target));
  const isTwice = new Set(targets).size < targets.length;
  if (!isStrange && !isTwice && targets.length > 0) return;
  const [value, expected] = [targets.join(','), `some of ${possible.join(',')}`];
  throw new WaferError('TRAIN_OPTION', { option: 'loraTargets', value, expected });
}

/** First values: A within ±1 / √inputs out of the seed, B zeros. */
export function fillAdapters(run: TrainRun, seed: number): void {
  for (const { a, b, index } of run.program.adapters) {
    const range = 1 / Math.sqrt(a.columns);
    fillUniform(run.tensor('weights', a.name), { seed, tensor: index, a: range });
    run.tensor('weights', b.name).fill(0);
  }
}

/** Weights by name with adapters merged in: W + scale · B A, summed in f64, rounded once. */
export function mergedWeights(run: TrainRun): (name: string) => Float32Array {
  const adapters = new Map(run.program.adapters.map((one) => [one.target.name, one]));
  return (name) => {
    const weights = run.tensor('weights', name);
    const adapter = adapters.get(name);
    if (adapter === undefined) return weights;
    const { a, b, scale } = adapter;
    const [low, high] = [run.tensor('weights', a.name), run.tensor('weights', b.name)];
    const { rows: rank, columns } = a;
    return weights.map((value, i) => {
      const [n, k] = [Math.floor(i / columns), i % columns];
      let sum = 0;
      for (let r = 0; r < rank; r++) sum += high[n * rank + r]! * low[r * columns + k]!;
      return value + scale * sum;
    });
  };
}

/** Writes the run's adapters as a folder of PEFT's. Throws: OUTPUT_FAILED. */
export function writeAdapters(
  run: TrainRun,
  folder: string,
  use: { model: Pick<Model, 'name' | 'spec'>; settings: AdapterSettings },
): void {
  const { model, settings } = use;
  const { name: base, spec } = model;
  const { rank, alpha, dropout } = settings;
  const changes = new Map(
    run.program.adapters.map(({ target, a, b }) => [
      target.name,
      { a: run.tensor('weights', a.name), b: run.tensor('weights', b.name) },
    ]),
  );
  writePeft(folder, { spec, base, rank, alpha, dropout, changes });
}
