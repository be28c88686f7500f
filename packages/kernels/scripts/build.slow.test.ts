import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FUSED, PLAIN, SOURCE_HASH } from '../src/generated/kernels.wasm.ts';
import { SOURCE_HASH as TRAIN_SOURCE_HASH } from '../src/generated/train-kernels.wasm.ts';
import { buildKernels, GENERATED, sourceHash } from './build.ts';

const ASSEMBLY = join(import.meta.dirname, '../assembly');

test('the built kernels are those of the sources; else run `npm run kernels`', () => {
  expect(SOURCE_HASH).toBe(sourceHash());
  expect(TRAIN_SOURCE_HASH).toBe(sourceHash('train'));
  for (const [name, source] of Object.entries(GENERATED)) {
    expect(readFileSync(join(ASSEMBLY, name), 'utf8')).toBe(source());
  }
});

test('a build is the same every time, and holds no static data', async () => {
  const built = Buffer.from(await buildKernels('plain')).toString('base64');
  expect(built).toBe(PLAIN.replaceAll('\n', ''));
  expect(FUSED).not.toBe(PLAIN);
});
