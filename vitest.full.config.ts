/**
 * `npm run test:full`: the long tests, one file at a time, so that each has the whole machine.
 */
import { defineConfig } from 'vitest/config';

/** Tests outside of `test/full` that take too long for `npm test`. */
export const LONG_TESTS: readonly string[] = [
  'packages/bench/src/speed/run-speed.test.ts',
  'packages/kernels/scripts/build.test.ts',
  'packages/text/src/encode/collisions.test.ts',
  'test/contract/chips.test.ts',
  'test/contract/dtype.test.ts',
  'test/contract/family-bits.test.ts',
  'test/contract/virtual-clock.test.ts',
  'test/e2e/chips-end.test.ts',
  'test/e2e/cli-activations.test.ts',
  'test/e2e/cli-bench.test.ts',
  'test/e2e/cli-chip.test.ts',
  'test/e2e/cli-dtype.test.ts',
  'test/e2e/cli-files.test.ts',
  'test/e2e/cli-interconnect.test.ts',
  'test/e2e/cli-model.test.ts',
  'test/e2e/cli-plan.test.ts',
  'test/e2e/cli-pull.test.ts',
  'test/e2e/cli-readme.test.ts',
  'test/e2e/cli-stories.test.ts',
  'test/e2e/cli-stress.test.ts',
  'test/e2e/cli-virtual.test.ts',
  'test/e2e/stuck-idle.test.ts',
  'test/fuzz/model-files.test.ts',
  'test/golden/family-files.test.ts',
  'test/golden/family-reference.test.ts',
  'test/golden/family-sensitivity.test.ts',
  'test/golden/forward.test.ts',
];

export default defineConfig({
  test: {
    include: ['test/full/**/*.test.ts', ...LONG_TESTS],
    exclude: ['**/node_modules/**'],
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: true,
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
