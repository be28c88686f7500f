/**
 * The kernels' module, compiled once per process, rounding and width of vectors.
 *
 * Apart from `instantiate.ts`, so that threads, which get the module, do not load its bytes.
 */
import type { Rounding } from '@wafer/core';
import { FUSED, PLAIN, SOURCE_HASH } from './generated/kernels.wasm.ts';
import { moduleOf, withWideSection } from './module.ts';
import { isRevectorized } from './revectorize.ts';

/** The kernels' module, compiled at the first call for a rounding and width of vectors. */
export function compileKernels(rounding: Rounding): WebAssembly.Module {
  const isWide = isRevectorized();
  return moduleOf(`${rounding}-${isWide ? 'wide' : 'narrow'}`, () => {
    const bytes = Buffer.from(binary(rounding), 'base64');
    return isWide ? withWideSection(bytes) : new Uint8Array(bytes);
  });
}

/** Identifies sources and rounding: equal hashes give equal bits. */
export function kernelHash(rounding: Rounding): string {
  return `${SOURCE_HASH.slice(0, 16)}-${rounding}`;
}

function binary(rounding: Rounding): string {
  return rounding === 'fused' ? FUSED : PLAIN;
}
