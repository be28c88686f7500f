/**
 * `npm run test:full`: the long tests: all of `test/full`, and `*.slow.test.ts` wherever they lie.
 *
 * Two files at a time: much of their time is spent waiting for processes that start, and no test
 * asserts a time.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/full/**/*.test.ts', '{packages,test}/**/*.slow.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
