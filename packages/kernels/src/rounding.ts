/**
 * Finds out, at start, whether this machine's relaxed multiply-add rounds once.
 */
import type { Rounding } from '@wafer/core';
import { compileKernels } from './compile.ts';
import { instantiateKernels, MEMORY_PAGES_MAX } from './instantiate.ts';

let detected: Rounding | undefined;

/** `fused` where the fused kernels really fuse, else `plain`. */
export function detectRounding(): Rounding {
  detected ??= isFused() ? 'fused' : 'plain';
  return detected;
}

/**
 * (1 + 2^-12)² - (1 + 2^-11) is 2^-24 if rounded once, and 0 if the product is rounded first. All
 * lanes of a matrix × vector and of a matrix × matrix kernel must agree.
 */
function isFused(): boolean {
  const [y, weights, x, scratch, tokenCount] = [0, 1024, 2048, 4096, 6];
  try {
    const memory = new WebAssembly.Memory({ initial: 1, maximum: MEMORY_PAGES_MAX, shared: true });
    const { linear } = instantiateKernels(compileKernels('fused'), memory);
    const near = 1 + 2 ** -12;
    new Float32Array(memory.buffer, weights, 32).fill(-(1 + 2 ** -11));
    new Float32Array(memory.buffer, weights + 128, 32).fill(near);
    const inputs = new Float32Array(memory.buffer, x, 2 * tokenCount);
    for (let t = 0; t < tokenCount; t++) inputs.set([1, near], 2 * t);
    return [1, tokenCount].every((tokens) => {
      linear.f32(y, 32, weights, x, 2, tokens, 32, 2, scratch);
      return new Float32Array(memory.buffer, y, 32 * tokens).every((sum) => sum === 2 ** -24);
    });
  } catch {
    return false; // an engine without relaxed SIMD
  }
}
