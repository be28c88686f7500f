/**
 * The job as a checkpoint holds it, and what flags may say beside it.
 *
 * A run that is gone on with is the run that was asked: who computes, when it ends and how often it
 * says something may be given anew, all else only as it was.
 */
import { resolve } from 'node:path';
import type { ModelSpec } from '@wafer/core';
import type { AdapterSettings, TrainSettings } from '@wafer/train';
import { UsageError } from '../failures/failures.ts';
import type { TrainFlags } from './flags.ts';

/** A job as a checkpoint holds it. */
export interface SavedJob {
  /** What the run began with; checkpoints of before say nothing. */
  model?: string;
  data: readonly string[];
  valid: string | undefined;
  separator: string | undefined;
  settings: TrainSettings;
  adapters: AdapterSettings | undefined;
}

/** Refuses what is given otherwise than the run has it. Throws: UsageError. */
export function checkResumed(
  given: { name: string | undefined; flags: TrainFlags; out: string },
  saved: SavedJob,
  spec: ModelSpec,
): void {
  const { name, flags, out } = given;
  if (flags.tokenizer !== undefined) {
    throw new UsageError(`--tokenizer is ${flags.tokenizer}; the run of --resume has its own`);
  }
  const pairs: [string, unknown, unknown][] = [
    ['MODEL', name, saved.model ?? name],
    ['--out', pathOf(flags.out), out],
    ['--data', flags.data?.map((path) => resolve(path)), saved.data],
    ['--valid', pathOf(flags.valid), saved.valid],
    ['--separator', flags.separator, saved.separator],
    ...settingPairs(flags, saved.settings),
    ...adapterPairs(flags, saved.adapters),
    ...shapePairs(flags, spec),
  ];
  for (const [word, asked, held] of pairs) {
    if (asked === undefined || textOf(asked) === textOf(held)) continue;
    const has = held === undefined ? 'has none' : `has ${textOf(held)}`;
    const hint = 'leave it out, or begin a run of its own with another --out';
    throw new UsageError(
      `${word} is ${textOf(asked)}, the run that --resume names ${has}; ${hint}`,
    );
  }
}

/** Steps and --decay-steps may change: `withOtherEnd` says when. */
function settingPairs(flags: TrainFlags, held: TrainSettings): [string, unknown, unknown][] {
  const { optimizer, schedule, preference } = held;
  return [
    ['--batch', flags.batch, held.batch],
    ['--context', flags.context, held.context],
    ['--accumulate', flags.accumulate, held.accumulate],
    ['--lr', flags.lr, schedule.lr],
    ['--min-lr', flags.minLr, schedule.minLr],
    ['--warmup', flags.warmup, schedule.warmup],
    ['--schedule', flags.schedule, schedule.kind],
    ['--optimizer', flags.optimizer, optimizer.kind],
    ['--momentum', flags.momentum, optimizer.momentum],
    ['--weight-decay', flags.weightDecay, optimizer.weightDecay],
    ['--beta1', flags.beta1, optimizer.beta1],
    ['--beta2', flags.beta2, optimizer.beta2],
    ['--eps', flags.eps, optimizer.eps],
    ['--clip', flags.clip, held.clip],
    ['--z-loss', flags.zLoss, held.zLoss ?? 0],
    ['--balance-loss', flags.balanceLoss, held.balanceLoss],
    ['--order', flags.order, held.order],
    ['--seed', flags.seed, held.seed],
    ['--weights', flags.weights, held.weights ?? 'f32'],
    ['--dpo', flags.dpo && 'on', preference && 'on'],
    ['--dpo-beta', flags.dpoBeta, preference?.beta],
  ];
}

function adapterPairs(
  flags: TrainFlags,
  held: AdapterSettings | undefined,
): [string, unknown, unknown][] {
  return [
    ['--lora-rank', flags.loraRank, held?.rank],
    ['--lora-alpha', flags.loraAlpha, held?.alpha],
    ['--lora-targets', flags.loraTargets, held?.targets],
    ['--lora-dropout', flags.loraDropout, held && (held.dropout ?? 0)],
  ];
}

/** Flags of a new model's shape, and what a spec says of each. */
function shapePairs(flags: TrainFlags, spec?: ModelSpec): [string, unknown, unknown][] {
  const experts = spec?.experts;
  return [
    ['--layers', flags.layers, spec?.layerCount],
    ['--width', flags.width, spec?.modelWidth],
    ['--heads', flags.heads, spec?.headCount],
    ['--kv-heads', flags.kvHeads, spec?.kvHeadCount],
    ['--ffn', flags.ffn, experts?.expertWidth ?? spec?.ffnWidth],
    ['--vocab', flags.vocab, spec?.vocabCount],
    ['--experts', flags.experts, experts?.expertCount],
    ['--experts-per-token', flags.expertsPerToken, experts?.chosenCount],
    ['--untied', flags.untied && 'on', spec?.hasTiedEmbeddings === false ? 'on' : undefined],
  ];
}

/** Refuses a shape, or a tokenizer, beside a model that has its own. Throws: UsageError. */
export function checkNoShape(flags: TrainFlags): void {
  const given = [...shapePairs(flags), ['--tokenizer', flags.tokenizer]];
  const found = given.find(([, asked]) => asked !== undefined);
  if (found === undefined) return;
  throw new UsageError(`${String(found[0])} is of a new model; MODEL has its own: leave one out`);
}

function pathOf(path: string | undefined): string | undefined {
  return path === undefined ? undefined : resolve(path);
}

function textOf(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}
