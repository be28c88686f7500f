import { ERRORS, WaferError } from '@wafer/core';
import type { ErrorCode } from '@wafer/core';
import { expect, test } from 'vitest';
import { isShipped, listSources, readText } from './files.ts';

/**
 * Every code there is, and ever was: codes are promises to callers. A new one is added here and
 * in `docs/errors.md`; a retired one moves to RETIRED and is never given another meaning.
 */
const CODES = [
  'ABORTED',
  'ADAPTER_RANK',
  'ADAPTER_SLOTS',
  'ADAPTER_TARGET',
  'ADAPTER_UNKNOWN',
  'AUDIT_BROKEN',
  'CASES_INVALID',
  'CHECKPOINT_INVALID',
  'CHIP_DIED',
  'CONFIG_INVALID',
  'DATA_INVALID',
  'DATA_TOO_SHORT',
  'DATA_UNREADABLE',
  'DEADLINE_EXCEEDED',
  'GGUF_INVALID',
  'GRAMMAR_INVALID',
  'GRAMMAR_LIMIT',
  'GRAMMAR_UNSUPPORTED',
  'HOST_REFUSED',
  'KERNEL_MISMATCH',
  'KV_EXHAUSTED',
  'LINK_BROKEN',
  'LINK_FRAME',
  'LINK_LISTEN',
  'LINK_MISMATCH',
  'LINK_SECRET',
  'LINK_VERSION',
  'LOGITS_NOT_FINITE',
  'MACHINE_PARAMETER',
  'MODEL_KIND',
  'MODEL_NOT_FOUND',
  'MODEL_NOT_PULLED',
  'MODEL_UNREADABLE',
  'MODEL_UNSUPPORTED',
  'OUTPUT_EXISTS',
  'OUTPUT_FAILED',
  'OVERLOADED',
  'PEER_UNAVAILABLE',
  'PLAN_GRID',
  'PLAN_OPTION',
  'PLAN_SRAM',
  'PROMPT_TOO_LONG',
  'PULL_ACCESS',
  'PULL_ANSWER',
  'PULL_CHECKSUM',
  'PULL_CHOICE',
  'PULL_CONNECTION',
  'PULL_EMPTY',
  'PULL_NOT_FOUND',
  'PULL_SPACE',
  'REQUEST_INVALID',
  'RUNNER_ENDED',
  'SAFETENSORS_INVALID',
  'SEQUENCE_BROKEN',
  'SERVER_UNUSABLE',
  'STORE_INVALID',
  'STORE_IN_USE',
  'STORE_KEY',
  'STORE_KEY_FILE',
  'STRESS_FAILED',
  'SURROUNDINGS_UNFIT',
  'SYNTHETIC_UNKNOWN',
  'TEMPLATE_INVALID',
  'TEMPLATE_LIMIT',
  'TEMPLATE_MISSING',
  'TEMPLATE_REFUSED',
  'TENSOR_MISSING',
  'TENSOR_NOT_FINITE',
  'TENSOR_SHAPE',
  'TENSOR_TYPE',
  'TILE_CRASHED',
  'TILE_STUCK',
  'TOKENIZER_INVALID',
  'TOKENIZER_MISSING',
  'TOKEN_OUT_OF_RANGE',
  'TRACE_INVALID',
  'TRAIN_MEMORY',
  'TRAIN_OPTION',
  'TRAIN_UNSUPPORTED',
  'VALIDATE_TABLE',
  'WAFER_CLOSED',
];
const RETIRED: readonly string[] = [];

const codes = Object.keys(ERRORS) as ErrorCode[];

test('the table of errors holds the codes that were promised', () => {
  expect(codes.toSorted()).toEqual(CODES);
});

test('no retired code is back', () => {
  expect(CODES.filter((code) => RETIRED.includes(code))).toEqual([]);
});

test('docs/errors.md explains each code under a heading of its own, and no other', () => {
  const headings = [...readText('docs/errors.md').matchAll(/^### `?([A-Z0-9_]+)`?$/gm)];
  expect(headings.map(([, code = '']) => code).toSorted()).toEqual(CODES);
});

test.each(codes)('%s says what is wrong and what to do, and fills in its values', (code) => {
  const names = [...ERRORS[code].matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? '');
  const details = Object.fromEntries(names.map((name, index) => [name, `value${index}`]));
  const { message } = new WaferError(code, details);
  expect(message).toMatch(new RegExp(`^${code}: `));
  for (const value of Object.values(details)) expect(message).toContain(value);
  expect(message).not.toMatch(/[{}]|undefined/);
});

test('an error crosses threads as plain data and comes back the same', () => {
  const error = new WaferError('TENSOR_MISSING', { path: 'm', tensor: 'norm' });
  const copy = WaferError.fromJSON(structuredClone(error.toJSON()));
  expect(copy).toBeInstanceOf(WaferError);
  expect(copy.toJSON()).toEqual(error.toJSON());
});

/** Codes that no text throws. */
function unthrown(wanted: readonly string[], text: string): string[] {
  return wanted.filter((code) => !new RegExp(`['"]${code}['"]`).test(text));
}

test('every code is thrown by some source', () => {
  const shipped = listSources()
    .filter(({ path }) => isShipped(path) && path !== 'packages/core/src/errors.ts')
    .map(({ text }) => text)
    .join('\n');
  expect(unthrown(codes, shipped)).toEqual([]);
});

test('a code that nobody throws is found, whatever code it begins', () => {
  expect(unthrown(['PLAN', 'PLAN_GRID'], "throw new WaferError('PLAN_GRID')")).toEqual(['PLAN']);
});
