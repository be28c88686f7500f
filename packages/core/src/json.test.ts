import { WaferError } from './errors.ts';
import { expect, test } from 'vitest';
import { countJson, parseJsonObject } from './json.ts';

const fail = (reason: string): WaferError =>
  new WaferError('CONFIG_INVALID', { path: 'x', field: 'the file', value: reason, expected: '' });
const parse = (text: string): unknown => parseJsonObject(text, fail);

test('an object is parsed', () => {
  expect(parse('{"a": [1, {"b": "}]:,"}]}')).toEqual({ a: [1, { b: '}]:,' }] });
});

test('names of the outermost object are counted, repeated ones too', () => {
  expect(countJson('{"a":1,"a":{"b":2},"c\\":":[3,4]}')).toEqual({ depth: 2, parts: 6, names: 3 });
});

test.each(['', '{', '[1]', '3', 'null', '"x"', '{"a":01}'])('%j is refused', (text) => {
  expect(() => parse(text)).toThrow(/no JSON/);
});

test('bombs are refused before they are parsed', () => {
  expect(() => parse(`{"a":${'['.repeat(5_000_000)}`)).toThrow(/nested over 64 deep/);
  expect(() => parse(`{"a":[${'[],'.repeat(5_000_000)}0]}`)).toThrow(/over 8388608 values/);
});
