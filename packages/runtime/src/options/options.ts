/**
 * Options of a wafer, and their defaults: grid, plan, limits.
 *
 * This is the border: what passes here is trusted below. Throws: PLAN_OPTION.
 */
import { availableParallelism } from 'node:os';
import {
  diceGrid,
  EXPERT_PLAN,
  KV_BLOCK_TOKENS,
  KV_TYPES,
  parseAddress,
  parseGrid,
  tensorBytes,
  WaferError,
} from '@wafer/core';
import type { Activations, ChipAddress, Dice, ExpertPlan, KvType } from '@wafer/core';
import type { PlanOptions, Rounding, TensorPlan } from '@wafer/core';
import type { LoadType, Model } from '@wafer/models';
import { resolveAdapters } from './adapter-options.ts';
import type { AdapterOptions } from './adapter-options.ts';
import type { Reservation } from './reservation.ts';
import type { StateListener } from './lifecycle.ts';
import { LINK_KINDS, LINK_TRAITS } from '../link-kind.ts';
import type { LinkKind } from '../link-kind.ts';
import { resolveLimits } from '../threads/wait-limits.ts';
import type { WaitLimits } from '../threads/wait-limits.ts';
import { resolveVirtual } from '../virtual/virtual-options.ts';
import type { VirtualOptions, VirtualSetup } from '../virtual/virtual-options.ts';

/** How far loading has come. */
export interface LoadProgress {
  loadedBytes: number;
  totalBytes: number;
}

/** Where a wafer writes its log; pino and console fit. */
export interface Logger {
  info(values: Readonly<Record<string, unknown>>, message: string): void;
  error(values: Readonly<Record<string, unknown>>, message: string): void;
}

/** What a wafer is started with; only the model is needed. */
export interface WaferOptions {
  /** A Hugging Face folder, a .gguf file, `synthetic:15m` …, or a model that was opened already. */
  model: string | Model;
  /** Where a model that was pulled is looked for by its name, `ORG/NAME`. Default: nowhere. */
  modelsFolder?: string | undefined;
  /**
   * Quantizes matrices stored in f32, f16 or bf16 while they are loaded: `q8_0` or `q4_0`, the same
   * bits as a file of that type (`Wafer.quantization` tells what it cost). Default: as stored.
   */
  dtype?: LoadType | undefined;
  /** Columns × rows of tiles, as `2x1`. Default: one tile per core; one tile for a tiny model. */
  grid?: string | undefined;
  /** Pipeline stages: layer ranges on groups of tiles. Default: 1. */
  stages?: number | undefined;
  /** How the tiles of a stage share a layer. Default: `column`. */
  tensorPlan?: TensorPlan | undefined;
  /**
   * How they share the experts of a layer, where it has some: `whole`, each its own ones, or
   * `rows`, each a share of every one. The same results. `auto` takes what is faster by the clock
   * of `virtual`. Default: `whole`; `rows` with `megatron`.
   */
  experts?: ExpertPlan | 'auto' | undefined;
  /** Worker threads for the tiles. Default: one per tile, at most one per core. */
  threads?: number | undefined;
  /** Chips across × chips down that the grid is cut into; kerfs are crossed by links. */
  dice?: string | undefined;
  /** What joins chips: `port` between threads; `unix`, `tcp`: each chip is a process. */
  link?: LinkKind | undefined;
  /** HOST:PORT of chips that wait elsewhere (`wafer chip`), in place of processes; with `tcp`. */
  chips?: readonly string[] | undefined;
  /** Known to these chips and nobody else. */
  secret?: Uint8Array | undefined;
  /** A described machine and link, whose time the tiles tell beside the host's. Default: none. */
  virtual?: VirtualOptions | undefined;
  /** Positions of the longest sequence. Default: the model's, at most 4,096. */
  contextTokens?: number | undefined;
  /** Positions that the KV cache holds over all sequences. Default: four contexts, if they fit. */
  kvTokens?: number | undefined;
  /** Rows of a step. Default: 128. */
  tokensPerStep?: number | undefined;
  /** Rows of one prefill in a step. Default: all. */
  prefillChunk?: number | undefined;
  /** Sequences running at once. Default: 64. */
  sequences?: number | undefined;
  /** What tenants have to themselves of `sequences` and `kvTokens`. Default: nobody anything. */
  reservations?: readonly Reservation[] | undefined;
  /** Whether requests reuse KV blocks of equal prefixes. Default: true. */
  reusePrefixes?: boolean | undefined;
  /** Whether layers with windows keep only what later queries see. Default: true; same bits. */
  releaseWindows?: boolean | undefined;
  /** Room for adapters that are loaded while the wafer runs (`loadAdapter`). Default: none. */
  adapters?: AdapterOptions | undefined;
  /** SRAM of a tile in bytes. Default: 4 GiB, the most a tile can have. */
  sramBytes?: number | undefined;
  /**
   * What activations are multiplied as: `int8` rounds the inputs of q8_0 and q4_0 matrices to 8
   * bits per block of 32: faster, with other results (`measureActivationError`). Default: `f32`.
   */
  activations?: Activations | undefined;
  /**
   * What the KV cache stores: `f16` and `q8_0` take a half and about a quarter of the memory, and
   * round keys and values, with other results (`measureKvError`). Default: `f32`.
   */
  kv?: KvType | undefined;
  /** How multiply-add rounds. Default: fused where this machine does it in hardware. */
  rounding?: Rounding | undefined;
  /**
   * Lets V8 fuse kernels to 256 bits: about twice the arithmetic on x64, the same bits. A flag of
   * the whole process, experimental in V8. Default: false.
   */
  revectorize?: boolean | undefined;
  /**
   * Asks Linux (5.14 or later) for huge pages for weights, where it gives them on demand and
   * Node.js has `node:ffi`: they load sooner, with the same bits. Default: true.
   */
  hugePages?: boolean | undefined;
  /** Keeps the token ids of every step for the audit. Default: false. */
  recordSteps?: boolean | undefined;
  /** Records that each thread keeps for `Wafer.trace`; 0 for none, the default. */
  traceRecords?: number | undefined;
  /** How long the wafer waits for parts of its own before it gives them up. */
  limits?: Partial<WaitLimits> | undefined;
  /** Told whenever the wafer's state changes; with `failed`, why. */
  onState?: StateListener | undefined;
  /** Told of starts, crashes and ends, never of tokens. Default: nobody. */
  logger?: Logger | undefined;
  /** Ends a start that is under way, which then throws the signal's reason; nothing later. */
  signal?: AbortSignal | undefined;
  /** Called now and then while weights are loaded. */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
}

