/**
 * `npm test`: unit tests beside their files, then contract, golden, sim, tidy and fast e2e tests.
 *
 * Must end within two minutes on two cores; what takes longer lives in `test/full`, or is named
 * `*.slow.test.ts`. Tests start worker threads of their own, hence processes (`forks`) and no more
 * of them than cores. A process runs many files, since modules that are loaded once take a third of
 * the time: a file that changes what holds for a whole process is named below, and has one of its
 * own.
 */
import { defineConfig } from 'vitest/config';
import { processesOfTests } from './vitest.processes.ts';

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    setupFiles: ['./vitest.seed.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // What is waited for comes when it comes: the machine may have much else to do.
    expect: { poll: { timeout: 20_000 } },
    teardownTimeout: 10_000,
    projects: processesOfTests({
      include: [
        'packages/*/{src,scripts,bench}/**/*.test.ts',
        'scripts/*.test.ts',
        'test/**/*.test.ts',
      ],
      exclude: ['test/full/**', '**/*.slow.test.ts'],
      // Flags of V8 are set once a process.
      ownProcess: ['packages/kernels/src/self-check.test.ts'],
    }),
  },
});
