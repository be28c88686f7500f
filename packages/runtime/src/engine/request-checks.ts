/**
 * Checks of what a request may ask for beside its sampling: masks, guesses, turns and limits.
 */
import { type AnswerFormat, formatSource, type FormatSource } from '@wafer/text';
import { integerIn, refuse } from './sampling-options.ts';

/** What a caller may give beside limits and sampling. */
export interface RequestExtras {
  /** Answers from this prompt; the seed of each is the given one plus its index. Default: 1. */
  n?: number | undefined;
  /** Reports logprobs of the prompt, and this many likeliest tokens beside each. Default: none. */
  promptLogprobs?: number | undefined;
  /**
   * Token ids that may be picked: one list for all tokens, or one for each token of the answer, the
   * last for those that follow. Stop tokens that may end the answer are to be among them.
   */
  allow?: readonly number[] | readonly (readonly number[])[] | undefined;
  /**
   * What the answer must be: JSON of a schema, a regular expression, a grammar, one of some texts.
   * It ends where that is complete, or at `maxTokens`, and then may be a beginning of it.
   */
  format?: AnswerFormat | undefined;
  /** Guesses what repeats: the same tokens, sooner. Default: `lookup` with a prediction. */
  speculation?: 'lookup' | 'off' | undefined;
  /** Text or token ids that the answer will largely repeat. */
  prediction?: string | ArrayLike<number> | undefined;
  /** Larger ones go first and keep their place. Default: 0. */
  priority?: number | undefined;
  /** Milliseconds after which the request is given up. Default: never. */
  deadlineMs?: number | undefined;
  /**
   * Milliseconds that a piece may wait for those that follow it, but the first and the last. Who is
   * woken for several at once takes less from what computes. Default: 0.
   */
  coalesceMs?: number | undefined;
  /** Whose request it is: tenants take turns, and share no cached prefix. Default: ''. */
  tenant?: string | undefined;
  /** How many turns the tenant takes where one of weight 1 takes one. Default: 1. */
  weight?: number | undefined;
  /** Tokens before which no stop token ends an answer; stop strings do. Default: 0. */
  minTokens?: number | undefined;
  /** The name of a loaded adapter that the request goes through. Default: the base alone. */
  adapter?: string | undefined;
}

/** The same, checked. */
export interface CheckedExtras {
  answerCount: number;
  promptLogprobs: number | undefined;
  /** Lists of allowed tokens, the last one for all that follow; undefined: all. */
  allow: readonly (readonly number[])[] | undefined;
  format: FormatSource | undefined;
  isSpeculative: boolean;
  /** Whether tokens may be guessed that the format leaves no choice of. */
  mayGuess: boolean;
  prediction: Int32Array;
  priority: number;
  deadlineMs: number | undefined;
  coalesceMs: number;
  tenant: string;
  weight: number;
  minTokens: number;
}

export const EXTRA_FIELDS: readonly (keyof RequestExtras)[] = [
  'n',
  'promptLogprobs',
  'allow',
  'format',
  'speculation',
  'prediction',
  'priority',
  'deadlineMs',
  'coalesceMs',
  'tenant',
  'weight',
  'minTokens',
  'adapter',
];

const ANSWER_COUNT_MAX = 128;
const LOGPROBS_MAX = 20; // as of sampling
const PRIORITY_MAX = 100;
const DEADLINE_MS_MAX = 2 ** 31;
const COALESCE_MS_MAX = 1000;
const TENANT_LENGTH_MAX = 256;
const WEIGHT_MAX = 1000;
const MIN_TOKENS_MAX = 2 ** 31;
const PREDICTION_TOKENS_MAX = 2 ** 20;

/** Checks every field and fills in the defaults. Throws: REQUEST_INVALID. */
export function checkExtras(given: RequestExtras, vocabCount: number): CheckedExtras {
  const { n, promptLogprobs, priority, deadlineMs, prediction, speculation } = given;
  const guesses = predictionOf(prediction, vocabCount);
  if (speculation !== undefined && speculation !== 'lookup' && speculation !== 'off') {
    refuse('speculation', speculation, 'lookup or off');
  }
  const whole = (field: string, value: unknown, max: number, min = 0): number =>
    integerIn(field, value, { min, max });
  return {
    answerCount: n === undefined ? 1 : whole('n', n, ANSWER_COUNT_MAX, 1),
    promptLogprobs:
      promptLogprobs === undefined
        ? undefined
        : whole('promptLogprobs', promptLogprobs, LOGPROBS_MAX),
    allow: allowOf(given.allow, vocabCount),
    format: formatOf(given),
    mayGuess: speculation !== 'off',
    isSpeculative: speculation === 'lookup' || (speculation === undefined && guesses.length > 0),
    prediction: guesses,
    priority: priority === undefined ? 0 : whole('priority', priority, PRIORITY_MAX, -PRIORITY_MAX),
    deadlineMs:
      deadlineMs === undefined ? undefined : whole('deadlineMs', deadlineMs, DEADLINE_MS_MAX, 1),
    coalesceMs:
      given.coalesceMs === undefined ? 0 : whole('coalesceMs', given.coalesceMs, COALESCE_MS_MAX),
    tenant: tenantOf(given.tenant),
    weight: weightOf(given.weight),
    minTokens:
      given.minTokens === undefined ? 0 : whole('minTokens', given.minTokens, MIN_TOKENS_MAX),
  };
}

function predictionOf(value: unknown, vocabCount: number): Int32Array {
  if (value === undefined) return new Int32Array(0);
  const expected = `at most ${PREDICTION_TOKENS_MAX} token ids from 0 to ${vocabCount - 1}`;
  const isList = Array.isArray(value) || isTokenArray(value);
  if (!isList || value.length > PREDICTION_TOKENS_MAX) refuse('prediction', value, expected);
  for (const token of value) {
    if (!isToken(token, vocabCount)) refuse('prediction', token, expected);
  }
  return Int32Array.from(value as ArrayLike<number>);
}

function allowOf(value: unknown, vocabCount: number): number[][] | undefined {
  if (value === undefined) return undefined;
  const expected = `lists of token ids from 0 to ${vocabCount - 1}, none of them empty`;
  if (!Array.isArray(value) || value.length === 0) refuse('allow', value, expected);
  const lists: unknown[] = Array.isArray(value[0]) ? value : [value];
  return lists.map((list) => {
    if (!Array.isArray(list) || list.length === 0) refuse('allow', list, expected);
    for (const token of list as unknown[]) {
      if (!isToken(token, vocabCount)) refuse('allow', token, expected);
    }
    return list as number[];
  });
}

function formatOf({ format, allow }: RequestExtras): FormatSource | undefined {
  if (format === undefined) return undefined;
  if (allow !== undefined) refuse('allow', 'a list', 'none beside a format');
  return formatSource(format);
}

function tenantOf(value: unknown): string {
  if (value === undefined) return '';
  if (typeof value === 'string' && value.length <= TENANT_LENGTH_MAX) return value;
  return refuse('tenant', value, `a string of at most ${TENANT_LENGTH_MAX} characters`);
}

function weightOf(value: unknown): number {
  if (value === undefined) return 1;
  const isFine = typeof value === 'number' && value >= 1 / WEIGHT_MAX && value <= WEIGHT_MAX;
  return isFine ? value : refuse('weight', value, `from ${1 / WEIGHT_MAX} to ${WEIGHT_MAX}`);
}

function isToken(value: unknown, vocabCount: number): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value < vocabCount;
}

function isTokenArray(value: unknown): value is Int32Array {
  return ArrayBuffer.isView(value) && !('getInt32' in value);
}
