import { expect, test } from 'vitest';
import {
  collect,
  readBytes,
  readCount,
  readCounts,
  readDice,
  readGrid,
  readLoads,
  readNumber,
  readPort,
  readPositive,
  readTokens,
  readVectors,
  readWhole,
  readWords,
} from './option-values.ts';

const words = readWords(['chat', 'code']);

test.each<[read: (text: string) => unknown, text: string, value: unknown]>([
  [readCount, '1', 1],
  [readWhole, '0', 0],
  [readWhole, '9007199254740991', Number.MAX_SAFE_INTEGER],
  [readPort, '0', 0],
  [readPort, '65535', 65_535],
  [readNumber, '-1.5e3', -1500],
  [readNumber, '.5', 0.5],
  [readPositive, '0.001', 0.001],
  [readBytes, '50331648', 50_331_648],
  [readBytes, '1KiB', 1024],
  [readBytes, '48MiB', 50_331_648],
  [readBytes, '4GiB', 2 ** 32],
  [readGrid, '256x1', '256x1'],
  [readDice, 'x1,y2', 'x1,y2'],
  [readDice, '2x1', '2x1'],
  [readTokens, '1, 403 ,407', [1, 403, 407]],
  [readCounts, '1,8, 32', [1, 8, 32]],
  [readLoads, '0.7, 1,3', [0.7, 1, 3]],
  [words, 'code, chat', ['code', 'chat']],
  [readVectors, 'on', [true]],
  [readVectors, 'off', [false]],
  [readVectors, 'both', [true, false]],
])('%o reads %s', (read, text, value) => {
  expect(read(text)).toEqual(value);
});

test.each<[read: (text: string) => unknown, text: string]>([
  ...['0', '-1', '1.5', '', ' 1', '0x10', '1e3'].map((text) => [readCount, text] as const),
  ...['-1', '9007199254740992', '0x10', ''].map((text) => [readWhole, text] as const),
  ...['65536', '-1', 'http'].map((text) => [readPort, text] as const),
  ...['', '1,5', 'Infinity', '1e999', '0x10', '.'].map((text) => [readNumber, text] as const),
  ...['0', '-1'].map((text) => [readPositive, text] as const),
  ...['0', '0KiB', '1KB', '1.5GiB', '9007199254740992'].map((text) => [readBytes, text] as const),
  ...['257x1', '0x1', '2', '2x', '2x1x1'].map((text) => [readGrid, text] as const),
  ...['x', 'x1y2', 'z1'].map((text) => [readDice, text] as const),
  ...['', '1,', '-1', '1 2', '12345678901'].map((text) => [readTokens, text] as const),
  ...['0', '01', '1,0', ''].map((text) => [readCounts, text] as const),
  ...['0', '1,-2', ''].map((text) => [readLoads, text] as const),
  ...['', 'chat,', 'text'].map((text) => [words, text] as const),
  ...['', 'yes'].map((text) => [readVectors, text] as const),
])('%o refuses %j, and says what it expected', (read, text) => {
  expect(() => read(text)).toThrow(/^Expected .*\.$/);
});

test('an option that is given again is added to what there was', () => {
  expect(collect('b', collect('a', undefined))).toEqual(['a', 'b']);
});
