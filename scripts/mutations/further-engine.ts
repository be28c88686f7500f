/**
 * Further defects of the same kinds, put in when all of the first were seen: the engine.
 */
import type { MutatedFile } from './mutation.ts';

export const FURTHER_ENGINE_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'runtime/src/huge-pages.ts',
    tests: ['runtime/src/huge-pages.test.ts'],
    mutations: [
      [
        'cheap pages are given up, dear ones go on',
        'this.#spentNs > COST_MAX * this.#plainNs',
        'this.#spentNs < COST_MAX * this.#plainNs',
      ],
      [
        'a huge page in place of the sample',
        'const isSample = this.#plainNs === 0;',
        'const isSample = false;',
      ],
      [
        'pages that are not present are asked for on and on',
        '!isAgreed || !this.#access.populate(address)',
        '!isAgreed || (this.#access.populate(address), false)',
      ],
      ['a page beyond its stretch', 'end <= each.end', 'start <= each.end'],
    ],
  },
  {
    file: 'runtime/src/huge-page-access.ts',
    tests: ['runtime/src/huge-page-access.test.ts'],
    mutations: [
      [
        'a system that cannot populate is taken for one that can',
        'madvise(0n, 0n, MADV_POPULATE_WRITE) === 0',
        'true',
      ],
    ],
  },
  {
    file: 'kv-cache.ts',
    tests: ['kv-cache.test.ts', 'scheduler.test.ts'],
    mutations: [
      [
        'the last full block of a prompt is not looked for',
        'end <= tokenCountMax; end += KV_BLOCK_TOKENS',
        'end < tokenCountMax; end += KV_BLOCK_TOKENS',
      ],
      [
        'idle blocks count as shared',
        'this.#pool.holderCount(block) > 0).length',
        'this.#pool.holderCount(block) >= 0).length',
      ],
    ],
  },
];
