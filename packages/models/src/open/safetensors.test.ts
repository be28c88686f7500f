import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { afterAll, expect, test } from 'vitest';
import { withFile } from '../source/files.ts';
import { readSafetensors } from './safetensors.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-safetensors-'));
afterAll(() => rmSync(folder, { recursive: true }));

const A = { dtype: 'F32', shape: [2, 3], data_offsets: [0, 24] };
const B = { dtype: 'BF16', shape: [4], data_offsets: [24, 32] };

function bytesOf(header: unknown, dataBytes = 32, headerBytes?: bigint): Uint8Array {
  const json = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  new DataView(bytes.buffer).setBigUint64(0, headerBytes ?? BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

function read(bytes: Uint8Array): ReturnType<typeof readSafetensors> {
  const path = join(folder, 'file.safetensors');
  writeFileSync(path, bytes);
  return withFile(path, (file) => readSafetensors(file, 0));
}

function refusal(bytes: Uint8Array): string {
  try {
    read(bytes);
  } catch (error) {
    if (error instanceof WaferError && error.code === 'SAFETENSORS_INVALID') {
      return String(error.details['reason']);
    }
    throw error;
  }
  return 'none';
}

test('a sound header gives types, shapes and absolute places', () => {
  // Bytes of the header are counted, not its characters.
  const bytes = bytesOf({ __metadata__: { format: 'pt', author: 'Ö €' }, b: B, a: A });
  const start = bytes.length - 32;
  expect(read(bytes)).toEqual(
    new Map([
      ['b', { shape: [4], typeName: 'BF16', type: 'bf16', fileIndex: 0, offset: start + 24 }],
      ['a', { shape: [2, 3], typeName: 'F32', type: 'f32', fileIndex: 0, offset: start }],
    ]),
  );
});

test('a type that Wafer does not compute from is listed by its name', () => {
  const tensor = { dtype: 'I64', shape: [4], data_offsets: [0, 32] };
  expect(read(bytesOf({ a: tensor })).get('a')).toMatchObject({ typeName: 'I64', type: undefined });
});

const cases: [string, Uint8Array, RegExp][] = [
  ['a file of 5 bytes', new Uint8Array(5), /has 5 bytes/],
  ['a header longer than the file', bytesOf({ a: A, b: B }, 32, 9999n), /claims 9999/],
  ['a header one byte too long', bytesOf('{"a":1}', 0, 8n), /claims 8/],
  ['a shape of nine sizes', bytesOf({ a: { ...A, shape: new Array(9).fill(1) } }), /proper shape/],
  ['a header of 2^63 bytes', bytesOf({}, 32, 2n ** 63n), /claims/],
  ['a header that is no JSON', bytesOf('{"a":', 0), /no JSON/],
  ['a header that is a list', bytesOf('[1,2,3,4]', 0), /start with {/],
  ['a header that is no UTF-8', bytesOf({ a: A, b: B }).fill(0xff, 10, 11), /no UTF-8/],
  [
    'a name that comes twice',
    bytesOf(`{"a":${JSON.stringify(A)},"b":${JSON.stringify(B)},"a":${JSON.stringify(A)}}`),
    /twice/,
  ],
  ['a tensor that is no object', bytesOf({ a: 1 }, 0), /no object/],
  ['an unknown dtype', bytesOf({ a: { ...A, dtype: 'F7' } }, 24), /unknown dtype F7/],
  ['a negative size', bytesOf({ a: { ...A, shape: [-2, -3] } }, 24), /proper shape/],
  ['a size with a fraction', bytesOf({ a: { ...A, shape: [1.5, 4] } }, 24), /proper shape/],
  ['sizes whose product overflows', bytesOf({ a: { ...A, shape: [2 ** 40, 2 ** 40] } }), /needs/],
  [
    'offsets that do not fit the shape',
    bytesOf({ a: { ...A, data_offsets: [0, 20] } }),
    /needs 24/,
  ],
  ['offsets in reverse', bytesOf({ a: { ...A, data_offsets: [24, 0] } }), /needs 24/],
  ['offsets behind the end', bytesOf({ a: A, b: B }, 31), /are 31/],
  ['tensors that overlap', bytesOf({ a: A, b: { ...B, data_offsets: [20, 28] } }), /overlaps/],
  ['a hole between tensors', bytesOf({ a: A, b: { ...B, data_offsets: [32, 40] } }, 40), /to 32/],
  ['bytes after the last tensor', bytesOf({ a: A, b: B }, 33), /bytes 32 to 33/],
];
test.each(cases)('%s is refused', (_, bytes, reason) => {
  expect(refusal(bytes)).toMatch(reason);
});
