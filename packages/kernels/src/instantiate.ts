/**
 * The kernels of one tile: a compiled module bound to the tile's memory.
 *
 * A module is compiled once per thread and rounding. The exports are used as they are: no
 * JavaScript stands between a tile's program and its kernels.
 */
import { assert, type Rounding } from '@wafer/core';
import { FUSED, PLAIN, SOURCE_HASH } from './generated/kernels.wasm.ts';
import type { EmbedKernel, Kernels, LinearKernel, PackKernel } from './kernels.ts';
import { isRevectorized } from './revectorize.ts';

/** Pages of 64 KiB that a tile's memory may have at most; `maximum` of every memory of a tile. */
export const MEMORY_PAGES_MAX = 65536;

/** Marks a module compiled for 256-bit vectors; it travels with the module to other threads. */
const WIDE_SECTION = 'wide';

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
    clampedSwiglu: exports.clampedSwiglu,
    route: exports.route,
    groupSlots: exports.groupSlots,
    gatherRows: exports.gatherRows,
    expertSum: exports.expertSum,
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

function binary(rounding: Rounding): string {
  return rounding === 'fused' ? FUSED : PLAIN;
}

/** Appends an empty custom section: id 0, length, name. */
function withWideSection(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = Buffer.from(WIDE_SECTION);
  return new Uint8Array([...bytes, 0, name.length + 1, name.length, ...name]);
}
