/** Defects in adapters per request: parts of slots on their way to chips, rows of experts. */
import type { MutatedFile } from './mutation.ts';

export const ADAPTER_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'chip/slot-end.ts',
    tests: ['slot-end.test.ts'],
    mutations: [
      [
        'a part may be longer than its place',
        'if (offset >= 0 && offset + count <= range.bytes) return',
        'if (offset >= 0) return',
      ],
      ['a slot may lie before the first', 'slot >= 0 && slot < slots;', 'slot < slots;'],
      ['a part is whole with its first piece', 'return rest > 0 ? undefined : ', 'return '],
    ],
  },
  {
    file: 'relay/slot-sender.ts',
    tests: ['slot-end.test.ts'],
    mutations: [
      [
        'a piece is said to lie at the beginning',
        'const offset = this.#sentBytes;',
        'const offset = 0;',
      ],
      ['the next part begins where the last one ended', '      this.#sentBytes = 0;\n', ''],
    ],
  },
  {
    file: 'tile/ops/low-rank.ts',
    tests: ['adapter-experts.test.ts'],
    mutations: [
      [
        'rows of an expert go through the adapter of its first row',
        'if (own === adapter) continue;',
        'if (own === adapter || row > 0) continue;',
      ],
      ['an expert’s rows begin anew with each adapter', '      begin = row;\n', ''],
    ],
  },
];
