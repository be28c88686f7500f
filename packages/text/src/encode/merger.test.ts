import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Merger, type MergeRules } from './merger.ts';
import { PairTable } from './pair-table.ts';
import { TextTable } from './text-table.ts';

type Rule = readonly [left: number, right: number, rank: number, result: number];

function rulesOf(list: readonly Rule[]): MergeRules {
  const pairs = new PairTable();
  list.forEach(([left, right], index) => pairs.set(left, right, index));
  return {
    pairs,
    ranks: Int32Array.from(list, ([, , rank]) => rank),
    results: Int32Array.from(list, ([, , , result]) => result),
  };
}

/** Looks at all pairs, merges the best one, and starts again. */
function mergePlainly(rules: MergeRules, symbols: readonly number[]): number[] {
  const left = [...symbols];
  for (;;) {
    let best = -1;
    for (let place = 0; place + 1 < left.length; place++) {
      const rule = rules.pairs.get(left[place]!, left[place + 1]!);
      if (rule < 0) continue;
      const before = best < 0 ? -1 : rules.pairs.get(left[best]!, left[best + 1]!);
      if (before < 0 || rules.ranks[rule]! < rules.ranks[before]!) best = place;
    }
    if (best < 0) return left;
    const rule = rules.pairs.get(left[best]!, left[best + 1]!);
    left.splice(best, 2, rules.results[rule]!);
  }
}

function merge(rules: MergeRules, symbols: readonly number[]): number[] {
  const array = Int32Array.from(symbols);
  return [...array.subarray(0, new Merger(rules).merge(array, array.length))];
}

test('merging with a heap gives what looking at all pairs gives', () => {
  const symbol = fc.integer({ min: 0, max: 5 });
  // Few ranks, so that many rules share one, as pieces of one score do.
  const rule = fc.tuple(symbol, symbol, fc.integer({ min: 0, max: 6 }), symbol);
  fc.assert(
    fc.property(
      fc.array(rule, { maxLength: 20 }),
      fc.array(symbol, { maxLength: 40 }),
      (list, text) => {
        const rules = rulesOf(list);
        expect(merge(rules, text)).toEqual(mergePlainly(rules, text));
      },
    ),
    { numRuns: 1000, seed: 21 },
  );
});

test('a pair that is gone gives its turn to nobody', () => {
  // 1 2 is merged first; the turn of 0 1, which is gone, is no turn of 0 10: 10 3 comes before.
  const rules = rulesOf([
    [1, 2, 0, 10],
    [0, 1, 1, 11],
    [10, 3, 2, 13],
    [0, 10, 3, 12],
  ]);
  expect(merge(rules, [0, 1, 2, 3])).toEqual([0, 13]);
});

test.each([1000, 2 ** 17])('%i equal symbols take fewer than 3 n steps', (count) => {
  // a a → b, b b → c, …: symbols that halve in number.
  const rules = rulesOf(Array.from({ length: 25 }, (_, n) => [n, n, n, n + 1] as const));
  const merger = new Merger(rules);
  const kept = merger.merge(new Int32Array(count), count);
  expect(kept).toBe(
    count
      .toString(2)
      .split('')
      .filter((bit) => bit === '1').length,
  );
  expect(merger.stepCount).toBeLessThan(3 * count);
});

test('tables of pairs and of texts hold what maps hold', () => {
  const number = fc.integer({ min: 0, max: 2 ** 31 - 1 });
  const entry = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 }), number);
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 300 }), (list) => {
      const [pairs, texts] = [new PairTable(), new TextTable()];
      const known = new Map<string, number>();
      for (const [left, right, value] of list) {
        pairs.set(left, right, value);
        texts.set(`${left} ${right}`, value);
        known.set(`${left} ${right}`, value);
      }
      expect(pairs.count).toBe(known.size);
      for (let left = 0; left <= 40; left++) {
        const [text, wanted] = [`${left} 7`, known.get(`${left} 7`) ?? -1];
        expect(pairs.get(left, 7)).toBe(wanted);
        expect(texts.get(`x${text}y`, 1, text.length + 1)).toBe(wanted);
        expect(texts.getJoined(`x${left}`, 1, `${left}`.length + 1, 'xy 7', 2)).toBe(wanted);
      }
    }),
    { numRuns: 50, seed: 22 },
  );
});
