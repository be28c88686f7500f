import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { afterAll, describe, expect, test } from 'vitest';
import { withFile } from '../source/files.ts';
import { ggufHead, type GgufPair, type GgufTensorEntry } from './gguf-bytes.ts';
import { GGUF_VALUE } from './gguf-types.ts';
import { GgufHead } from './gguf.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-gguf-'));
afterAll(() => rmSync(folder, { recursive: true }));

const PAIRS: GgufPair[] = [
  { key: 'general.architecture', type: 'string', value: 'llama' },
  { key: 'some.numbers', type: 'ints', value: [3, 1, 2] },
  { key: 'some.texts', type: 'strings', value: ['a', '', 'ö'] },
  { key: 'some.flag', type: 'bool', value: true },
  { key: 'some.real', type: 'float32', value: 0.5 },
];
const MATRIX: GgufTensorEntry = { name: 'm', dimensions: [4, 2], typeNumber: 0, offset: 0 };
const VECTOR: GgufTensorEntry = { name: 'v', dimensions: [4], typeNumber: 0, offset: 32 };

interface Contents {
  pairs?: readonly GgufPair[];
  tensors?: readonly GgufTensorEntry[];
  dataBytes?: number;
  edit?: (view: DataView) => void;
}

function bytesOf({
  pairs = PAIRS,
  tensors = [MATRIX, VECTOR],
  dataBytes = 48,
  edit,
}: Contents): Uint8Array {
  const head = ggufHead(pairs, tensors);
  const bytes = new Uint8Array(Math.ceil(head.length / 32) * 32 + dataBytes);
  bytes.set(head);
  edit?.(new DataView(bytes.buffer));
  return bytes;
}

function read<T>(bytes: Uint8Array, use: (head: GgufHead) => T): T {
  const path = join(folder, 'file.gguf');
  writeFileSync(path, bytes);
  return withFile(path, (file) => use(new GgufHead(file)));
}

function refusal(contents: Contents | Uint8Array): string {
  const bytes = contents instanceof Uint8Array ? contents : bytesOf(contents);
  try {
    read(bytes, () => undefined);
  } catch (error) {
    if (error instanceof WaferError && error.code === 'GGUF_INVALID') {
      return String(error.details['reason']);
    }
    throw error;
  }
  return 'none';
}

const LARGE = { littleEndian: true, value: 2n ** 62n } as const;

describe('a sound head', () => {
  test('gives metadata, arrays on demand, and absolute places of tensors', () => {
    const found = read(bytesOf({}), (head) => ({
      metadata: ['general.architecture', 'some.flag', 'some.real'].map((k) => head.metadata.get(k)),
      numbers: head.numbers('some.numbers'),
      texts: head.strings('some.texts'),
      absent: head.strings('some.other'),
      tensors: [...head.tensors.values()],
    }));
    const start = bytesOf({}).length - 48;
    expect(found.metadata).toEqual(['llama', true, 0.5]);
    expect(found.numbers).toEqual([3, 1, 2]);
    expect(found.texts).toEqual(['a', '', 'ö']);
    expect(found.absent).toBeUndefined();
    expect(found.tensors).toMatchObject([
      { name: 'm', rows: 2, columns: 4, offset: start },
      { name: 'v', rows: 1, columns: 4, offset: start + 32 },
    ]);
  });

  test('may be version 2', () => {
    expect(refusal({ edit: (view) => view.setUint32(4, 2, true) })).toBe('none');
  });

  test('may name a tensor type that nobody knows, as long as it is not used', () => {
    expect(refusal({ tensors: [MATRIX, { ...VECTOR, typeNumber: 99 }] })).toBe('none');
  });

  test('keeps going where a text is no UTF-8', () => {
    const bytes = bytesOf({ edit: (view) => view.setUint8(bytesOf({}).indexOf(0xc3), 0xff) });
    expect(read(bytes, (head) => head.strings('some.texts')?.[2])).toContain('\ufffd');
  });
});

