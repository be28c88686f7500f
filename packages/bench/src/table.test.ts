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
    // A cell may be on several lines, beside parts of others.
    for (const word of ROWS.flat().join(' ').split(' ')) expect(words).toContain(word);
  },
);

test('texts of a table that hardly fits are on a few lines, its numbers on one', () => {
  expect(table(TITLES, ROWS).lines(44)).toEqual([
    'what          ms  tokens     of  most of it',
    '                          whole',
    'whole        1.5  d2af    1.00x  compute',
    'diced 2x1,   123  d2af    0.89x  waiting for',
    '  port                           messages',
  ]);
});

test('a table too wide is cut into several, each with its key', () => {
  const titles = ['what', '>prefilled', '>decoded', '>of the whole'];
  const rows = [['a row', '1,234,567 in 12 s', '1,234 in 3 s', '0.89 (0.88 to 0.91)']];
  expect(table(titles, rows).lines(40)).toEqual([
    'what           prefilled       decoded',
    'a row  1,234,567 in 12 s  1,234 in 3 s',
    '',
    'what          of the whole',
    'a row  0.89 (0.88 to 0.91)',
  ]);
});

test('records are shorter than more than four tables', () => {
  const titles = ['what', ...Array.from({ length: 5 }, (_, i) => `>number ${i}`)];
  const row = ['a row', ...Array.from({ length: 5 }, () => '1,234,567')];
  expect(table(titles.slice(0, 5), [row.slice(0, 5)]).lines(18)).toHaveLength(4 * 3 - 1);
  expect(table(titles, [row]).lines(18)).toEqual([
    'a row',
    ...['0', '1', '2', '3', '4'].flatMap((i) => [`  number ${i}:`, '    1,234,567']),
  ]);
});

test('a table whose keys do not tell its rows apart is not cut, but told row by row', () => {
  const titles = ['model', 'link', '>measured in milliseconds', '>told in milliseconds'];
  const rows = [
    ['m', 'none', '1.5 (1.4 to 1.6)', '1.4'],
    ['m', 'port', '2.5 (2.4 to 2.6)', '2.6'],
  ];
  expect(table(titles, rows).lines(36)).toEqual([
    'm',
    '  link: none',
    '  measured in milliseconds: 1.5',
    '    (1.4 to 1.6)',
    '  told in milliseconds: 1.4',
    'm',
    '  link: port',
    '  measured in milliseconds: 2.5',
    '    (2.4 to 2.6)',
    '  told in milliseconds: 2.6',
  ]);
});

const KEYED = ['work', 'cut', '>chips', '>tokens/s', '>kept', '(>send)', '(>wait for messages)'];
const KEYED_ROWS = ['decode, batch 1', 'prefill of 512'].flatMap((work) =>
  ['1', '16'].map((chips) => [work, 'tensor', chips, '7168', '98%', '1.5%', '20.5% of all']),
);
const keyed = table(KEYED, KEYED_ROWS, { keyCount: 3 });
/** Without details, where there is room for 40 cells and for 28. */
const KEYED_LINES = [
  '  cut     chips  tokens/s  kept',
  'decode, batch 1',
  '  tensor      1      7168   98%',
  '  tensor     16      7168   98%',
  'prefill of 512',
  '  tensor      1      7168   98%',
  '  tensor     16      7168   98%',
];
const KEYED_LINES_NARROW = [
  '  chips  tokens/s  kept',
  'decode, batch 1 · tensor',
  '      1      7168   98%',
  '     16      7168   98%',
  'prefill of 512 · tensor',
  '      1      7168   98%',
  '     16      7168   98%',
];

test('rows whose keys begin alike stand under them before any is told apart', () => {
  const few = table(KEYED.slice(0, 5), KEYED_ROWS, { keyCount: 3 });
  expect(few.lines(40)).toEqual(KEYED_LINES);
  expect(few.lines(28)).toEqual(KEYED_LINES_NARROW);
});

