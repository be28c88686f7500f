import { expect, test } from 'vitest';
import { runSeed } from './run-seed.ts';

const SEEDS = 200;
const seen = { preemptions: 0, hits: 0, steps: 0 };

test.each(Array.from({ length: SEEDS }, (_, seed) => seed))(
  'every stream is what it must be, whatever happens beside it (seed %i)',
  async (seed) => {
    const { scheduler, kv, stepCount } = await runSeed(seed);
    seen.preemptions += scheduler.preemptionCount;
    seen.hits += kv.hitCount;
    seen.steps += stepCount;
  },
);

test('a seed replays its run', async () => {
  const [first, again] = [await runSeed(SEEDS + 3), await runSeed(SEEDS + 3)];
  expect(again).toEqual(first);
});

test('the runs met preemption and reuse of prefixes often', () => {
  expect(seen.preemptions).toBeGreaterThan(SEEDS / 4);
  expect(seen.hits).toBeGreaterThan(SEEDS / 2);
  expect(seen.steps).toBeGreaterThan(SEEDS * 5);
});
