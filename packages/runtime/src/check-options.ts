/**
 * Kinds of the options of a wafer, checked before anything reads them: a misspelled or wrong one is
 * refused by name, as those of requests are. Ranges are checked where they are resolved.
 */
import { WaferError } from '@wafer/core';
import { refuse } from './engine/sampling-options.ts';
import type { WaferOptions } from './options/options.ts';
import type { RequestOptions } from './piece.ts';

interface Kind {
  expected: string;
  is(value: unknown): boolean;
}

const text: Kind = { expected: 'a text', is: (value) => typeof value === 'string' };
const flag: Kind = { expected: 'true or false', is: (value) => typeof value === 'boolean' };
const number: Kind = { expected: 'a number', is: (value) => typeof value === 'number' };
const call: Kind = { expected: 'a function', is: (value) => typeof value === 'function' };
const object: Kind = { expected: 'an object', is: isObject };

/** All options there are. */
const KINDS: Readonly<Record<keyof WaferOptions, Kind>> = {
  model: {
    expected: 'a path, a name, or a model that openModel returned',
    is: (value) => typeof value === 'string' || (isObject(value) && isModel(value)),
  },
  modelsFolder: text,
  dtype: text,
  grid: text,
  stages: number,
  tensorPlan: text,
  experts: text,
  threads: number,
  dice: text,
  link: text,
  chips: {
    expected: 'a list of HOST:PORT',
    is: (value) => Array.isArray(value) && value.every((chip) => typeof chip === 'string'),
  },
  secret: {
    expected: 'bytes, as a Uint8Array',
    is: (value) => ArrayBuffer.isView(value) && value.constructor.name !== 'DataView',
  },
  virtual: object,
  contextTokens: number,
  kvTokens: number,
  tokensPerStep: number,
  prefillChunk: number,
  sequences: number,
  reservations: {
    expected: 'a list of { tenant, slots, kvTokens }',
    is: (value) => Array.isArray(value) && value.every(isObject),
  },
  reusePrefixes: flag,
  releaseWindows: flag,
  adapters: object,
  sramBytes: number,
  activations: text,
  kv: text,
  rounding: {
    expected: 'fused or plain',
    is: (value) => value === 'fused' || value === 'plain',
  },
  revectorize: flag,
  hugePages: flag,
  recordSteps: flag,
  traceRecords: number,
  limits: object,
  onState: call,
  logger: {
    expected: 'an object with info and error',
    is: (value) => isObject(value) && typeof value['info'] === 'function',
  },
  signal: { expected: 'an AbortSignal', is: isSignal },
  onProgress: call,
};

/** Refuses options that are none, and those of a wrong kind. Throws: PLAN_OPTION. */
export function checkOptions(options: unknown): asserts options is WaferOptions {
  if (!isObject(options)) throw refusal('options', options, 'an object with a model');
  for (const [option, value] of Object.entries(options)) {
    const kind = Object.hasOwn(KINDS, option) ? KINDS[option as keyof WaferOptions] : undefined;
    if (kind === undefined) {
      throw refusal(option, value, `one of ${Object.keys(KINDS).join(', ')}`);
    }
    if (value !== undefined && !kind.is(value)) throw refusal(option, value, kind.expected);
  }
  if (options['model'] === undefined) throw refusal('model', undefined, KINDS.model.expected);
}

/** What is read before a request is resolved. Throws: REQUEST_INVALID. */
export function checkRequest(prompt: unknown, options: RequestOptions): RequestOptions {
  if (prompt === undefined || prompt === null) {
    refuse('prompt', prompt, 'a text or token ids');
  }
  if (typeof options !== 'object' || options === null) {
    refuse('options', options, 'an object');
  }
  const { signal } = options;
  if (signal !== undefined && !isSignal(signal)) {
    refuse('signal', typeof signal, 'an AbortSignal');
  }
  return options;
}

/** Options that have no other fields than these. Throws: REQUEST_INVALID. */
export function checkFields<Options extends object>(
  options: Options,
  fields: readonly (keyof Options & string)[],
): Options {
  if (!isObject(options)) refuse('options', options, 'an object');
  for (const [field, value] of Object.entries(options)) {
    if (!(fields as readonly string[]).includes(field)) {
      refuse(field, value, `one of ${fields.join(', ')}`);
    }
  }
  return options;
}

/** Whether it is a signal, of whichever realm. */
function isSignal(value: unknown): value is AbortSignal {
  return isObject(value) && typeof value['throwIfAborted'] === 'function';
}

function refusal(option: string, value: unknown, expected: string): WaferError {
  const isPlain = value === null || ['string', 'number', 'boolean'].includes(typeof value);
  const shown = isPlain ? value : value === undefined ? 'absent' : `of type ${typeof value}`;
  return new WaferError('PLAN_OPTION', { option, value: shown, expected });
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isModel(value: Record<string, unknown>): boolean {
  return isObject(value['spec']) && isObject(value['source']) && typeof value['name'] === 'string';
}
