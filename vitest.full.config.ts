/**
 * `npm run test:full`: the long tests: all of `test/full`, and `*.slow.test.ts` wherever they lie.
 *
 * Two files at a time: much of their time is spent waiting for processes that start, and no test
 * asserts a time.
 */
import { defineConfig } from 'vitest/config';
import { processesOfTests } from './vitest.processes.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: processesOfTests({
      include: ['test/full/**/*.test.ts', '{packages,test}/**/*.slow.test.ts'],
      exclude: [],
      // They look at the memory of their process.
      ownProcess: ['test/e2e/api-cycles.slow.test.ts', 'test/full/memory.test.ts'],
    }),
  },
});
