/**
 * V8's 256-bit revectorization: neighboring 128-bit operations become one of AVX2.
 *
 * A flag of the whole process, experimental, x64 only; hence never set by itself. It holds for
 * kernels compiled after it, in every thread. Results are the same bits: lanes stay apart.
 */
import { arch } from 'node:os';
import { setFlagsFromString } from 'node:v8';

const state = { isOn: false };

/** Whether kernels run with 256-bit operations, as far as this module knows. */
export function isRevectorized(): boolean {
  return state.isOn;
}

/** Turns it on for the process, for kernels compiled from now on. Returns whether it is on. */
export function enableRevectorization(): boolean {
  if (arch() !== 'x64') return false;
  setFlagsFromString('--experimental-wasm-revectorize');
  state.isOn = true;
  return true;
}
