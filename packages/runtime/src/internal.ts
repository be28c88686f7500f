/**
 * What our own packages and tests need of the runtime beside its interface; it may change any day.
 */
export { Engine } from './engine/engine.ts';
export type {
  EngineCommand,
  EngineEvent,
  EngineMetrics,
  EngineTask,
  PieceEvent,
} from './engine/messages.ts';
export { checkExtras } from './engine/request-checks.ts';
export type { GenerateRequest } from './engine/request.ts';
export { SAMPLING_DEFAULTS } from './engine/sampling-options.ts';
export type { SamplingOptions } from './engine/sampling-options.ts';
export { Sampler } from './engine/sampler.ts';
export { plainVocabOps } from './engine/vocab-ops.ts';
export { createMemories, createSharedMemory, hostLayout } from './host.ts';
export { bindTiles, loadTiles } from './tile/thread.ts';
export type { ThreadTask } from './tile/thread-task.ts';
export type { Tile } from './tile/tile.ts';
export { resolveOptions } from './options.ts';
export { planModel } from './plan-model.ts';
