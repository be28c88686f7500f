/**
 * Rows of a speed report: what an contender did on a task, round by round, and what that means in
 * bytes and operations beside the ceilings of the same run.
 */
import { assert, maxOf } from '@wafer/core';
import type { Activations, WeightType } from '@wafer/core';
import type { CeilingTask } from '../calibrate/ceilings.ts';
import { hashTokens } from '../hash.ts';
import { spreadOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import type { Contender } from './contenders.ts';
import { taskCost } from './model-cost.ts';
import type { ModelFile } from './model-files.ts';
import { taskName, unitOf } from '../task/speed-task.ts';
import type { SpeedSample, SpeedTask, TimeShares } from '../task/speed-task.ts';

/** One contender on one task. */
export interface SpeedRow {
  model: string;
  type: WeightType;
  engine: Contender['engine'];
  threads: number;
  isRevectorized: boolean | undefined;
  activations: Activations | undefined;
  task: SpeedTask;
  name: string;
  unit: string;
  value: Spread;
  /** By round. */
  samples: number[];
  tokensHash: string;
  /** Mean over the rounds, by tile. */
  shares: TimeShares[] | undefined;
  gigabytesPerSecond: number | undefined;
  gigaflopsPerSecond: number | undefined;
  /** Share of the ceilings of as many threads with the same vectors, measured in the same run. */
  readShare: number | undefined;
  fmaShare: number | undefined;
  /** Median, of starts. */
  loadMs: number | undefined;
  /**
   * Median of the ratios, round by round, of touching as many fresh pages, got as loading gets
   * them, over loading.
   */
  touchShare: number | undefined;
  rssBytes: number;
}

/** All rows of one model in one type. */
export interface SpeedGroup {
  model: string;
  type: WeightType;
  layerCount: number;
  modelWidth: number;
  weightBytes: number;
  /** Of them, what a token reads; of experts, those that it meets. */
  readBytesPerToken: number;
  /** Weights and the KV cache of the largest task. */
  neededBytes: number;
  rows: SpeedRow[];
  ceilings: MeasuredCeiling[];
  /** Largest difference of a logit from the first wafer's, by engine. */
  logitsDifferences: Record<string, number>;
}

/** A ceiling of the machine, measured between the rounds. */
export interface MeasuredCeiling {
  isRevectorized: boolean;
  task: CeilingTask;
  value: Spread;
  samples: number[];
}

/** An contender, a task, and what its turns gave. */
export interface Case {
  contender: Contender;
  task: SpeedTask;
  samples: SpeedSample[];
}

/** The row of a case. */
export function rowOf(
  file: ModelFile,
  { contender, task, samples }: Case,
  ceilings: readonly MeasuredCeiling[],
): SpeedRow {
  const { engine, threads, isRevectorized, activations } = contender;
  const values = samples.map(({ value }) => value);
  const value = spreadOf(values);
  const cost = taskCost(file.model, task);
  const perSecond = cost && value.median / cost.tokens;
  const gigabytesPerSecond =
    task.kind === 'linear' ? value.median : cost && (cost.bytes * perSecond!) / 1e9;
  const gigaflopsPerSecond = cost && (cost.flops * perSecond!) / 1e9;
  const ceiling = (quantity: CeilingTask['quantity']): number | undefined =>
    ceilings.find(
      (each) =>
        each.isRevectorized === isRevectorized &&
        each.task.quantity === quantity &&
        each.task.threadCount === threads,
    )?.value.median;
  const tokens = samples.map((sample) => hashTokens(sample.tokens));
  const isSame = tokens.every((hash) => hash === tokens[0]);
  assert(isSame || engine !== 'wafer', 'every round writes the same tokens', { tokens });
  const loads = samples.flatMap(({ loadMs }) => loadMs ?? []);
  const shares = samples.flatMap(({ touchMs, loadMs }) =>
    touchMs === undefined || loadMs === undefined ? [] : touchMs / loadMs,
  );
  return {
    model: file.label,
    type: file.type,
    engine,
    threads,
    isRevectorized,
    activations,
    task,
    name: taskName(task),
    unit: unitOf(task),
    value,
    samples: values,
    tokensHash: isSame ? tokens[0]! : 'differs',
    shares: meanShares(samples),
    gigabytesPerSecond,
    gigaflopsPerSecond,
    readShare: shareOf(gigabytesPerSecond, ceiling('read')),
    fmaShare: shareOf(gigaflopsPerSecond, ceiling('fma')),
    loadMs: loads.length > 0 ? spreadOf(loads).median : undefined,
    touchShare: shares.length > 0 ? spreadOf(shares).median : undefined,
    rssBytes: maxOf(samples.map(({ rssBytes }) => rssBytes)),
  };
}

function shareOf(value: number | undefined, ceiling: number | undefined): number | undefined {
  return value === undefined || ceiling === undefined ? undefined : value / ceiling;
}

function meanShares(samples: readonly SpeedSample[]): TimeShares[] | undefined {
  const first = samples[0]?.shares;
  return first?.map((_, tile) => {
    const mean = (part: keyof TimeShares): number =>
      samples.reduce((sum, { shares }) => sum + shares![tile]![part], 0) / samples.length;
    return {
      compute: mean('compute'),
      send: mean('send'),
      wait: mean('wait'),
      idle: mean('idle'),
    };
  });
}

/** Checks that wafers write the same tokens for a task; their hashes, task by task. */
export function wafersAgree({ rows }: SpeedGroup): string[] {
  const hashes = new Map<string, string>();
  for (const { engine, name, tokensHash, threads, isRevectorized, activations } of rows) {
    if (engine !== 'wafer') continue;
    const what = `${name} ${activations}`;
    const wanted = hashes.get(what) ?? tokensHash;
    const values = { what, threads, isRevectorized, tokensHash, wanted };
    assert(tokensHash === wanted, 'all wafers write the same tokens', values);
    hashes.set(what, tokensHash);
  }
  return [...hashes.values()];
}
