/**
 * Figures of the engine, as its caller sees them. Apart from messages between threads, so that the
 * promised types need nothing of a browser.
 */
import type { AuditedStep } from '@wafer/core';
import type { PoolStats } from './block-pool.ts';
import type { KvStats } from './kv-cache.ts';
import type { RequestFigures } from './request-figures.ts';
import type { SchedulerStats } from './scheduler.ts';
import type { VirtualFigures } from './virtual-time.ts';

/** A step that was recorded: which program ran, and the token of each row. */
export interface RecordedStep extends AuditedStep {
  tokens: number[];
}

/** Figures of the engine since its start. */
export interface EngineMetrics {
  stepCount: number;
  promptTokens: number;
  /** Rows of all steps: less than the tokens where prefixes were reused, more after preemption. */
  computedTokens: number;
  generatedTokens: number;
  /** Bytes of step records, over all tiles. */
  hostBytes: number;
  /** What became of requests, and how long they took. */
  requests: RequestFigures;
  scheduler: SchedulerStats;
  kv: KvStats;
  /** Of the KV blocks of layers with windows, if they have a pool of their own. */
  windows: PoolStats | undefined;
  /** Program and token ids of every step, if recorded. */
  steps: RecordedStep[] | undefined;
  /** Undefined without a virtual clock. */
  virtual: VirtualFigures | undefined;
}
