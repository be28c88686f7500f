/**
 * Time on described machines: what a plan would take there, and what each cause of delay is worth.
 */
export * from './step.ts';
export * from './op-time.ts';
export * from './instruction-use.ts';
export * from './all-reduce.ts';
export * from './channel-cost.ts';
export * from './tile-clock.ts';
export * from './walk.ts';
export * from './shapes.ts';
export * from './closed-form.ts';
export * from './waterfall.ts';
export * from './scaling.ts';
export * from './sweep.ts';
export * from './experts/placement.ts';
export * from './experts/routing.ts';
export * from './published/published-table.ts';
export * from './references/gates.ts';
export * from './references/judge.ts';
export * from './serving/config-shape.ts';
export * from './serving/model-shape.ts';
export * from './serving/models.ts';
export * from './serving/project-bare.ts';
export * from './references/error-bars.ts';
export * from './references/expert-choice.ts';
export * from './references/project-sweep.ts';
export * from './references/published-speeds.ts';
export * from './references/replicas.ts';
export * from './serving/projection.ts';
export * from './serving/streaming.ts';
export * from './references/validate.ts';
export * from './interconnect.ts';
export * from './host/host-figures.ts';
export * from './host/host-clock.ts';
export * from './host/kernel-shape.ts';
export * from './host/kernel-times.ts';
export * from './host/solve.ts';
