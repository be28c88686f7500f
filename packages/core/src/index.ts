/**
 * What is computed, and where: model specs, plain reference ops, and the plan of a wafer.
 *
 * Pure TypeScript without threads, input or output, or clocks; it runs in a browser too.
 */
export * from './errors.ts';
export * from './model/spec.ts';
export * from './model/tensors.ts';
export * from './ops/weight-types.ts';
