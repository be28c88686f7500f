/** Defects in tokenizers, chat and what reads and loads models. */
import type { MutatedFile } from './mutation.ts';

export const TEXT_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'merger.ts',
    tests: ['merger.test.ts', 'golden/tokenizers.test.ts'],
    mutations: [
      [
        'of equal ranks the right one merges first',
        'this.#heap[held++] = ranks[rule]! * PLACE_RANGE + place;',
        'this.#heap[held++] = ranks[rule]! * PLACE_RANGE - place;',
      ],
      [
        'a pair that is gone still merges',
        'if (rule === NO_RULE || ranks[rule] !== rank) continue;',
        'if (rule === NO_RULE) continue;',
      ],
      [
        'the neighbor before is forgotten',
        'if (first >= 0) this.#look(symbols, first, place, count);',
        '',
      ],
    ],
  },
  {
    file: 'encoder.ts',
    tests: ['encoder.test.ts', 'golden/tokenizers.test.ts'],
    mutations: [
      [
        'special tokens are read in the text of a user',
        'allowSpecial || !isSpecial);',
        'allowSpecial || !isSpecial || true);',
      ],
      [
        'every part of a text is its first',
        '          isFirst = false;\n        }\n      }\n      isFirst = false;',
        '        }\n      }',
      ],
    ],
  },
  {
    file: 'bpe-model.ts',
    tests: ['encoder.test.ts', 'golden/tokenizers.test.ts'],
    mutations: [
      [
        'a word of the vocabulary is merged all the same',
        '      if (whole >= 0) return void ids.push(whole);',
        '',
      ],
      ['two spaces are two words', 'if (piece.charAt(at - 1) === PIECE_SPACE) continue;', ''],
    ],
  },
  {
    file: 'safetensors.ts',
    tests: ['safetensors.test.ts'],
    mutations: [
      [
        'tensors may overlap',
        'if (span.start < end) throw fail(`tensor ${span.name} overlaps another`);',
        '',
      ],
      [
        'a hole between tensors is let pass',
        'if (span.start > end) throw fail(',
        'if (span.start > end + 64) throw fail(',
      ],
      [
        'a tensor may be shorter than its shape',
        'end - start !== byteCount) {',
        'end - start > byteCount) {',
      ],
      [
        'a name may come twice',
        'if (countJson(text).names !== names.length)',
        'if (countJson(text).names < names.length)',
      ],
    ],
  },
  {
    file: 'gguf-cursor.ts',
    tests: ['gguf.test.ts', 'gguf-files.test.ts'],
    mutations: [
      [
        'a count may be larger than the file',
        'if (count <= this.remainingBytes / itemBytes) return;',
        'if (count >= 0) return;',
      ],
      [
        'numbers of 8 bits have no sign',
        'return this.#view.getInt8(start);',
        'return this.#view.getUint8(start);',
      ],
      [
        'large sizes lose their upper half',
        'const value = high * 2 ** 32 + low;',
        'const value = low + high * 0;',
      ],
    ],
  },
  {
    file: 'reader.ts',
    tests: ['reader.test.ts'],
    mutations: [
      [
        'the second span begins where the first did',
        'readFully(file, start + row * rowStride, span.subarray(0, spanBytes));',
        'readFully(file, start, span.subarray(0, spanBytes));',
      ],
      [
        'a vector may hold what is no number',
        'if (!values.every(Number.isFinite))',
        'if (values.every(Number.isNaN))',
      ],
      [
        'a file stays open',
        'for (const file of this.#files.splice(0)) closeFile(file);',
        'this.#files.splice(0);',
      ],
    ],
  },
  {
    file: 'load-shards.ts',
    tests: ['contract/bits.test.ts'],
    mutations: [
      [
        'a shard of a vector begins at its start',
        'values.subarray(shard.column, shard.column + shard.columnCount)',
        'values.subarray(0, shard.columnCount)',
      ],
      [
        'panels are read from one row on',
        '{ row: row + first, rowCount: count,',
        '{ row: row + Math.max(0, first - 1), rowCount: count,',
      ],
    ],
  },
  {
    file: 'convert-rows.ts',
    tests: ['write-model.test.ts'],
    mutations: [
      [
        'heads are turned the other way',
        "(layout === 'pairs' ? inPairs : inHalves)",
        "(layout === 'pairs' ? inHalves : inPairs)",
      ],
      [
        'rows of a second piece come from the first',
        'row: target.order(row + i), rowCount: 1',
        'row: target.order(i), rowCount: 1',
      ],
    ],
  },
  {
    file: 'run/leaves.ts',
    tests: ['grammar-reader.test.ts'],
    mutations: [
      [
        'a bound that is far away forgets what must still come',
        'kind.max - count - kind.facts.shortestMax < reach',
        'kind.max - count < reach',
      ],
      [
        'a string without its bound has no least length',
        'count: Math.min(count, kind.min),',
        'count: 0,',
      ],
    ],
  },
  {
    file: 'run/mask-maker.ts',
    tests: ['grammar-reader.test.ts'],
    mutations: [
      [
        'the longest tokens feel no bound',
        'if (free !== configuration) this.#walkLongest(configuration, mask);',
        '',
      ],
      [
        'the longest tokens stay as they were without a bound',
        'for (const token of long.tokens) mask[token >>> 5]! &= ~(1 << (token & 31));',
        '',
      ],
    ],
  },
  {
    file: 'run/token-trie.ts',
    tests: ['grammar-reader.test.ts'],
    mutations: [
      [
        'a token that ends a string in its middle is taken for one that does not',
        `text.includes('"') ? quoted : rest`,
        `text.startsWith('"') ? quoted : rest`,
      ],
    ],
  },
];
