import { expect, test } from 'vitest';
import { createTokenizer } from '../tokenizer/tokenizer.ts';
import { PairTable } from './pair-table.ts';
import { TextTable } from './text-table.ts';
import { WordMemory } from './word-memory.ts';

const FNV_BASIS = 0x811c9dc5;
const FNV_PRIME = 0x01000193;
const COUNT = 5000;

/** The number that times `odd` is 1, modulo 2^32. */
function inverse(odd: number): number {
  let found = odd;
  for (let turn = 0; turn < 5; turn++) found = Math.imul(found, 2 - Math.imul(odd, found));
  return found;
}

/** Texts of four code units with one FNV-1a hash: last two units chosen to fit the first two. */
function collidingTexts(count: number): string[] {
  const step = (hash: number, unit: number): number => Math.imul(hash ^ unit, FNV_PRIME);
  const prefixes = new Map<number, [text: string, hash: number]>();
  for (let unit = 0; unit < 2 ** 18; unit++) {
    const [first, second] = [unit >>> 9, unit & 511];
    const hash = step(step(FNV_BASIS, first), second);
    prefixes.set(hash >>> 16, [String.fromCharCode(first, second), hash]);
  }
  const texts: string[] = [];
  const back = inverse(FNV_PRIME);
  for (let last = 0; last < 2 ** 16 && texts.length < count; last++) {
    const before = Math.imul(last ^ 0x12345678, back);
    const prefix = prefixes.get(before >>> 16);
    if (prefix === undefined) continue;
    texts.push(prefix[0] + String.fromCharCode((before ^ prefix[1]) & 0xffff, last));
  }
  return texts;
}

const TEXTS = collidingTexts(COUNT);

test('tokens that were made to collide are refused', () => {
  expect(new Set(TEXTS).size).toBe(COUNT);
  const vocab = Object.fromEntries(TEXTS.map((text, id) => [text, id]));
  const tokenizerJson = { added_tokens: [], model: { type: 'BPE', vocab, merges: [] } };
  const tokenizer = createTokenizer({ tokenizerJson, tokenizerConfig: {} });
  expect(() => tokenizer.encode('a')).toThrow(/^TOKENIZER_INVALID: .*its tokens collide/);
});

test('a table of texts keeps those that came before too many of one hash', () => {
  const table = new TextTable();
  const taken = TEXTS.filter((text, index) => table.set(text, index));
  expect(taken).toHaveLength(2 ** 12);
  expect(TEXTS.map((text) => table.get(text))).toEqual(
    TEXTS.map((_, index) => (index < 2 ** 12 ? index : -1)),
  );
  expect(table.set('another', 7)).toBe(true);
  expect(table.get('another')).toBe(7);
});

test('words that were made to collide are remembered in turn', () => {
  const memory = new WordMemory();
  TEXTS.forEach((text, index) => {
    memory.add(text, [index], 0);
    const ids: number[] = [];
    expect(memory.push(text, ids)).toBe(true);
    expect(ids).toEqual([index]);
  });
});

test('pairs that were made to collide are refused', () => {
  const pairs = new PairTable();
  const back = inverse(0x85ebca6b);
  const rightOf = (left: number): number => Math.imul(Math.imul(left, 0x9e3779b1) ^ 1234, back);
  const fill = (): void => {
    for (let left = 0; left < COUNT; left++) pairs.set(left, rightOf(left), left);
  };
  expect(fill).toThrow('its tokens collide');
  expect(pairs.count).toBe(2 ** 12);
  expect(pairs.get(4095, rightOf(4095))).toBe(4095);
  expect(pairs.get(4096, rightOf(4096))).toBe(-1);
});

test('a quarter of a million usual texts and pairs are not', () => {
  const [texts, pairs] = [new TextTable(), new PairTable()];
  let isSet = true;
  for (let index = 0; index < 2 ** 18; index++) {
    isSet &&= texts.set(`t${index.toString(7)}`, index);
    pairs.set(index >>> 9, index & 511, index);
  }
  expect(isSet).toBe(true);
  expect(texts.get(`t${(12_345).toString(7)}`)).toBe(12_345);
  expect(pairs.count).toBe(2 ** 18);
});
