/**
 * Defects at the edges of cache, scheduler and admission; each had passed all tests once.
 */
import type { MutatedFile } from './mutation.ts';

export const ADMISSION_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'kv-cache.ts',
    tests: ['kv-cache.test.ts'],
    mutations: [
      [
        'what a tenant shares is looked for among what nobody owns',
        'const blocks = this.#find(tokens, max, usable, root);',
        'const blocks = this.#find(tokens, max, usable, 0);',
      ],
    ],
  },
  {
    file: 'kv-holdings.ts',
    tests: ['admission.test.ts', 'window-cache.test.ts'],
    mutations: [
      [
        'all tenants have one root',
        'this.#roots.of(sequence.adapterSerial, sequence.tenant);',
        "this.#roots.of(sequence.adapterSerial, '');",
      ],
      [
        'adapters find what others computed',
        'sequence.root ??= this.#roots.of(sequence.adapterSerial, ',
        'sequence.root ??= this.#roots.of(0, ',
      ],
      [
        'blocks are published under no tenant',
        'index * KV_BLOCK_TOKENS, root);',
        'index * KV_BLOCK_TOKENS);',
      ],
      [
        'room is counted by what another tenant has',
        'const root = this.#rootOf(sequence);\n    return this',
        'const root = 0;\n    return this',
      ],
      [
        'a released sequence keeps the place of its window',
        '    sequence.windowFirst = 0;\n',
        '',
        'what is matched again is set to what the cache knows, whatever it was',
      ],
    ],
  },
  {
    file: 'kv-roots.ts',
    tests: ['kv-roots.test.ts'],
    mutations: [
      ['a tenant has a new root each time', 'this.#roots.get(key) ?? this.#next--', 'this.#next--'],
      [
        'tenants are kept for good',
        'if (this.#roots.size > ROOTS_MAX)',
        'if (this.#roots.size > Infinity)',
      ],
      [
        'whoever comes often is forgotten as soon as the others',
        '    this.#roots.delete(key);\n',
        '',
      ],
    ],
  },
  {
    file: 'window-cache.ts',
    tests: ['window-cache.test.ts'],
    mutations: [
      [
        'a twin takes the place of what is known',
        '    if (this.#blocks.has(serial)) return;\n',
        '',
      ],
      [
        'a window is one position short',
        'this.firstNeeded(count * KV_BLOCK_TOKENS);',
        'this.firstNeeded(count * KV_BLOCK_TOKENS + 1);',
      ],
    ],
  },
  {
    file: 'scheduler.ts',
    tests: ['scheduler.test.ts', 'admission.test.ts'],
    mutations: [
      [
        'a sequence as long as the context is refused',
        'if (positionsMax > this.#spec.contextMax) {',
        'if (positionsMax >= this.#spec.contextMax) {',
      ],
      [
        'who is admitted again was admitted now',
        'if (sequence.admittedAtMs === undefined) {',
        'if (sequence.state) {',
      ],
    ],
  },
  {
    file: 'step-room.ts',
    tests: ['admission.test.ts', 'scheduler.test.ts'],
    mutations: [
      [
        'rows that are kept are given away',
        'sequence.isReserved ? rowsLeft : Math.max(0, rowsLeft - keptCount);',
        'rowsLeft;',
      ],
      [
        'who pauses takes a row',
        'if (sequence.isDecoding && sequence.rowLimit > 0) rowsLeft--;',
        'if (sequence.isDecoding) rowsLeft--;',
      ],
      ['drafts stay through a preemption', '    sequence.dropDrafts();\n', ''],
      [
        'shared blocks count twice as room',
        'return neededCount - sharedCount <= availableCount;',
        'return neededCount - 2 * sharedCount <= availableCount;',
      ],
      [
        'who runs has no block to grow into',
        'neededCount += Math.max(0, missing) + 1;',
        'neededCount += Math.max(0, missing);',
      ],
    ],
  },
  {
    file: 'engine/admission.ts',
    tests: ['admission.test.ts'],
    mutations: [
      [
        'a reservation has one slot more',
        'view.reservedCount(tenant) >= share.slots',
        'view.reservedCount(tenant) > share.slots',
      ],
      [
        'tokens of a reservation are counted for each alone',
        'return view.reservedTokens(tenant) + blockTokens(sequence) <= share.kvTokens;',
        'return blockTokens(sequence) <= share.kvTokens;',
      ],
      [
        'a reservation is never used up',
        '+ blockTokens(sequence) <= share.kvTokens;',
        '+ blockTokens(sequence) < share.kvTokens;',
      ],
      [
        'blocks of a reservation are counted in tokens',
        'return Math.ceil(positionsMax / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;',
        'return positionsMax;',
      ],
    ],
  },
  {
    file: 'running-counts.ts',
    tests: ['admission.test.ts'],
    mutations: [
      [
        'reserved tokens of who ended stay',
        'counts.reservedTokens += change * blockTokens(sequence);',
        'counts.reservedTokens += blockTokens(sequence);',
      ],
      [
        'tenants of whom nobody runs stay',
        'if (running === 0) this.#tenants.delete(tenant);',
        '',
        'counts of nothing answer as no counts do; it costs memory by the tenant alone',
      ],
    ],
  },
  {
    file: 'engine/sequence.ts',
    tests: ['scheduler.test.ts'],
    mutations: [
      [
        'a draft may follow the last token',
        'return Math.max(0, this.positionsMax - this.#tokenCount);',
        'return Math.max(0, this.positionsMax + 1 - this.#tokenCount);',
      ],
    ],
  },
];
