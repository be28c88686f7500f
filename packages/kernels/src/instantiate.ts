/**
 * The kernels of one tile: a compiled module bound to the tile's memory.
 *
 * The exports are used as they are: no JavaScript stands between a tile's program and its kernels.
 */
import { assert } from '@wafer/core';
import type { EmbedKernel, Kernels, LinearKernel, PackKernel } from './kernels.ts';

/** Pages of 64 KiB that a tile's memory may have at most; `maximum` of every memory of a tile. */
export const MEMORY_PAGES_MAX = 65536;

/** Marks a module compiled for 256-bit vectors; it travels with the module to other threads. */
export const WIDE_SECTION = 'wide';

/**
 * Binds a module to a tile's memory, which is shared and at most `MEMORY_PAGES_MAX` pages.
 * `isWide` picks larger register blocks: faster with 256-bit vectors, slower without.
 */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  options: { isWide?: boolean } = {},
): Kernels {
  const isMarked = WebAssembly.Module.customSections(module, WIDE_SECTION).length > 0;
  const env = { memory, wide: (options.isWide ?? isMarked) ? 1 : 0 };
  const instance = new WebAssembly.Instance(module, { env });
  const exports = instance.exports as unknown as KernelExports;
  assert(typeof exports.linearF32 === 'function', 'the module holds the kernels');
  return {
    linear: {
      f32: exports.linearF32,
      f16: exports.linearF16,
      bf16: exports.linearBf16,
      q8_0: exports.linearQ8,
      q4_0: exports.linearQ4,
    },
    linearInt8: { q8_0: exports.linearInt8Q8, q4_0: exports.linearInt8Q4 },
    pack: {
      f32: exports.packF32,
      f16: exports.packF16,
      bf16: exports.packBf16,
      q8_0: exports.packQ8,
      q4_0: exports.packQ4,
    },
    embed: {
      f32: exports.embedF32,
      f16: exports.embedF16,
      bf16: exports.embedBf16,
      q8_0: exports.embedQ8,
      q4_0: exports.embedQ4,
    },
    addBias: exports.addBias,
    add: exports.add,
    rmsNorm: exports.rmsNorm,
    rope: exports.rope,
    kvAppend: exports.kvAppend,
    attention: exports.attention,
    swiglu: exports.swiglu,
    argmax: exports.argmax,
    topK: exports.topK,
    expSums: exports.expSums,
    expRow: exports.expRow,
  };
}

/** What the module exports: each weight type's kernels by name, the others as in `Kernels`. */
interface KernelExports
  extends
    Omit<Kernels, 'linear' | 'linearInt8' | 'pack' | 'embed'>,
    Record<`linear${TypeName}` | 'linearInt8Q8' | 'linearInt8Q4', LinearKernel>,
    Record<`pack${TypeName}`, PackKernel>,
    Record<`embed${TypeName}`, EmbedKernel> {}

type TypeName = 'F32' | 'F16' | 'Bf16' | 'Q8' | 'Q4';
