/**
 * Loss of a model on data: per token and per byte of text, in rows of a context.
 *
 * Every row is read from its first token on without what came before, as `wafer train` reads rows;
 * its last targets have the longest context.
 */
import { assert } from '@wafer/core';
import type { Rounding } from '@wafer/core';
import type { Model } from '@wafer/models';
import { TrainRows } from './data/rows.ts';
import type { TokenSource } from './data/token-source.ts';
import { TrainRun } from './engine/run.ts';
import { readWeights } from './model/weights.ts';
import { trainProgram } from './network/program.ts';

/** What an evaluation found; nats are natural logarithms. */
export interface Evaluation {
  rows: number;
  /** Targets that counted. */
  tokens: number;
  nats: number;
  natsPerToken: number;
  perplexity: number;
}

/** Evaluates all whole rows of the data, at most `rowsMax`. Throws: TRAIN_*, DATA_*, TENSOR_*. */
export async function evaluateModel(
  model: Model,
  data: TokenSource,
  use: { context: number; rounding: Rounding; replicas: number; rowsMax?: number },
): Promise<Evaluation> {
  const { context, rounding } = use;
  const rows = new TrainRows(data, { context, order: 'sequential', seed: 0 });
  const count = Math.min(rows.rowCount, use.rowsMax ?? Infinity);
  const replicas = Math.min(use.replicas, count);
  const shape = { replicas, stages: 1, tiles: 1, recompute: true };
  const run = new TrainRun(trainProgram(model.spec), {
    context,
    rowsOfStep: replicas,
    shape,
    rounding,
  });
  try {
    readWeights(model, run);
    const batch = Array.from({ length: replicas }, () => rows.create());
    let [nats, tokens] = [0, 0];
    for (let first = 0; first < count; first += replicas) {
      batch.forEach((row, index) => {
        rows.read(first + index, row);
        if (first + index < count) return;
        row.counts.fill(0); // past the end, rows come again from the start
        row.countedTargets = 0;
      });
      const part = await run.evaluate(batch);
      nats += part.loss;
      tokens += part.targets;
    }
    assert(Number.isFinite(tokens), 'targets are counted', { tokens });
    const natsPerToken = nats / tokens;
    return { rows: count, tokens, nats, natsPerToken, perplexity: Math.exp(natsPerToken) };
  } finally {
    await run.close();
  }
}
