/**
 * `wafer bench speed`: how fast a wafer reads and writes, in every configuration that was asked
 * for, beside the ceilings of the machine and, if wanted, others on the same weights.
 *
 * All contenders for a model are open at once, each in a process of its own, and take turns within
 * every round, the ceilings among them. Wafers must write the same tokens in every configuration.
 */
import { append, maxOf } from '@wafer/core';
import { parseSynthetic } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import type { WeightType } from '@wafer/core';
import { CEILING_BYTES } from '../calibrate/ceilings.ts';
import type { CeilingsRole, CeilingTask } from '../calibrate/ceilings.ts';
import { hashTokens } from '../hash.ts';
import { describeSetting } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { openChild } from '../process/child.ts';
import { spreadOf, turnsOf } from '../statistics.ts';
import { compareLogits, openContenders, takes } from './contenders.ts';
import { canHold, ggufFile, typeOf } from './model-files.ts';
import type { ModelFile } from './model-files.ts';
import { heldWeightBytes, kvBytesPerPosition, stepWeightBytes } from './model-cost.ts';
import { tasksFor } from './speed-options.ts';
import type { SpeedOptions } from './speed-options.ts';
import { rowOf, wafersAgree } from './speed-row.ts';
import type { Case, SpeedGroup } from './speed-row.ts';
import { positionsOf, sequencesOf } from '../task/speed-task.ts';

export interface SpeedReport {
  setting: Setting;
  rounds: number;
  peers: readonly string[];
  groups: SpeedGroup[];
  /** Of all tokens of all wafers. */
  tokensHash: string;
}

const CEILING_BYTES_QUICK = 2 ** 18;

/** Measures everything that was asked for, one model and type after the other. */
export async function runSpeed(options: SpeedOptions): Promise<SpeedReport> {
  const groups: SpeedGroup[] = [];
  const hashes: string[] = [];
  for (const name of options.models) {
    const model = await openModel(name);
    for (const type of typesFor(model, options)) {
      const file = await ggufFile(model, type, options.cacheFolder);
      options.say?.(`${file.label}: opening all engines`);
      const group = await runGroup(file, options);
      groups.push(group);
      append(hashes, wafersAgree(group));
    }
  }
  const tokensHash = hashTokens(hashes.map((hash) => parseInt(hash.slice(0, 8), 16)));
  const { rounds, peers } = options;
  return { setting: describeSetting(), rounds, peers, groups, tokensHash };
}

/** Types to measure: those asked for, all four of a synthetic model, or the model's own. */
function typesFor(model: Model, { types }: SpeedOptions): WeightType[] {
  const named = parseSynthetic(model.name);
  const all: WeightType[] = ['f32', 'f16', 'q8_0', 'q4_0'];
  const isAnyType = named !== undefined && named.type === undefined && named.seed === undefined;
  return (types ?? (isAnyType ? all : [typeOf(model)])).filter((type) => canHold(model, type));
}

async function runGroup(file: ModelFile, options: SpeedOptions): Promise<SpeedGroup> {
  await using stack = new AsyncDisposableStack();
  const tasks = tasksFor(file.model, options);
  const contenders = await openContenders(file, tasks, options, stack);
  const logitsDifferences = await compareLogits(file, contenders);
  const ceilings = await openCeilings(options, stack);
  const cases = tasks.flatMap((task) =>
    contenders
      .filter((contender) => takes(contender, task))
      .map((contender): Case => ({ contender, task, samples: [] })),
  );
  for (let round = options.isQuick ? 0 : -1; round < options.rounds; round++) {
    const what = round < 0 ? 'warming up' : `round ${round + 1} of ${options.rounds}`;
    options.say?.(`${file.label}: ${what}`);
    for (const { measure, samples } of ceilings) {
      options.signal?.throwIfAborted();
      const sample = await measure();
      if (round >= 0) samples.push(sample);
    }
    for (const task of tasks) {
      const turns = cases.filter((each) => each.task === task);
      for (const { contender, samples } of turnsOf(turns, Math.max(0, round))) {
        options.signal?.throwIfAborted();
        const sample = await contender.runner.measure(task);
        if (round >= 0) samples.push(sample);
      }
    }
  }
  const measured = ceilings.map(({ isRevectorized, task, samples }) => ({
    isRevectorized,
    task,
    value: spreadOf(samples),
    samples,
  }));
  const weightBytes = heldWeightBytes(file.model);
  const kvPositions = maxOf(tasks.map((task) => sequencesOf(task) * positionsOf(task)));
  return {
    model: file.label,
    type: file.type,
    layerCount: file.model.spec.layerCount,
    modelWidth: file.model.spec.modelWidth,
    weightBytes,
    readBytesPerToken: stepWeightBytes(file.model),
    neededBytes: weightBytes + kvPositions * kvBytesPerPosition(file.model),
    rows: cases.map((each) => rowOf(file, each, measured)),
    ceilings: measured,
    logitsDifferences,
  };
}

/** The machine's own turns: reading and multiplying, for each number of tiles. */
async function openCeilings(
  { revectorize, tiles, isQuick }: SpeedOptions,
  stack: AsyncDisposableStack,
): Promise<
  {
    isRevectorized: boolean;
    task: CeilingTask;
    samples: number[];
    measure: () => Promise<number>;
  }[]
> {
  const turns = [];
  const threadsMax = maxOf(tiles);
  const bytes = (isQuick ? CEILING_BYTES_QUICK : CEILING_BYTES / threadsMax) * threadsMax;
  const evenBytes = Math.ceil(bytes / (128 * threadsMax)) * 128 * threadsMax;
  for (const isRevectorized of revectorize) {
    const given = { bytes: evenBytes, threadsMax, isRevectorized, isQuick };
    const runner = await openChild<CeilingsRole>('ceilings', given);
    stack.defer(() => runner.close());
    for (const quantity of ['read', 'fma'] as const) {
      for (const threadCount of tiles) {
        const task = { quantity, threadCount };
        const measure = (): Promise<number> => runner.measure(task);
        turns.push({ isRevectorized, task, samples: [] as number[], measure });
      }
    }
  }
  return turns;
}
