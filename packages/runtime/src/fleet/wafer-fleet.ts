/**
 * What runs the tiles of a wafer, whichever way: what its owner asks of it, what it is started
 * with, and what it tells.
 */
import type { Plan, Rounding } from '@wafer/core';
import type { ChipTask } from '@wafer/fabric';
import type { Model, ShardError } from '@wafer/models';
import type { AdapterSlots } from '../adapters/adapter-slots.ts';
import type { EngineListener } from '../engine/engine-thread.ts';
import type { EngineCommand } from '../engine/messages.ts';
import type { ResolvedOptions } from '../options/options.ts';
import type { SpareThreads } from '../spare-threads.ts';

/** What the owner of a fleet is told; after a crash, the fleet is useless. */
export type FleetListener = EngineListener;

/** What runs the tiles of a wafer: threads of this process, or processes of their own. */
export interface WaferFleet {
  readonly memories: ReadonlyMap<number, WebAssembly.Memory>;
  /** Where adapters are put that are loaded while it runs. */
  readonly slots: AdapterSlots;
  /** Rings of all threads; empty without a trace. */
  readonly traceRings: readonly SharedArrayBuffer[];
  /** Bytes of weights in place so far, to the KiB. */
  readonly loadedBytes: number;
  /** Milliseconds that the slowest tile thread here took to read and pack its weights. */
  readonly loadMs: number;
  /** What quantizing at load cost, once all is loaded. */
  readonly shardErrors: readonly ShardError[];
  /** Processes of chips that were started here. */
  readonly processIds: readonly number[];
  /** Resolves once every tile thread here loads, or has failed. */
  readonly running: Promise<void>;
  /** Resolves once all weights are in place. */
  load(plan: Plan, model: Model, use: FleetUse): Promise<void>;
  /** Resolves once the engine takes requests. */
  startEngine(plan: Plan, model: Model, use: EngineUse): Promise<void>;
  command(command: EngineCommand, transferList?: ArrayBuffer[]): void;
  /** Ends all there is; by force and at once, where nothing of it has run yet. */
  stop(how?: { isForced: boolean }): Promise<void>;
}

/** The part of a wafer that a chip process runs. */
export interface FleetPart {
  tiles: readonly number[];
  spinCount: number;
  /** Where each of its threads hands messages to the I/O thread. */
  chipTasks: readonly ChipTask[];
}

/** Where weights are read from. */
export type WeightSource = Pick<Model, 'source'>;

/** What of the options tile threads know. */
export type FleetOptions = Pick<
  ResolvedOptions,
  'threadCount' | 'hugePages' | 'traceRecords' | 'dice' | 'virtual' | 'limits'
>;

/** What tile threads are started with. */
export interface FleetUse {
  options: FleetOptions;
  rounding: Rounding;
  /** Threads that wait for a task. Default: none. */
  spares?: SpareThreads | undefined;
}

/** What the engine is started with. */
export interface EngineUse extends FleetUse {
  options: ResolvedOptions;
}
