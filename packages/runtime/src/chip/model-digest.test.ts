import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSynthetic, requantize } from '@wafer/models';
import { afterAll, expect, test } from 'vitest';
import { modelDigest } from './model-digest.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-digest-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('files of one layout and other bytes, or another size, have another digest', () => {
  const path = join(folder, 'weights');
  const source = { kind: 'files' as const, paths: [path], tensors: {} };
  const digestOf = (bytes: Uint8Array): string => {
    writeFileSync(path, bytes);
    return modelDigest(source);
  };
  const bytes = new Uint8Array(3_000_000).fill(7);
  const wanted = digestOf(bytes);
  expect(digestOf(bytes)).toBe(wanted);
  expect(digestOf(bytes.slice(1))).not.toBe(wanted);
  expect(digestOf(bytes.with(0, 8))).not.toBe(wanted);
  expect(digestOf(bytes.with(bytes.length - 1, 8))).not.toBe(wanted);
  expect(digestOf(bytes.map((byte, i) => byte + Math.floor(i / 100_000)))).not.toBe(wanted);
});

test('a model that is quantized at load has the digest of its files', () => {
  const model = openSynthetic('synthetic:tiny:f16');
  const quantized = requantize(model, 'q8_0');
  expect(quantized.source).not.toEqual(model.source);
  expect(modelDigest(quantized.source)).toBe(modelDigest(model.source));
});