/** A head of one pair, `k`, whose value's bytes follow its type. */
function ofPair(type: number, value: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(24 + 9 + 4 + value.length);
  const view = new DataView(bytes.buffer);
  bytes.set(ggufHead([], []));
  view.setBigUint64(16, 1n, true);
  view.setBigUint64(24, 1n, true); // a key of one byte
  bytes[32] = 'k'.charCodeAt(0);
  view.setUint32(33, type, true);
  bytes.set(value, 37);
  return bytes;
}

/** An array of ones in all bits, but for the lowest of its first item. */
function ofOnes(itemType: number, itemBytes: number, count = 3): Uint8Array {
  const value = new Uint8Array(12 + count * itemBytes).fill(0xff);
  const view = new DataView(value.buffer);
  view.setUint32(0, itemType, true);
  view.setBigUint64(4, BigInt(count), true);
  value[12] = 0xfe;
  return ofPair(GGUF_VALUE.array, value);
}

test('numbers of every type have their width and sign', () => {
  const read3 = (type: keyof typeof GGUF_VALUE, bytes: number): number[] | undefined =>
    read(ofOnes(GGUF_VALUE[type], bytes), (head) => head.numbers('k'));
  expect(read3('uint8', 1)).toEqual([0xfe, 0xff, 0xff]);
  expect(read3('uint16', 2)).toEqual([0xfffe, 0xffff, 0xffff]);
  expect(read3('uint32', 4)).toEqual([2 ** 32 - 2, 2 ** 32 - 1, 2 ** 32 - 1]);
  expect(read3('uint64', 8)).toEqual([2 ** 64, 2 ** 64, 2 ** 64]); // rounded to f64
  expect(read3('int8', 1)).toEqual([-2, -1, -1]);
  expect(read3('int16', 2)).toEqual([-2, -1, -1]);
  expect(read3('int32', 4)).toEqual([-2, -1, -1]);
  expect(read3('int64', 8)).toEqual([-2, -1, -1]);
  expect(read3('float32', 4)).toEqual([NaN, NaN, NaN]);
  expect(read3('float64', 8)).toEqual([NaN, NaN, NaN]);
});

test('a whole number that no double holds stays as it is; arrays say what they are', () => {
  const large = ofPair(GGUF_VALUE.uint64, new Uint8Array(8).fill(0xff));
  expect(read(large, (head) => head.metadata.get('k'))).toBe(2n ** 64n - 1n);
  const small = ofPair(GGUF_VALUE.int64, new Uint8Array(8).fill(0xff));
  expect(read(small, (head) => head.metadata.get('k'))).toBe(-1);
  read(bytesOf({}), (head) => {
    expect(() => head.strings('some.numbers')).toThrow('no array of texts');
    expect(() => head.numbers('some.texts')).toThrow('no array of numbers');
    expect(() => head.booleans('some.numbers')).toThrow('no array of booleans');
    expect(() => head.numbers('some.real')).toThrow('no array of numbers');
  });
  const many = ofOnes(GGUF_VALUE.uint8, 1, 2 ** 20 + 1);
  expect(() => read(many, (head) => head.numbers('k'))).toThrow('1048577 numbers');
});

test('a head of many reads keeps what was read before', () => {
  const texts = Array.from({ length: 30_000 }, (_, i) => `text number ${i}`);
  const pairs: GgufPair[] = [...PAIRS, { key: 'many', type: 'strings', value: texts }];
  const bytes = bytesOf({ pairs });
  expect(bytes.length).toBeGreaterThan(2 * 256 * 1024);
  expect(read(bytes, (head) => [head.strings('many'), head.strings('some.texts')])).toEqual([
    texts,
    ['a', '', 'ö'],
  ]);
});

