/**
 * The kernels' module, compiled once per process, rounding and width of vectors.
 *
 * Apart from `instantiate.ts`, so that threads, which get the module, do not load its bytes.
 */
import type { Rounding } from '@wafer/core';
import { FUSED, PLAIN, SOURCE_HASH } from './generated/kernels.wasm.ts';
import { WIDE_SECTION } from './instantiate.ts';
import { isRevectorized } from './revectorize.ts';

const modules = new Map<string, WebAssembly.Module>();

/** The kernels' module, compiled at the first call for a rounding and width of vectors. */
export function compileKernels(rounding: Rounding): WebAssembly.Module {
  const isWide = isRevectorized();
  const key = `${rounding}-${isWide ? 'wide' : 'narrow'}`;
  const known = modules.get(key);
  if (known) return known;
  const bytes = Buffer.from(binary(rounding), 'base64');
  // Different bytes also keep V8 from reusing the code that it made without the flag.
  const module = new WebAssembly.Module(isWide ? withWideSection(bytes) : new Uint8Array(bytes));
  modules.set(key, module);
  return module;
}

/** Identifies sources and rounding: equal hashes give equal bits. */
export function kernelHash(rounding: Rounding): string {
  return `${SOURCE_HASH.slice(0, 16)}-${rounding}`;
}

function binary(rounding: Rounding): string {
  return rounding === 'fused' ? FUSED : PLAIN;
}

/** Appends an empty custom section: id 0, length, name. */
function withWideSection(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = Buffer.from(WIDE_SECTION);
  return new Uint8Array([...bytes, 0, name.length + 1, name.length, ...name]);
}
