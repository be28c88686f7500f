/**
 * What a tile thread is started with: plain data, shared memories and ports.
 */
import type { MessagePort } from 'node:worker_threads';
import type { ChannelPlan, TilePlan } from '@wafer/core';
import type { ShardError, SourceDescription } from '@wafer/models';
import type { ChipTask, PortEnd } from '@wafer/fabric';
import type { HostLayout } from '../host.ts';
import type { ClockTask } from '../virtual/clock-task.ts';

export interface ThreadTask {
  thread: number;
  /** Tiles of this thread. */
  tiles: TilePlan[];
  /** Channels from or to them. */
  channels: ChannelPlan[];
  /** Memories of this thread's tiles and of those they share channels with, by tile. */
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  /** Thread of every tile. */
  threadOf: readonly number[];
  /** Threads of tiles, then the engine's. */
  doorbells: Int32Array;
  engineThread: number;
  host: { memory: WebAssembly.Memory; layout: HostLayout };
  kernels: WebAssembly.Module;
  source: SourceDescription;
  /** Whether weights may lie in huge pages. */
  hugePages: boolean;
  vocabCount: number;
  rowsMax: number;
  /** How long to look for work before sleeping; 0 where threads outnumber cores. */
  spinCount: number;
  /** Ends of the links across kerfs that this thread holds. */
  sources: PortEnd[];
  targets: PortEnd[];
  /** In a chip process, where messages across kerfs are handed over. */
  chip?: ChipTask | undefined;
  /** Where this thread writes its trace, and the caller's time origin; undefined: no trace. */
  trace: { ring: SharedArrayBuffer; originMs: number } | undefined;
  /** Undefined without a virtual clock. */
  clock: ClockTask | undefined;
  /** Told once all shards are in place, or why not. */
  port: MessagePort;
}

/** What a thread says to the main thread. */
export type ThreadMessage =
  | { kind: 'running' }
  | { kind: 'loaded'; loadMs: number; shardErrors: ShardError[] }
  | { kind: 'failed'; error: { code: string; details: Record<string, unknown> } | string };
