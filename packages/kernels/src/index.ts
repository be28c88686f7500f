/**
 * The ops of `@wafer/core` as WebAssembly SIMD kernels on a tile's own memory, equal to the bit.
 */
export {};
