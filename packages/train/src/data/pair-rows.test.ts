import { expect, test } from 'vitest';
import { PairRows } from './pair-rows.ts';
import { TrainRows } from './rows.ts';
import { hashOf, tokensInMemory } from './token-source.ts';

/** Two pairs: answers of 5 and 3 tokens, then of 2 and 4; of each the last two count. */
const STARTS = Uint32Array.of(0, 5, 8, 10);
const IDS = Uint32Array.from({ length: 14 }, (_, i) => 100 + i);
const COUNTS = Uint8Array.of(0, 0, 0, 1, 1, 0, 1, 1, 0, 1, 0, 0, 1, 1);
const SOURCE = tokensInMemory(IDS, { starts: STARTS, counts: COUNTS });

test('rows are documents by pairs, the better first, and hold nothing of rows before', () => {
  const rows = new PairRows(SOURCE, { context: 6, order: 'sequential', seed: 1 });
  const row = rows.create();
  const read = (index: number): object => {
    rows.read(index, row);
    const { tokens, targets, counts, firsts, countedTargets } = row;
    const lists = { tokens: [...tokens], targets: [...targets], counts: [...counts] };
    return { ...lists, firsts: [...firsts], countedTargets };
  };
  const none = [0, 0, 0, 0, 0, 0];
  expect(rows.rowCount).toBe(4);
  expect(read(0)).toEqual({
    ...{ tokens: [100, 101, 102, 103, 0, 0], targets: [101, 102, 103, 104, 0, 0] },
    ...{ counts: [0, 0, 1, 1, 0, 0], firsts: none, countedTargets: 2 },
  });
  row.firsts.fill(3); // as of a source of texts, which uses the same row
  expect(read(1)).toEqual({
    ...{ tokens: [105, 106, 0, 0, 0, 0], targets: [106, 107, 0, 0, 0, 0] },
    ...{ counts: [1, 1, 0, 0, 0, 0], firsts: none, countedTargets: 2 },
  });
  expect(read(2)).toMatchObject({ tokens: [108, 0, 0, 0, 0, 0], countedTargets: 1 });
  expect(read(3)).toMatchObject({ tokens: [110, 111, 112, 0, 0, 0], countedTargets: 2 });
  expect(read(4)).toMatchObject({ tokens: [100, 101, 102, 103, 0, 0] });
});

test('both answers of a pair stay together in any order', () => {
  const rows = new PairRows(SOURCE, { context: 6, order: 'shuffled', seed: 3 });
  for (let index = 0; index < 8; index += 2) {
    const document = rows.documentOf(index);
    expect([document % 2, rows.documentOf(index + 1)]).toEqual([0, document + 1]);
  }
});

test('a row of texts forgets where the documents of another source began', () => {
  const use = { context: 4, order: 'sequential', seed: 1 } as const;
  const row = new TrainRows(SOURCE, use).create();
  new TrainRows(SOURCE, use).read(1, row);
  expect([...row.firsts]).toEqual([0, 1, 1, 1]);
  new TrainRows(tokensInMemory(IDS), use).read(1, row);
  expect([[...row.firsts], [...row.counts]]).toEqual([
    [0, 0, 0, 0],
    [1, 1, 1, 1],
  ]);
});

test('data is known by its ids, by where documents begin, and by what counts', () => {
  const changed = [
    tokensInMemory(
      Uint32Array.from(IDS, (id, i) => (i === 9 ? 1 : id)),
      SOURCE,
    ),
    tokensInMemory(IDS, { counts: COUNTS, starts: Uint32Array.of(0, 5, 8, 11) }),
    tokensInMemory(IDS, { starts: STARTS, counts: Uint8Array.from(COUNTS, (one) => 1 - one) }),
    tokensInMemory(IDS, { starts: STARTS }),
    tokensInMemory(IDS),
  ];
  const all = [SOURCE, ...changed].map((source) => hashOf([source]));
  expect(new Set(all).size).toBe(6);
  expect(hashOf([tokensInMemory(IDS, SOURCE)])).toBe(all[0]);
});
