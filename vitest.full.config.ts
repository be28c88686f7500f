/**
 * `npm run test:full`: the long tests: all of `test/full`, and `*.slow.test.ts` wherever they lie.
 *
 * Three files at a time: much of their time is spent waiting for processes that start, and no test
 * asserts a time. As in `npm test`, many files share a process.
 */
import { defineConfig } from 'vitest/config';
import { processesOfTests } from './vitest.processes.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 3,
    passWithNoTests: true,
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    projects: processesOfTests({
      include: ['test/full/**/*.test.ts', '{packages,test}/**/*.slow.test.ts'],
      exclude: [],
      // The first three measure the memory of their process.
      ownProcess: [
        'test/full/memory.test.ts',
        'test/e2e/api-cycles.slow.test.ts',
        'test/serve/attack-grammar.slow.test.ts',
        'test/full/fuzz.test.ts',
      ],
    }),
  },
});
