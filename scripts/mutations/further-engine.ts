/**
 * Further defects of the same kinds, put in when all of the first were seen: the engine.
 */
import type { MutatedFile } from './mutation.ts';

export const FURTHER_ENGINE_MUTATIONS: readonly MutatedFile[] = [
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
