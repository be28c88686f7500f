/**
 * The kernels: WebAssembly SIMD on a tile's own memory, bit-equal to the reference of
 * `@wafer/core`.
 */
export * from './compile.ts';
export * from './copy.ts';
export * from './instantiate.ts';
export * from './kernels.ts';
export * from './linear-kernel.ts';
export * from './revectorize.ts';
export * from './rounding.ts';
export * from './scratch.ts';
export * from './self-check.ts';
