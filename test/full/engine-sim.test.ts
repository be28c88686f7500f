/**
 * Twenty thousand random lives of a wafer; `test/sim/run-seed.ts` says what is checked.
 */
import { test } from 'vitest';
import { runSeed } from '../sim/run-seed.ts';

const SEEDS = 20_000;
const BATCH = 1000;

test.each(Array.from({ length: SEEDS / BATCH }, (_, i) => 1000 + i * BATCH))(
  'seeds from %i on',
  async (first) => {
    for (let seed = first; seed < first + BATCH; seed++) {
      await runSeed(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}`, { cause: error });
      });
    }
  },
);
