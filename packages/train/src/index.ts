/**
 * Training on the wafer: data, backward passes, optimizers, checkpoints.
 */
export { checkSettings, rowsOfStep, TRAIN_DEFAULTS } from './settings.ts';
export type { OptimizerSettings, RowOrder, ScheduleSettings, TrainSettings } from './settings.ts';
export { TrainRows } from './data/rows.ts';
export type { TrainRow } from './data/rows.ts';
export { openTokens, tokensInMemory } from './data/token-source.ts';
export type { TokenSource } from './data/token-source.ts';
