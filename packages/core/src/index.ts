/**
 * What is computed, and where: model specs, plain reference ops, and the plan of a wafer.
 *
 * Pure TypeScript without threads, input or output, or clocks; it runs in a browser too.
 */
export * from './errors.ts';
export * from './model/spec.ts';
export * from './model/tensors.ts';
export * from './ops/weight-types.ts';
export * from './plan/control.ts';
export * from './plan/grid.ts';
export * from './plan/make-plan.ts';
export * from './plan/plan.ts';
export * from './plan/program.ts';
export * from './plan/shard.ts';
export * from './plan/check.ts';
export * from './plan/audit.ts';
export * from './plan/dice.ts';
