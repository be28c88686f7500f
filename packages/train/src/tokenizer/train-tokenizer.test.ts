import { createTokenizer } from '@wafer/text';
import { expect, test } from 'vitest';
import { learnMerges } from './byte-pairs.ts';
import { trainTokenizer } from './train-tokenizer.ts';

/** Merges by counting all pairs anew each time. */
function slowMerges(
  words: { ids: number[]; count: number }[],
  firstId: number,
  most: number,
): number[][] {
  const list = words.map(({ ids, count }) => ({ ids: [...ids], count }));
  const merges: number[][] = [];
  while (merges.length < most) {
    const counts = new Map<string, number>();
    for (const { ids, count } of list) {
      for (let i = 0; i + 1 < ids.length; i++) {
        const key = `${ids[i]} ${ids[i + 1]}`;
        counts.set(key, (counts.get(key) ?? 0) + count);
      }
    }
    const all = [...counts].map(([key, count]) => ({ pair: key.split(' ').map(Number), count }));
    all.sort((a, b) => b.count - a.count || a.pair[0]! - b.pair[0]! || a.pair[1]! - b.pair[1]!);
    const best = all[0];
    if (best === undefined) break;
    const [left, right] = best.pair;
    for (const word of list) {
      for (let i = 0; i + 1 < word.ids.length; i++) {
        if (word.ids[i] !== left || word.ids[i + 1] !== right) continue;
        word.ids.splice(i, 2, firstId + merges.length);
      }
    }
    merges.push(best.pair);
  }
  return merges;
}

test('merges are those of counting all pairs anew each time', () => {
  for (let seed = 1; seed <= 20; seed++) {
    let state = seed;
    const random = (below: number): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state % below;
    };
    const words = Array.from({ length: 30 }, () => ({
      ids: Array.from({ length: 1 + random(9) }, () => random(4)),
      count: 1 + random(5),
    }));
    let next = 4;
    const idOf = (): number | undefined => (next < 29 ? next++ : undefined);
    expect(learnMerges(words, idOf), `seed ${seed}`).toEqual(slowMerges(words, 4, 25));
  }
});

const TEXT = 'low lower lowest\nnewer newest wide wider 123 näher 🙂 ';

test('a text comes back byte by byte, and words become tokens', () => {
  const description = trainTokenizer([TEXT.repeat(5)], { vocab: 280 });
  const tokenizer = createTokenizer(description, 'new');
  expect(tokenizer.vocabCount).toBe(280);
  expect(tokenizer.ends).toEqual([0]);
  const strange = `${TEXT} zebra\u0000 日本`;
  expect(tokenizer.decode(tokenizer.encode(strange))).toBe(strange);
  expect(tokenizer.encode(' low').length).toBeLessThan(3);
  expect(tokenizer.encode(' zzz')).toHaveLength(4);
});

test('what ends a text is a token of its own and no part of words', () => {
  const description = trainTokenizer(['aaaa<|endoftext|>aaaa<|endoftext|>'], { vocab: 262 });
  const { vocab } = (description.tokenizerJson as { model: { vocab: object } }).model;
  const learned = Object.keys(vocab).filter((token) => token.length > 1);
  expect(learned).toEqual(['<|endoftext|>', 'aa', 'aaaa']);
});

test('a vocabulary without room for the bytes is refused', () => {
  expect(() => trainTokenizer(['a'], { vocab: 256 })).toThrow(/vocab is 256.* 257/);
});
