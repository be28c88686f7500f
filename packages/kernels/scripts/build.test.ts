import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FUSED, PLAIN, SOURCE_HASH } from '../src/generated/kernels.wasm.ts';
import { buildKernels, sourceHash } from './build.ts';
import { gemmBlocksSource } from './gemm-blocks.ts';

const ASSEMBLY = join(import.meta.dirname, '../assembly');

test('the built kernels are those of the sources; else run `npm run kernels`', () => {
  expect(SOURCE_HASH).toBe(sourceHash());
  const written = readFileSync(join(ASSEMBLY, 'generated/gemm-blocks.ts'), 'utf8');
  expect(written).toBe(gemmBlocksSource());
});

test('a build is the same every time, and holds no static data', async () => {
  const built = Buffer.from(await buildKernels('plain')).toString('base64');
  expect(built).toBe(PLAIN.replaceAll('\n', ''));
  expect(FUSED).not.toBe(PLAIN);
});
