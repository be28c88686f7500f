/**
 * `npm run test:full`: the long tests, one file at a time, so that each has the whole machine:
 * all of `test/full`, and `*.slow.test.ts` wherever they lie.
 */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/full/**/*.test.ts', '{packages,test}/**/*.slow.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    pool: 'forks',
    fileParallelism: false,
    passWithNoTests: true,
    reporters: ['verbose'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
