/**
 * How tokens are chosen: the options that `run` and `chat` share.
 */
import type { Command } from 'commander';
import type { RequestOptions } from '@wafer/runtime';
import { UsageError } from './failures.ts';
import { collect, readNumber, readWhole } from './option-values.ts';

export interface SamplingFlags {
  temperature: number;
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
    .option('--temperature <t>', '0 takes the likeliest token', readNumber, 0)
    .option('--top-k <k>', 'draw from the k likeliest', readWhole)
    .option('--top-p <p>', 'draw from the likeliest that hold this share', readNumber)
    .option('--min-p <p>', 'draw from those this likely beside the likeliest', readNumber)
    .option('--repetition-penalty <x>', 'above 1: less of what was there', readNumber)
    .option('--presence-penalty <x>', 'subtracted once per token of the answer', readNumber)
    .option('--frequency-penalty <x>', 'subtracted per use in the answer', readNumber)
    .option('--seed <n>', 'of the draws (default: drawn, and reported)', readWhole)
    .option('--stop <text>', 'ends the answer; may be given more than once', collect);
}

/** What the flags ask of a request. Throws: UsageError for what would do nothing. */
export function samplingOptions(flags: SamplingFlags): RequestOptions {
  const { temperature, topK, topP, minP } = flags;
  const idle = Object.entries({ '--top-k': topK, '--top-p': topP, '--min-p': minP }).find(
    ([, value]) => temperature === 0 && value !== undefined,
  );
  if (idle !== undefined) {
    throw new UsageError(`${idle[0]} does nothing at temperature 0; give --temperature above 0`);
  }
  if (flags.stop?.includes('') === true) throw new UsageError('--stop needs some text');
  const { repetitionPenalty, presencePenalty, frequencyPenalty, stop } = flags;
  const penalties = { repetitionPenalty, presencePenalty, frequencyPenalty };
  return { temperature, topK, topP, minP, ...penalties, stop };
}