describe('a head is refused', () => {
  const cases: [string, Contents | Uint8Array, RegExp][] = [
    ['when the file is short', new Uint8Array(10), /too short/],
    ['without the magic', { edit: (view) => view.setUint8(0, 0x58) }, /start with GGUF/],
    ['when big endian', { edit: (view) => view.setUint32(4, 3, false) }, /big endian/],
    ['of version 1', { edit: (view) => view.setUint32(4, 1, true) }, /version 1/],
    ['with more tensors than fit', { edit: (v) => v.setBigUint64(8, 10_000n, true) }, /do not fit/],
    ['with 2^62 tensors', { edit: (v) => v.setBigUint64(8, LARGE.value, true) }, /tensor count/],
    ['with more pairs than fit', { edit: (v) => v.setBigUint64(16, 999n, true) }, /do not fit/],
    [
      'with a key longer than the file',
      { edit: (v) => v.setBigUint64(24, 9999n, true) },
      /do not fit/,
    ],
    [
      'with more tensors than any model has',
      { dataBytes: 2 ** 23 + 2 ** 10, edit: (v) => v.setBigUint64(8, 262_145n, true) },
      /names 262145 tensors/,
    ],
    [
      'with more pairs than any model has',
      { dataBytes: 2 ** 20, edit: (v) => v.setBigUint64(16, 65_537n, true) },
      /has 65537 metadata pairs/,
    ],
    ['with a flag of 2', ofPair(GGUF_VALUE.bool, Uint8Array.of(2)), /neither true nor false/],
    ['with a value type of 13', ofPair(13, new Uint8Array(8)), /unknown value type 13/],
    ['with an item type of 13', ofOnes(13, 1), /unknown item type 13/],
    ['with a tensor of no dimension', { tensors: [{ ...MATRIX, dimensions: [] }] }, /0 dimensions/],
    [
      'with tensors that overlap by a byte',
      { tensors: [{ ...MATRIX, dimensions: [33, 1], typeNumber: 24 }, VECTOR] },
      /overlap/,
    ],
    ['cut in its head', bytesOf({}).subarray(0, 120), /ends early|do not fit/],
    ['cut in its data', bytesOf({ dataBytes: 47 }), /tensors reach/],
    ['with a key twice', { pairs: [...PAIRS, ...PAIRS] }, /is there twice/],
    ['with a tensor twice', { tensors: [MATRIX, { ...VECTOR, name: 'm' }] }, /m is there twice/],
    ['with overlapping tensors', { tensors: [MATRIX, { ...VECTOR, offset: 0 }] }, /overlap/],
    ['with a stray offset', { tensors: [MATRIX, { ...VECTOR, offset: 33 }] }, /no multiple of 32/],
    ['with an offset of 2^52', { tensors: [{ ...MATRIX, offset: 2 ** 52 }] }, /reach/],
    [
      'with 5 dimensions',
      { tensors: [{ ...MATRIX, dimensions: [1, 1, 1, 1, 1] }] },
      /5 dimensions/,
    ],
    ['with a dimension of 0', { tensors: [{ ...MATRIX, dimensions: [4, 0] }] }, /dimension of 0/],
    [
      'with 2^60 elements',
      { tensors: [{ ...MATRIX, dimensions: [2 ** 30, 2 ** 30] }] },
      /1073741824 x 1073741824/,
    ],
    [
      'with half a block',
      { tensors: [{ ...MATRIX, dimensions: [48, 1], typeNumber: 8 }] },
      /blocks hold 32/,
    ],
    [
      'with an alignment of 24',
      { pairs: [...PAIRS, { key: 'general.alignment', type: 'uint32', value: 24 }] },
      /power of two/,
    ],
  ];
  test.each(cases)('%s', (_, contents, reason) => {
    expect(refusal(contents)).toMatch(reason);
  });

  test.each([
    [3, 'none'],
    [4, /nests arrays/],
    [400, /nests arrays/],
  ])('when arrays nest in arrays %i times, if it is over three', (depth, reason) => {
    const value = new Uint8Array(12 * (depth + 1));
    const view = new DataView(value.buffer);
    for (let level = 0; level < depth; level++) {
      view.setUint32(level * 12, GGUF_VALUE.array, true);
      view.setBigUint64(level * 12 + 4, 1n, true);
    }
    expect(refusal(ofPair(GGUF_VALUE.array, value))).toMatch(reason);
  });
});
