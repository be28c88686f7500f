import { expect, test } from 'vitest';
import { runCliJson } from './cli-process.ts';

interface Position {
  position: number;
  top: { id: number; logit: number; probability: number }[];
  logsumexp: number;
}

const words = ['logits', 'synthetic:tiny', '--tokens', '256,79,110'];

test('logits prints one object: top tokens of each position, and no greedy ones', async () => {
  const printed = await runCliJson(words);
  expect(Object.keys(printed)).toEqual(['positions', 'greedy']);
  expect(printed['greedy']).toEqual([]);
  const positions = printed['positions'] as Position[];
  expect(positions.map(({ position }) => position)).toEqual([0, 1, 2]);
  for (const { top, logsumexp } of positions) {
    expect(top).toHaveLength(5);
    expect(top).toEqual(top.toSorted((a, b) => b.logit - a.logit));
    for (const { logit, probability } of top) {
      // The shortest decimal that is this f32, but not always this f64.
      expect(Math.fround(logit)).toBeCloseTo(logit, 5);
      expect(probability).toBeCloseTo(Math.exp(Math.fround(logit) - logsumexp), 15);
    }
  }
});

test('all probabilities add up to one, on any grid, in the same bits', async () => {
  const [one, many] = await Promise.all([
    runCliJson([...words, '--top', '512', '--greedy', '6']),
    runCliJson([...words, '--top', '512', '--greedy', '6', '--grid', '3x2', '--stages', '2']),
  ]);
  expect(many).toEqual(one);
  const positions = one['positions'] as Position[];
  for (const { top } of positions) {
    const sum = top.reduce((total, { probability }) => total + probability, 0);
    expect(sum).toBeCloseTo(1, 12);
  }
  const greedy = one['greedy'] as number[];
  expect(greedy).toHaveLength(6);
  expect(greedy[0]).toBe(positions.at(-1)!.top[0]!.id);
});