test('details that do not fit beside the rest have a table below it', () => {
  expect(keyed.lines(40)).toEqual([
    ...KEYED_LINES,
    '',
    '  cut     chips  send  wait for messages',
    'decode, batch 1',
    '  tensor      1  1.5%       20.5% of all',
    '  tensor     16  1.5%       20.5% of all',
    'prefill of 512',
    '  tensor      1  1.5%       20.5% of all',
    '  tensor     16  1.5%       20.5% of all',
  ]);
});

test('details that fit nowhere are left out, and named', () => {
  expect(keyed.lines(24)).toEqual([
    ...KEYED_LINES_NARROW,
    'left out, for want of',
    'width: send, wait for',
    'messages',
  ]);
});

test('a record says what the numbers of its key are, and as much in a line as fits', () => {
  const rows = KEYED_ROWS.slice(0, 2);
  expect(table(KEYED, rows, { keyCount: 3 }).lines(22)).toEqual([
    'decode, batch 1',
    '  tensor · chips 1',
    '  tokens/s: 7168',
    '  kept: 98%',
    '  send: 1.5%',
    '  wait for messages:',
    '    20.5% of all',
    'decode, batch 1',
    '  tensor · chips 16',
    '  tokens/s: 7168',
    '  kept: 98%',
    '  send: 1.5%',
    '  wait for messages:',
    '    20.5% of all',
  ]);
  const many = Array.from({ length: 60 }, (_, i) => [
    `row ${i}`,
    'a',
    '1',
    '7168',
    '98%',
    '2',
    '3',
  ]);
  const lines = table(KEYED, many, { keyCount: 3 }).lines(22);
  expect(lines.slice(-6)).toEqual([
    'row 59 · a · chips 1',
    '  tokens/s: 7168',
    '  kept: 98%',
    'left out, for want of',
    'width: send, wait for',
    'messages',
  ]);
});

test('a column that is empty in all rows is not shown, and none is without a title', () => {
  const rows = [
    ['a', '', '1'],
    ['b', '', '2'],
  ];
  expect(table(['what', 'note', '>ms'], rows).lines(80)).toEqual([
    'what  ms',
    'a      1',
    'b      2',
  ]);
  expect(() => table(['what', ''], rows)).toThrow('each column has a title');
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
  expect(linesOf(['model  ./somebody/models/trained'], 27)).toEqual([
    'model  ./somebody/models/',
    '       trained',
  ]);
  expect(linesOf(['x'.repeat(12)], 10)).toEqual(['x'.repeat(10), 'xx']);
});

test.each([0, 1, 3, 4, 5])('a line ends, however narrow a terminal says it is: %i', (width) => {
  const lines = linesOf(['wafer: interrupted', 'name    value of many words'], width);
  expect(lines.join('').replaceAll(' ', '')).toBe('wafer:interruptednamevalueofmanywords');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(Math.max(width, 4));
});

test('characters that take two cells are counted as two, and none is parted', () => {
  const rows = [
    ['昔々', '1'],
    ['👩‍🚀', '23'],
    ['café', '4'],
    ['cafe\u0301', '5'],
    ['❤️', '6'],
    ['ｶﾞ', '7'],
    ['น้ำ', '8'],
  ];
  expect(table(['word', '>id'], rows).lines(80)).toEqual([
    'word  id',
    '昔々   1',
    '👩‍🚀    23',
    'café   4',
    'cafe\u0301   5',
    '❤️     6',
    'ｶﾞ     7',
    'น้ำ     8',
  ]);
  expect(linesOf(['ab 昔々あるところに'], 9)).toEqual(['ab', '昔々ある', 'ところに']);
  expect(linesOf(['👩‍🚀👩‍🚀👩‍🚀'], 5)).toEqual(['👩‍🚀👩‍🚀', '👩‍🚀']);
  expect(linesOf(['昔々昔々  value of many words'], 26)).toEqual([
    '昔々昔々  value of many',
    '          words',
  ]);
  const long = '昔'.repeat(50_000);
  expect(linesOf([long], 40)).toHaveLength(2500);
});
