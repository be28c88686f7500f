/**
 * `npm run test:full`: the long tests: all of `test/full`, and `*.slow.test.ts` wherever they lie.
 *
 * Four files at a time: much of their time is spent waiting for processes that start, and no test
 * asserts a time. As in `npm test`, many files share a process. The longest begin first, so that
 * none of them is left to run alone at the end.
 */
import { BaseSequencer } from 'vitest/node';
import type { TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';
import { processesOfTests } from './vitest.processes.ts';

/** Files of more than fifty seconds, by falling time: a guess that only has to be near. */
const LONGEST = [
  'test/full/pack.test.ts',
  'test/full/tokenizers.test.ts',
  'test/full/performance.test.ts',
  'test/full/engine-sim.test.ts',
  'test/full/fuzz.test.ts',
  'test/full/bits.test.ts',
  'test/e2e/cli-pull.slow.test.ts',
  'test/full/logit-hashes.test.ts',
  'test/full/families.test.ts',
  'test/e2e/cli-interrupt.slow.test.ts',
  'test/e2e/cli-width.slow.test.ts',
  'packages/server/src/batches/kill.slow.test.ts',
  'test/e2e/cli-models.slow.test.ts',
  'test/full/links.test.ts',
  'test/e2e/cli-serve.slow.test.ts',
  'test/full/first-steps.test.ts',
  'test/e2e/json-schemas.slow.test.ts',
  'test/full/llama-cpp.test.ts',
  'test/e2e/examples.slow.test.ts',
  'test/e2e/cli-train.slow.test.ts',
  'test/serve/fine-tuning.slow.test.ts',
  'test/e2e/cli-readme.slow.test.ts',
  'test/full/memory.test.ts',
  'test/full/experts.test.ts',
  'test/e2e/cli-bench-serve.slow.test.ts',
  'test/full/report.test.ts',
];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const ranks = new Map(
      files.map((file) => {
        const rank = LONGEST.findIndex((path) => file.moduleId.endsWith(path));
        return [file, rank === -1 ? LONGEST.length : rank] as const;
      }),
    );
    return (await super.sort(files)).toSorted((a, b) => ranks.get(a)! - ranks.get(b)!);
  }
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 4,
    sequence: { sequencer: LongestFirst },
    passWithNoTests: true,
    reporters: ['verbose'],
    setupFiles: ['./vitest.seed.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 60_000 } },
    projects: processesOfTests({
      include: ['test/full/**/*.test.ts', '{packages,test}/**/*.slow.test.ts'],
      exclude: [],
      // They measure the memory of their process.
      ownProcess: [
        'test/full/memory.test.ts',
        'test/e2e/api-cycles.slow.test.ts',
        'test/serve/attack-grammar.slow.test.ts',
        'test/full/fuzz.test.ts',
      ],
    }),
  },
});
