/**
 * What the flags of `wafer bench` ask for: the model, the wafer whole and diced, the question.
 */
import { describeSetting, runId } from '@wafer/bench';
import { vectorBits } from '@wafer/bench/common';
import type { BenchHeader, BenchTask } from '@wafer/bench';
import type { WaferSettings } from '@wafer/bench/common';
import { gridName } from '@wafer/core';
import type { LoadType, Model } from '@wafer/runtime';
import { withoutEnds } from '@wafer/models';
import { STORIES_NAME } from '@wafer/stories';
import { openNamedModel } from './models/named-model.ts';
import { packageVersion } from './package-version.ts';
import { waferSettings } from './wafer-options.ts';
import type { WaferFlags } from './wafer-options.ts';

export interface BenchFlags extends WaferFlags {
  promptTokens?: number;
  maxTokens?: number;
  repetitions?: number;
  quick?: true;
  compare?: string[];
  json?: true;
  out: string;
}

export interface BenchSetup {
  name: string;
  model: Model;
  version: string;
  whole: WaferSettings;
  diced: WaferSettings;
  /** Diced, on a grid that shows a fabric unless one was asked for. */
  traced: WaferSettings;
  task: Omit<BenchTask, 'signal'>;
  tracedTask: Omit<BenchTask, 'signal'>;
  repetitions: number | undefined;
  header: BenchHeader;
}

const MODEL_DEFAULT = STORIES_NAME;
const MODEL_QUICK = 'synthetic:tiny';
const SIZES = { promptTokens: 64, maxTokens: 64 };
const SIZES_QUICK = { promptTokens: 8, maxTokens: 8 };
/** Longest question and answer of the traced pass. */
const SIZES_TRACED = { promptTokens: 32, maxTokens: 12 };
const GRID_DEFAULT = '2x1';
const GRID_TRACED = '4x2';
const MORE = { recordSteps: true, reusePrefixes: false };

/** Resolves the flags. Throws: PLAN_OPTION, and what opening the model throws. */
export async function openBench(named: string | undefined, flags: BenchFlags): Promise<BenchSetup> {
  const name = named ?? (flags.quick ? MODEL_QUICK : MODEL_DEFAULT);
  const model = await openBenchModel(name, flags.dtype);
  const { whole, diced, traced } = rowSettings(model, flags);
  const usual = flags.quick ? SIZES_QUICK : SIZES;
  const promptTokens = flags.promptTokens ?? usual.promptTokens;
  const maxTokens = flags.maxTokens ?? usual.maxTokens;
  const prompt = benchPrompt(model, promptTokens);
  const tracedTask = {
    prompt: prompt.slice(0, SIZES_TRACED.promptTokens),
    maxTokens: Math.min(maxTokens, SIZES_TRACED.maxTokens),
  };
  const settings = { name, flags };
  return {
    name,
    model,
    version: packageVersion(),
    whole,
    diced,
    traced,
    task: { prompt, maxTokens },
    tracedTask,
    repetitions: flags.repetitions,
    header: {
      id: runId(new Date(), settings),
      model: name,
      ...describedSetting(),
      grid: gridName(whole.resolved.plan.grid),
      threads: whole.resolved.threadCount,
      rounding: whole.options.rounding,
      activations: whole.resolved.plan.activations,
      kv: whole.resolved.plan.kv,
      vectorBits: vectorBits(whole.options),
      promptTokens,
      generatedTokens: maxTokens,
    },
  };
}

function describedSetting(): Pick<BenchHeader, 'clock' | 'date' | 'machine'> {
  const machine = describeSetting();
  return { clock: machine.clock, date: machine.date, machine };
}

/** The whole wafer and the diced one, alike but for the cut; and the one to trace. */
function rowSettings(
  model: Model,
  flags: BenchFlags,
): Pick<BenchSetup, 'whole' | 'diced' | 'traced'> {
  const given = waferSettings(model, { ...flags, dice: '1x1' }, MORE);
  const isOneTile = flags.grid === undefined && given.resolved.plan.grid.width === 1;
  const whole = isOneTile
    ? waferSettings(model, { ...flags, dice: '1x1', grid: GRID_DEFAULT }, MORE)
    : given;
  const { grid } = whole.resolved.plan;
  const dice = flags.dice ?? (grid.width > 1 ? '2x1' : '1x2');
  const cut = { ...flags, grid: gridName(grid), dice };
  const isFree = flags.grid === undefined && flags.stages === undefined && flags.dice === undefined;
  const shown = isFree ? { ...cut, grid: GRID_TRACED } : cut;
  const quiet = { ...MORE, logger: undefined };
  return {
    whole,
    diced: waferSettings(model, cut, MORE),
    traced: waferSettings(model, shown, quiet),
  };
}

/** The model, without end tokens, so that every answer has the length that was asked for. */
async function openBenchModel(name: string, dtype?: LoadType): Promise<Model> {
  return withoutEnds(await openNamedModel(name, dtype));
}

/** Token ids that are all over the vocabulary, always the same. */
function benchPrompt({ spec }: Model, count: number): number[] {
  return Array.from({ length: count }, (_, i) => (i * 7919 + 257) % spec.vocabCount);
}