export interface ResolvedOptions {
  plan: PlanOptions;
  /** Whether `kvTokens` may be lowered to one context. */
  isKvDefault: boolean;
  dice: Dice;
  link: LinkKind;
  /** Chips that wait elsewhere; empty if they are started. */
  chips: readonly ChipAddress[];
  virtual: VirtualSetup | undefined;
  threadCount: number;
  prefillChunk: number;
  reservations: readonly Reservation[];
  reusePrefixes: boolean;
  hugePages: boolean;
  recordSteps: boolean;
  traceRecords: number;
  limits: WaitLimits;
}

const CONTEXT_DEFAULT = 4096;
const ROWS_DEFAULT = 128;
const SEQUENCES_DEFAULT = 64;
const SRAM_BYTES_MAX = 2 ** 32;
/** Below this, a second tile costs more in messages than it saves in reading weights. */
export const TINY_MODEL_BYTES: number = 4 * 2 ** 20;

export function resolveOptions(options: WaferOptions, model: Model): ResolvedOptions {
  const grid = parseGrid(options.grid ?? defaultGrid(model));
  const tileCount = grid.width * grid.height;
  const { contextMax: modelContext } = model.spec;
  const contextMax = whole('contextTokens', options.contextTokens, {
    fallback: Math.min(modelContext, CONTEXT_DEFAULT),
    max: modelContext,
  });
  const sram = { fallback: SRAM_BYTES_MAX, max: SRAM_BYTES_MAX };
  const rowsMax = whole('tokensPerStep', options.tokensPerStep, {
    fallback: ROWS_DEFAULT,
    max: 4096,
  });
  const sequencesMax = whole('sequences', options.sequences, {
    fallback: Math.min(SEQUENCES_DEFAULT, rowsMax),
    max: rowsMax,
  });
  const kvTokens = whole('kvTokens', options.kvTokens, {
    fallback: contextMax * Math.min(4, sequencesMax),
    max: 2 ** 31,
  });
  const dice = diceGrid(grid, options.dice ?? '1x1');
  // Chips of other hosts have cores of their own, and take no more threads than these.
  const cores = options.chips === undefined ? availableParallelism() : tileCount;
  const threads = { fallback: Math.min(tileCount, cores), max: tileCount };
  const tensor = oneOf('tensorPlan', options.tensorPlan ?? 'column', ['column', 'megatron']);
  const expertDefault = tensor === 'megatron' ? 'rows' : EXPERT_PLAN;
  const link = oneOf('link', options.link ?? 'port', LINK_KINDS);
  if (LINK_TRAITS[link].chips !== 'threads' && (options.traceRecords ?? 0) > 0) {
    const expected = '0 with links between processes, whose threads keep no trace';
    const value = options.traceRecords;
    throw new WaferError('PLAN_OPTION', { option: 'traceRecords', value, expected });
  }
  return {
    plan: {
      grid,
      stageCount: whole('stages', options.stages, { fallback: 1, max: 4096 }),
      tensor,
      experts: oneOf('experts', options.experts ?? expertDefault, ['whole', 'rows']),
      activations: oneOf('activations', options.activations ?? 'f32', ['f32', 'int8']),
      kv: oneOf('kv', options.kv ?? 'f32', KV_TYPES),
      rowsMax,
      sequencesMax,
      logitRowsMax: rowsMax,
      contextMax,
      kvBlockCount: Math.ceil(kvTokens / KV_BLOCK_TOKENS),
      releasesWindows: options.releaseWindows ?? true,
      sramBytesMax: whole('sramBytes', options.sramBytes, sram),
      ...resolveAdapters(options.adapters),
    },
    isKvDefault: options.kvTokens === undefined,
    dice,
    virtual: resolveVirtual(options.virtual, dice, link),
    link,
    chips: chipAddresses(options, link, dice.chips.width * dice.chips.height),
    threadCount: whole('threads', options.threads, threads),
    prefillChunk: whole('prefillChunk', options.prefillChunk, { fallback: rowsMax, max: rowsMax }),
    reservations: checkedReservations(options.reservations ?? [], { sequencesMax, kvTokens }),
    reusePrefixes: options.reusePrefixes ?? true,
    hugePages: options.hugePages ?? true,
    recordSteps: options.recordSteps ?? false,
    traceRecords: whole('traceRecords', options.traceRecords, {
      fallback: 0,
      min: 0,
      max: 2 ** 22,
    }),
    limits: resolveLimits(options.limits),
  };
}

