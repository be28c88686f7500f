import { expect, test } from 'vitest';
import {
  readChance,
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

type Reader = (text: string) => unknown;
const words = readWords(['chat', 'code']);
const refused = (read: Reader, texts: readonly string[]): [Reader, string][] =>
  texts.map((text) => [read, text]);

test.each<[read: Reader, text: string, value: unknown]>([
  [readCount, '1', 1],
  [readWhole, '0', 0],
  [readWhole, '9007199254740991', Number.MAX_SAFE_INTEGER],
  [readPort, '0', 0],
  [readPort, '65535', 65_535],
  [readNumber, '-1.5e3', -1500],
  [readNumber, '.5', 0.5],
  [readPositive, '0.001', 0.001],
  [readChance, '0.75', 0.75],
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

test.each<[read: Reader, text: string]>([
  ...refused(readCount, ['0', '-1', '1.5', '', ' 1', '0x10', '1e3']),
  ...refused(readWhole, ['-1', '9007199254740992', '0x10', '']),
  ...refused(readPort, ['65536', '-1', 'http']),
  ...refused(readNumber, ['', '1,5', 'Infinity', '1e999', '0x10', '.']),
  ...refused(readPositive, ['0', '-1']),
  ...refused(readChance, ['-0.1', '1.01', 'abc', '']),
  ...refused(readBytes, ['0', '0KiB', '1KB', '1.5GiB', '9007199254740992']),
  ...refused(readGrid, ['257x1', '0x1', '2', '2x', '2x1x1']),
  ...refused(readDice, ['x', 'x1y2', 'z1']),
  ...refused(readTokens, ['', '1,', '-1', '1 2', '12345678901']),
  ...refused(readCounts, ['0', '01', '1,0', '']),
  ...refused(readLoads, ['0', '1,-2', '']),
  ...refused(words, ['', 'chat,', 'text']),
  ...refused(readVectors, ['', 'yes']),
])('%o refuses %j, and says what it expected', (read, text) => {
  expect(() => read(text)).toThrow(/^Expected .*\.$/);
});

test('an option that is given again is added to what there was', () => {
  expect(collect('b', collect('a', undefined))).toEqual(['a', 'b']);
});
