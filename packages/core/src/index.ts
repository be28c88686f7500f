/**
 * What is computed, and where: model specs, plain reference ops, and the plan of a wafer.
 *
 * Pure TypeScript without threads, input or output, or clocks; it runs in a browser too.
 */
export * from './errors.ts';
export * from './format.ts';
export * from './json.ts';
export * from './lists.ts';
export * from './reason.ts';
export * from './model/attention-mask.ts';
export * from './model/network-op.ts';
export * from './model/network.ts';
export * from './model/network-tensors.ts';
export * from './model/spec.ts';
export * from './model/tensors.ts';
export * from './ops/weight-types.ts';
export * from './machine/machine-spec.ts';
export * from './machine/machines.ts';
export * from './machine/gpus.ts';
export * from './machine/gpu-facts.ts';
export * from './machine/links.ts';
export * from './machine/wafers.ts';
export * from './plan/control.ts';
export * from './plan/fit.ts';
export * from './plan/grid.ts';
export * from './plan/layout.ts';
export * from './reference/forward.ts';
export * from './plan/make-plan.ts';
export * from './plan/plan.ts';
export * from './plan/program.ts';
export * from './plan/shard.ts';
export * from './plan/step-record.ts';
export * from './plan/check.ts';
export * from './plan/audit.ts';
export * from './plan/dice.ts';
export * from './plan/windows.ts';
export * from './ops/add.ts';
export * from './ops/attention.ts';
export * from './ops/blocks/block-format.ts';
export * from './ops/blocks/formats.ts';
export * from './ops/cost.ts';
export * from './ops/embed.ts';
export * from './ops/exp.ts';
export * from './ops/expert-sum.ts';
export * from './ops/fma.ts';
export * from './ops/half.ts';
export * from './ops/kv-types.ts';
export * from './ops/lanes.ts';
export * from './ops/linear-int8.ts';
export * from './ops/linear.ts';
export * from './ops/rms-norm.ts';
export * from './ops/rope.ts';
export * from './ops/route.ts';
export * from './ops/swiglu.ts';
export * from './ops/vocab.ts';
export * from './ops/weights.ts';
