import { expect, test } from 'vitest';
import { linesOf, table } from './table.ts';

const TITLES = ['what', '>ms', 'tokens', '>of whole', 'most of it'];
const ROWS = [
  ['whole', '1.5', 'd2af', '1.00x', 'compute'],
  ['diced 2x1, port', '123', 'd2af', '0.89x', 'waiting for messages'],
];

test('columns are as wide as their widest cell, numbers to the right', () => {
  const rows = [
    ['a', '1'],
    ['longer', '123'],
  ];
  expect(table(['what', '>ms'], rows).lines(80)).toEqual([
    'what     ms',
    'a         1',
    'longer  123',
  ]);
});

test.each([10, 20, 40, 60, 80, 120])(
  'at %i columns no line is wider, and no cell is lost',
  (width) => {
    const text =
      'a line of many words that goes on and on, as prose does, until it is far too wide';
    const lines = linesOf([text, '', `name    ${text}`, table(TITLES, ROWS)], width);
    expect(lines.filter((line) => line.length > width)).toEqual([]);
    const words = lines.join(' ').replaceAll(/\s+/g, '');
    expect(words).toContain(text.replaceAll(' ', ''));
    for (const cell of ROWS.flat()) expect(words).toContain(cell.replaceAll(' ', ''));
  },
);

test('a table too wide is cut into several, each with its key', () => {
  expect(table(TITLES, ROWS).lines(44)).toEqual([
    'what              ms  tokens  of whole',
    'whole            1.5  d2af       1.00x',
    'diced 2x1, port  123  d2af       0.89x',
    '',
    'what             most of it',
    'whole            compute',
    'diced 2x1, port  waiting for messages',
  ]);
});

test('styles take no room', () => {
  const red = '\u001b[31m9\u001b[39m';
  expect(table(['>a', 'b'], [[red, 'x']]).lines(4)).toEqual(['a  b', `${red}  x`]);
});

test('a word that is too wide goes on behind a comma, if it has one', () => {
  const word = '{"by":"operator","key":"key_0123456789","tenant":"a"}';
  expect(linesOf([word], 40)).toEqual([
    '{"by":"operator","key":"key_0123456789",',
    '"tenant":"a"}',
  ]);
  expect(linesOf(['"key":"key_0123456789abcdef"'], 26)).toEqual([
    '"key":',
    '"key_0123456789abcdef"',
  ]);
  expect(linesOf(['x'.repeat(12)], 10)).toEqual(['x'.repeat(10), 'xx']);
});

test.each([0, 1, 3, 4, 5])('a line ends, however narrow a terminal says it is: %i', (width) => {
  const lines = linesOf(['wafer: interrupted', 'name    value of many words'], width);
  expect(lines.join('').replaceAll(' ', '')).toBe('wafer:interruptednamevalueofmanywords');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 4));
});
