/**
 * `npm test`: unit tests beside their files, then contract, golden, sim, tidy and fast e2e tests.
 *
 * Must end within two minutes on two cores; what takes longer lives in `test/full`, or is named
 * `*.slow.test.ts`. Tests start worker threads of their own, hence processes (`forks`) and no more
 * of them than cores.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'packages/*/{src,scripts,bench}/**/*.test.ts',
      'scripts/*.test.ts',
      'test/**/*.test.ts',
    ],
    exclude: ['**/node_modules/**', '**/dist/**', 'test/full/**', '**/*.slow.test.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 30_000,
    hookTimeout: 30_000,
    teardownTimeout: 10_000,
  },
});
