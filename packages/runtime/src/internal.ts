/**
 * What our own packages take from the runtime beyond its promised interface. No promise.
 */
export { makeFolder } from '@wafer/models';
export { normalizeVector } from './requests/embed.ts';
export { chatRenderer, streamRendered } from './chat/chat.ts';
export type { ChipOptions } from './chip/chip-options.ts';
export { threadsByTile, threadsInAll } from './chip/chip-setups.ts';
export { modelDigest } from './chip/model-digest.ts';
export { serveChip } from './chip/serve-chip.ts';
export { LINK_KINDS, LINK_TRAITS } from './link-kind.ts';
export { resolveOptions, weightBytes } from './options/options.ts';
export type { ResolvedOptions } from './options/options.ts';
export { mapStream } from './requests/map-stream.ts';
export { prepare, prepareModel } from './prepare.ts';
export type { Prepared } from './prepare.ts';
export { SPIN_COUNT } from './threads/thread-settings.ts';
export { pickExperts } from './pick-experts.ts';
export type { VirtualSetup } from './virtual/virtual-options.ts';
export { programEntry } from './repository-bundle.ts';
export { Engine } from './engine/engine.ts';
export type { EngineCommand, EngineEvent, EngineTask, PieceEvent } from './engine/messages.ts';
export type { EngineMetrics } from './engine/engine-metrics.ts';
export { checkExtras } from './engine/request-checks.ts';
export type { GenerateRequest } from './engine/request.ts';
export { SAMPLING_DEFAULTS } from './engine/sampling-options.ts';
export type { SamplingOptions } from './engine/sampling-options.ts';
export { Sampler } from './engine/sampler.ts';
export { plainVocabOps } from './engine/vocab-ops.ts';
export { hugePageRefusal } from './huge-page-access.ts';
export { HugePages } from './huge-pages.ts';
export { createMemories, createSharedMemory, hostLayout } from './host.ts';
export { bindInstruction } from './tile/bind-program.ts';
export type { TileParts } from './tile/bound-instruction.ts';
export { bindTiles, loadTiles } from './tile/thread.ts';
export type { ThreadTask } from './tile/thread-task.ts';
export type { Tile } from './tile/tile.ts';
