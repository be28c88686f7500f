/**
 * The kernels of one tile: a compiled module bound to the tile's memory.
 *
 * The exports are used as they are: no JavaScript stands between a tile's program and its kernels.
 */
import { assert, INT8_TYPES, WEIGHT_TYPE_NAMES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { exportName } from './export-name.ts';
import type { Kernels } from './kernels.ts';

/** Pages of 64 KiB that a tile's memory may have at most; `maximum` of every memory of a tile. */
export const MEMORY_PAGES_MAX = 65536;

/** Marks a module compiled for 256-bit vectors; it travels with the module to other threads. */
export const WIDE_SECTION = 'wide';

interface BoundKernels {
  module: WebAssembly.Module;
  isWide: boolean | undefined;
  kernels: Kernels;
}

/** What each memory was bound to last: a tile is loaded and then run, with the same kernels. */
const bound = new WeakMap<WebAssembly.Memory, BoundKernels>();

/**
 * Binds a module to a tile's memory, which is shared and at most `MEMORY_PAGES_MAX` pages.
 * `isWide` picks larger register blocks: faster with 256-bit vectors, slower without.
 */
export function instantiateKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  { isWide }: { isWide?: boolean } = {},
): Kernels {
  const known = bound.get(memory);
  if (known?.module === module && known.isWide === isWide) return known.kernels;
  const kernels = bindKernels(module, memory, isWide);
  bound.set(memory, { module, isWide, kernels });
  return kernels;
}

function bindKernels(
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  isWide: boolean | undefined,
): Kernels {
  const isMarked = WebAssembly.Module.customSections(module, WIDE_SECTION).length > 0;
  const env = { memory, wide: (isWide ?? isMarked) ? 1 : 0 };
  const instance = new WebAssembly.Instance(module, { env });
  const exports = instance.exports as unknown as KernelExports;
  return {
    linear: byType(exports, 'linear', WEIGHT_TYPE_NAMES),
    linearInt8: byType(exports, 'linearInt8', INT8_TYPES),
    pack: byType(exports, 'pack', WEIGHT_TYPE_NAMES),
    embed: byType(exports, 'embed', WEIGHT_TYPE_NAMES),
    lowRank: exports.lowRank,
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
    const isThere = typeof exports[name] === 'function';
    assert(isThere, 'the module holds its kernels; npm run -s kernels builds them', { name });
    return [type, exports[name]];
  });
  return Object.fromEntries(entries) as Kernels[K];
}
