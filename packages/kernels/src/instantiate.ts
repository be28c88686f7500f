/**
 * The kernels of one tile: a compiled module bound to the tile's memory.
 *
 * A module is compiled once per thread and rounding. The exports are used as they are: no
 * JavaScript stands between a tile's program and its kernels.
 */
import { assert, INT8_TYPES, WEIGHT_TYPE_NAMES } from '@wafer/core';
import type { Rounding, WeightType } from '@wafer/core';
import { exportName } from './export-name.ts';
import { FUSED, PLAIN, SOURCE_HASH } from './generated/kernels.wasm.ts';
import type { Kernels } from './kernels.ts';
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
  return {
    linear: byType(exports, 'linear', WEIGHT_TYPE_NAMES),
    linearInt8: byType(exports, 'linearInt8', INT8_TYPES),
    pack: byType(exports, 'pack', WEIGHT_TYPE_NAMES),
    embed: byType(exports, 'embed', WEIGHT_TYPE_NAMES),
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

/** What the module exports: each weight type's kernels by `exportName`, others as in `Kernels`. */
type KernelExports = Omit<Kernels, 'linear' | 'linearInt8' | 'pack' | 'embed'> &
  Record<string, unknown>;

/** The kernels of one kind for some weight types. */
function byType<K extends 'linear' | 'linearInt8' | 'pack' | 'embed'>(
  exports: KernelExports,
  kernel: K,
  types: readonly WeightType[],
): Kernels[K] {
  const entries = types.map((type) => {
    const name = exportName(kernel, type);
    assert(typeof exports[name] === 'function', 'the module holds the kernels', { name });
    return [type, exports[name]];
  });
  return Object.fromEntries(entries) as Kernels[K];
}

function binary(rounding: Rounding): string {
  return rounding === 'fused' ? FUSED : PLAIN;
}

/** Appends an empty custom section: id 0, length, name. */
function withWideSection(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const name = Buffer.from(WIDE_SECTION);
  return new Uint8Array([...bytes, 0, name.length + 1, name.length, ...name]);
}
