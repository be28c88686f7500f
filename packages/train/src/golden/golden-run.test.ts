import { detectRounding } from '@wafer/kernels';
import { referenceLogits, tensorShapes } from '@wafer/core';
import { expect, test } from 'vitest';
import { TrainRows } from '../data/rows.ts';
import { tokensInMemory } from '../data/token-source.ts';
import { TrainRun } from '../engine/run.ts';
import { trainProgram } from '../network/program.ts';
import { learningRate } from '../schedule.ts';
import { rowsOfStep, TRAIN_DEFAULTS } from '../settings.ts';
import type { TrainSettings } from '../settings.ts';
import { GOLDEN_SPEC, goldenWeights } from './golden-model.ts';
import golden from './golden-run.json' with { type: 'json' };

type Case = (typeof golden.cases)['plain'];
type Figures = Record<string, [number, [number, number][]]>;

function settingsOf({ hyper }: Case): TrainSettings {
  const { weightDecay, beta1, beta2, eps, lr, minLr, warmup } = hyper;
  const kind = hyper.schedule as 'constant' | 'cosine';
  return {
    ...TRAIN_DEFAULTS,
    ...hyper,
    order: 'sequential',
    optimizer: { ...TRAIN_DEFAULTS.optimizer, weightDecay, beta1, beta2, eps },
    schedule: { kind, lr, minLr, warmup, decaySteps: 0 },
  };
}

function start(context: number, rows: number): TrainRun {
  const program = trainProgram(GOLDEN_SPEC);
  const shape = { replicas: 1, stages: 1, tiles: 1, recompute: false };
  const run = new TrainRun(program, {
    context,
    rowsOfStep: rows,
    shape,
    rounding: detectRounding(),
  });
  for (const tensor of tensorShapes(GOLDEN_SPEC)) {
    goldenWeights(tensor, run.tensor('weights', tensor.name));
  }
  return run;
}

function logitsOf(run: TrainRun, prompt: readonly number[]): Float32Array {
  const tensors = {
    vector: (name: string) => run.tensor('weights', name),
    matrix: (name: string) => {
      const place = run.layout.tensors.find((tensor) => tensor.name === name)!;
      const { buffer, byteOffset, byteLength } = run.tensor('weights', name);
      const stored = new Uint8Array(buffer, byteOffset, byteLength);
      return { type: 'f32' as const, rows: place.rows, columns: place.columns, stored };
    },
  };
  const model = { spec: GOLDEN_SPEC, tensors, rounding: detectRounding() };
  return referenceLogits(model, prompt).at(-1)!;
}

/** Norms within 1e-5 of each, values within `tolerance` of the root mean square (or absolute). */
function expectNear(
  figures: Figures,
  valuesOf: (name: string) => Float32Array,
  use: { tolerance: number; isRelative: boolean },
): void {
  for (const [name, [norm, samples]] of Object.entries(figures)) {
    const values = valuesOf(name);
    const own = Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
    expect(Math.abs(own / norm - 1), name).toBeLessThan(1e-5);
    const unit = use.isRelative ? norm / Math.sqrt(values.length) : 1;
    for (const [index, value] of samples) {
      expect(Math.abs(values[index]! - value) / unit, name).toBeLessThan(use.tolerance);
    }
  }
}

function expectLogits(actual: Float32Array, expected: readonly number[]): void {
  expected.forEach((value, i) => expect(Math.abs(actual[i]! - value)).toBeLessThan(1e-4));
}

test.each(Object.entries(golden.cases))(
  'the %s trajectory is that of another trainer',
  async (_, one) => {
    const settings = settingsOf(one);
    const bytes = Buffer.from(golden.tokens, 'base64');
    const ids = Uint32Array.from({ length: bytes.length / 2 }, (_, i) => bytes.readUInt16LE(2 * i));
    const rows = new TrainRows(tokensInMemory(ids), settings);
    const count = rowsOfStep(settings);
    const run = start(settings.context, count);
    expectLogits(logitsOf(run, one.prompt), one.logitsBefore);
    for (const [index, [loss = 0, gradNorm = 0, rate = 0]] of one.steps.entries()) {
      const lr = learningRate(settings.schedule, index + 1, settings.steps);
      const batch = Array.from({ length: count }, (_, b) => {
        const row = rows.create();
        rows.read(index * count + b, row);
        return row;
      });
      const use = { optimizer: settings.optimizer, lr, clip: settings.clip, update: index + 1 };
      const result = await run.step(batch, use);
      expect(Math.abs(lr - rate)).toBeLessThan(1e-10);
      expect(Math.abs(result.loss - loss), `loss of step ${index + 1}`).toBeLessThan(1e-5);
      expect(Math.abs(result.gradNorm / gradNorm - 1)).toBeLessThan(1e-5);
      if (index > 0) continue;
      const figures = one.gradients as unknown as Figures;
      expectNear(figures, (name) => run.gradient(name), { tolerance: 2e-5, isRelative: true });
    }
    const figures = one.weights as unknown as Figures;
    expectNear(figures, (name) => run.tensor('weights', name), {
      tolerance: 2e-5,
      isRelative: false,
    });
    expectLogits(logitsOf(run, one.prompt), one.logitsAfter);
  },
);
