import { expect, test } from 'vitest';
import { callOf, isInJsonText } from './read-call.ts';

test.each([
  ['{"a": "b', true],
  ['{"a": "b\\"', true],
  ['{"a": "b\\\\"', false],
  ['{"a": "b\\\\\\"', true],
  ['{"a": "b"}; {"c": "', true],
  ['{"a": "b"}; {"c": ""', false],
])('%s: within a text of JSON is %s', (written, isInText) => {
  expect(isInJsonText(written)).toBe(isInText);
});

test.each([{ name: '' }, { name: 5 }, {}, { name: 'f', arguments: [1] }, ['f']])(
  '%j is no call',
  (value) => {
    expect(callOf(value)).toBeUndefined();
  },
);

test('a call without arguments has none', () => {
  expect(callOf({ name: 'f' })).toEqual({ name: 'f', arguments: {} });
});
