/**
 * How tokens are chosen: the options that `run` and `chat` share.
 */
import type { Command } from 'commander';
import type { Model, RequestOptions } from '@wafer/runtime';
import { UsageError } from '../failures/failures.ts';
import { collect, readNumber, readWhole } from './option-values.ts';

type Suggested = NonNullable<Model['sampling']>;

export interface SamplingFlags {
  temperature?: number;
  topK?: number;
  topP?: number;
  minP?: number;
  repetitionPenalty?: number;
  presencePenalty?: number;
  frequencyPenalty?: number;
  seed?: number;
  stop?: string[];
}

export function addSamplingOptions(command: Command): Command {
  return command
    .option(
      '--temperature <t>',
      '0 takes the likeliest token (default: as the model suggests, or 0)',
      readNumber,
    )
    .option('--top-k <k>', 'draw from the k likeliest', readWhole)
    .option('--top-p <p>', 'draw from the likeliest that hold this share', readNumber)
    .option('--min-p <p>', 'draw from those this likely beside the likeliest', readNumber)
    .option('--repetition-penalty <x>', 'above 1: less of what was there', readNumber)
    .option('--presence-penalty <x>', 'subtracted once per token of the answer', readNumber)
    .option('--frequency-penalty <x>', 'subtracted per use in the answer', readNumber)
    .option('--seed <n>', 'of the draws (default: drawn, and reported)', readWhole)
    .option('--stop <text>', 'ends the answer; may be given more than once', collect);
}

/**
 * What the flags ask of a request; what they leave open is as the model's authors suggest it
 * (generation_config.json), unless the flags ask for the likeliest token. Throws: UsageError for
 * what would do nothing.
 */
export function samplingOptions(flags: SamplingFlags, suggested?: Suggested): RequestOptions {
  const { topK, topP, minP } = flags;
  const isOpen = suggested === undefined && flags.temperature === undefined;
  const temperature = flags.temperature ?? suggested?.temperature ?? 0;
  const idle = Object.entries({ '--top-k': topK, '--top-p': topP, '--min-p': minP }).find(
    ([, value]) => temperature === 0 && value !== undefined,
  );
  if (idle !== undefined && !isOpen) {
    throw new UsageError(`${idle[0]} does nothing at temperature 0; give --temperature above 0`);
  }
  if (flags.stop?.includes('') === true) throw new UsageError('--stop needs some text');
  const { repetitionPenalty, presencePenalty, frequencyPenalty, stop } = flags;
  const penalties = {
    repetitionPenalty: repetitionPenalty ?? suggested?.repetitionPenalty,
    presencePenalty,
    frequencyPenalty,
  };
  if (temperature === 0) return { temperature, ...penalties, stop };
  const draws = {
    topK: topK ?? suggested?.topK,
    topP: topP ?? suggested?.topP,
    minP: minP ?? suggested?.minP,
  };
  return { temperature, ...draws, ...penalties, stop };
}

/** A line on what is taken from the model; undefined where nothing is. */
export function suggestedText(
  flags: SamplingFlags,
  suggested: Suggested | undefined,
): string | undefined {
  const taken = samplingOptions(flags, suggested ?? {});
  const own = Object.keys(FLAGS).filter((name): name is keyof Suggested => {
    const field = name as keyof Suggested;
    return (
      flags[field] === undefined &&
      taken[field] !== undefined &&
      suggested?.[field] === taken[field]
    );
  });
  if (own.length === 0) return undefined;
  const values = own.map((name) => `${FLAGS[name]} ${taken[name]}`).join(' ');
  const isDrawn = (taken.temperature ?? 0) > 0;
  const greedy = isDrawn ? ' (--temperature 0 takes the likeliest token)' : '';
  return `as the model suggests: ${values}${greedy}`;
}

const FLAGS: Readonly<Record<keyof Suggested, string>> = {
  temperature: '--temperature',
  topK: '--top-k',
  topP: '--top-p',
  minP: '--min-p',
  repetitionPenalty: '--repetition-penalty',
};
