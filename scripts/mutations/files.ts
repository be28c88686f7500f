/** Defects in what reads the heads of model files. */
import type { MutatedFile } from './mutation.ts';

export const FILE_MUTATIONS: readonly MutatedFile[] = [
  {
    file: 'core/src/blocks/q4-0.ts',
    tests: ['quantizers.test.ts'],
    mutations: [
      [
        'a nibble of sixteen runs into the next one',
        'Math.min(15, Math.trunc',
        'Math.min(16, Math.trunc',
      ],
    ],
  },
  {
    file: 'core/src/blocks/f8.ts',
    tests: ['quantizers.test.ts'],
    mutations: [
      [
        'a block of zeros is divided by its scale',
        'scale === 0 ? 0 : Math.abs(value) / scale',
        'Math.abs(value) / scale',
      ],
    ],
  },
  {
    file: 'core/src/blocks/mxfp4.ts',
    tests: ['quantizers.test.ts'],
    mutations: [
      [
        'a scale that is none is a power of two',
        'return byte === 255 ? NaN : 2 ** (byte - BIAS);',
        'return 2 ** (byte - BIAS);',
      ],
    ],
  },
  {
    file: 'gguf/gguf.ts',
    tests: ['gguf.test.ts'],
    mutations: [
      [
        'a head of any number of tensors is read',
        'if (tensorCount > TENSOR_COUNT_MAX) throw',
        'if (tensorCount > Infinity) throw',
      ],
      [
        'a head of any number of pairs is read',
        'if (pairCount > PAIR_COUNT_MAX) throw',
        'if (pairCount > Infinity) throw',
      ],
      [
        'an array of any length is decoded',
        'if (value.count > ITEMS_MAX) throw',
        'if (value.count > Infinity) throw',
      ],
      [
        'texts are read as numbers',
        '!(value instanceof GgufArray) || !isRight(value.itemType)',
        '!(value instanceof GgufArray)',
      ],
      [
        'a file may be one byte short',
        'if (end > file.byteCount) {',
        'if (end > file.byteCount + 1) {',
      ],
    ],
  },
  {
    file: 'gguf/gguf-values.ts',
    tests: ['gguf.test.ts'],
    mutations: [
      ['a flag of two is true', 'if (byte > 1) throw', 'if (byte > 2) throw'],
      [
        'large whole numbers are rounded',
        'return Number.isSafeInteger(number) ? number : value;',
        'return number;',
      ],
      ['arrays nest one deeper', 'if (depth >= NESTING_MAX)', 'if (depth > NESTING_MAX)'],
    ],
  },
  {
    file: 'gguf/gguf-tensors.ts',
    tests: ['gguf.test.ts'],
    mutations: [
      [
        'tensors may overlap by a byte',
        'if (tensor.offset < end) throw',
        'if (tensor.offset < end - 1) throw',
      ],
      ['a tensor may have no dimension', 'dimensionCount < 1 || ', ''],
      [
        'tensors need no padding before them',
        'Math.ceil(this.#cursor.offset / alignment) * alignment;',
        'this.#cursor.offset;',
      ],
    ],
  },
  {
    file: 'gguf/gguf-cursor.ts',
    tests: ['gguf.test.ts'],
    mutations: [
      ['a head of many reads loses the first', '    grown.set(known);\n', ''],
      ['numbers of 16 bits have no sign', 'getInt16(start, true)', 'getUint16(start, true)'],
    ],
  },
  {
    file: 'open/safetensors.ts',
    tests: ['open/safetensors.test.ts'],
    mutations: [
      [
        'a header may reach eight bytes beyond its file',
        'if (length > BigInt(file.byteCount - 8)) throw',
        'if (length > BigInt(file.byteCount)) throw',
      ],
      [
        'characters of a header are counted as bytes',
        '8 + Buffer.byteLength(text)',
        '8 + text.length',
      ],
      ['a shape may have nine sizes', 'shape.length > 8', 'shape.length > 9'],
    ],
  },
];
