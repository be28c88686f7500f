export * from './errors.ts';
export * from './model/spec.ts';
export * from './model/tensors.ts';
export * from './ops/weight-types.ts';
