import { expect, test } from 'vitest';
import { addTo, countAnswer, createFigures } from './request-figures.ts';

test('a tally sums what it counts, and keeps the largest', () => {
  const { queue } = createFigures();
  addTo(queue, 5);
  addTo(queue, 2, 3);
  addTo(queue, 100, 0);
  expect(queue).toEqual({ count: 4, sumMs: 11, maxMs: 5 });
});

test('an answer counts from its arrival to its first token, and then by each further one', () => {
  const figures = createFigures();
  const sequence = { arrivedAtMs: 100 };
  const speculation = { draftedCount: 7, acceptedCount: 4 };
  countAnswer(figures, { sequence, count: 5, firstTokenAtMs: 130, speculation }, 150);
  countAnswer(figures, { sequence, count: 1, firstTokenAtMs: 110, speculation: undefined }, 110);
  expect(figures).toMatchObject({
    firstToken: { count: 2, sumMs: 40, maxMs: 30 },
    perToken: { count: 4, sumMs: 20, maxMs: 5 },
    ...{ draftedTokens: 7, acceptedTokens: 4 },
  });
});