/** Throws: PLAN_OPTION if they are not whole, or more than there is. */
function checkedReservations(
  reservations: readonly Reservation[],
  { sequencesMax, kvTokens }: { sequencesMax: number; kvTokens: number },
): readonly Reservation[] {
  const refuse = (value: unknown, expected: string): never => {
    throw new WaferError('PLAN_OPTION', { option: 'reservations', value, expected });
  };
  const sum = { slots: 0, tokens: 0 };
  for (const one of reservations) {
    const isSound = [one.slots, one.kvTokens].every((n) => Number.isSafeInteger(n) && n > 0);
    if (!isSound) refuse(JSON.stringify(one), '{ tenant, slots, kvTokens }, from 1 on');
    sum.slots += one.slots;
    sum.tokens += one.kvTokens;
  }
  if (sum.slots > sequencesMax) refuse(`${sum.slots} slots`, `at most ${sequencesMax} together`);
  if (sum.tokens > kvTokens) refuse(`${sum.tokens} kvTokens`, `at most ${kvTokens} together`);
  const tenants = new Set(reservations.map(({ tenant }) => tenant));
  if (tenants.size < reservations.length) refuse('a tenant twice', 'each tenant once');
  return reservations;
}

/** Packed bytes of all tensors of a model. */
export function weightBytes(model: Model): number {
  return Object.values(model.source.tensors).reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
}

function defaultGrid(model: Model): string {
  return weightBytes(model) < TINY_MODEL_BYTES ? '1x1' : `${availableParallelism()}x1`;
}

/** Throws: PLAN_OPTION. */
function chipAddresses(options: WaferOptions, link: LinkKind, chipCount: number): ChipAddress[] {
  const { chips: value = [], secret } = options;
  if (value.length === 0) return [];
  const refuse = (option: string, expected: string): never => {
    throw new WaferError('PLAN_OPTION', { option, value: value.join(','), expected });
  };
  const remote = LINK_KINDS.filter((kind) => LINK_TRAITS[kind].canBeRemote);
  if (!remote.includes(link)) refuse('chips', `none, unless link is ${remote.join(' or ')}`);
  if (value.length !== chipCount) refuse('chips', `${chipCount} addresses, one per chip`);
  if ((secret?.length ?? 0) === 0) refuse('secret', 'the secret that these chips were given');
  return value.map((text) => parseAddress(text) ?? refuse('chips', 'HOST:PORT for each chip'));
}

function whole(
  option: string,
  value: number | undefined,
  limits: { fallback: number; min?: number; max: number },
): number {
  if (value === undefined) return limits.fallback;
  const { min = 1, max } = limits;
  if (Number.isSafeInteger(value) && value >= min && value <= max) return value;
  const expected = `a whole number from ${min} to ${max}`;
  throw new WaferError('PLAN_OPTION', { option, value, expected });
}

function oneOf<Value extends string>(
  option: string,
  value: string,
  known: readonly Value[],
): Value {
  const found = known.find((other) => other === value);
  if (found) return found;
  throw new WaferError('PLAN_OPTION', { option, value, expected: known.join(' or ') });
}
