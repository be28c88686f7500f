/**
 * 256-bit vectors: an experimental pass of V8 that fuses pairs of 128-bit operations (x64 only).
 *
 * It holds for the whole process and all its threads, and only for kernels compiled afterwards. With
 * it, pass `isWide` to `instantiateKernels`; results are the same to the bit.
 */
import { setFlagsFromString } from 'node:v8';
import { isCompiled } from './instantiate.ts';

/** Asks V8 for 256-bit vectors; false where that cannot work (other machines, or too late). */
export function requestWideVectors(): boolean {
  if (process.arch !== 'x64' || isCompiled()) return false;
  setFlagsFromString('--experimental-wasm-revectorize');
  return true;
}
