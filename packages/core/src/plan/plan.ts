/**
 * The plan: where everything is, as pure data. Made and proved before anything runs.
 *
 * It says which tile owns which shard of each tensor, where every buffer lies in its SRAM, which
 * channels join the tiles and what program each tile walks. Worker threads execute it; timing
 * models walk the same plan.
 */
import type { ModelSpec, WeightType } from '../model/spec.ts';
import type { AdapterTarget, TensorInfo } from '../model/tensors.ts';
import type { KvType } from '../ops/kv-types.ts';
import type { LowRankPlace } from '../ops/low-rank.ts';
import type { Activations, ProgramConstants, Rows } from '../ops/operands.ts';
import type { Grid, Group } from './grid.ts';
import type { SramBuffer } from './layout.ts';
import type { Programs } from './programs.ts';
import type { Range } from './shard.ts';
import type { WindowPool } from './windows.ts';

/**
 * How a stage's tiles share a layer. `column`: every linear layer by outputs, inputs all-gathered;
 * no sum is split. `megatron`: column then row, two reduces a layer, in a fixed tree.
 */
export type TensorPlan = 'column' | 'megatron';

/**
 * How a stage's tiles share the experts of a layer. `whole`, expert parallel: each has experts of
 * its own, whose outputs travel unsummed. `rows`, tensor-parallel experts: each has rows of every
 * expert's matrices (under `megatron`, columns of `down`).
 */
export type ExpertPlan = 'whole' | 'rows';

/** The expert plan of the column plan, unless another is asked for. */
export const EXPERT_PLAN: ExpertPlan = 'whole';

/** How many bytes of scratch the kernels ask for; the plan reserves the largest. */
export interface KernelScratch {
  linearBytes(type: WeightType, columnCount: number, activations: Activations): number;
  /** Of changes of a rank. */
  lowRankBytes(rank: number): number;
  attentionBytes(headWidth: number, kv: KvType): number;
}

export interface PlanOptions {
  grid: Grid;
  stageCount: number;
  tensor: TensorPlan;
  /** Says nothing where all layers are dense. */
  experts: ExpertPlan;
  /** What activations are multiplied as; part of the result, as the rounding is. */
  activations: Activations;
  /** What keys and values are stored as; part of the result, too. */
  kv: KvType;
  /** Rows of the largest step. */
  rowsMax: number;
  /** Sequences in the largest step. */
  sequencesMax: number;
  /** Logit rows in the largest step. */
  logitRowsMax: number;
  /** Positions of the longest sequence; at most the model's. */
  contextMax: number;
  /** KV blocks that every tile with attention holds. */
  kvBlockCount: number;
  /** Whether layers with windows give up blocks that no later query sees, in a pool apart. */
  releasesWindows: boolean;
  /** Budget of one tile. */
  sramBytesMax: number;
  /** Room for adapters that are loaded while the wafer runs. Default: none. */
  adapters?: AdapterRoom;
}

/** How many adapters fit at once, and what each may change. */
export interface AdapterRoom {
  slots: number;
  /** The largest; whole panels. */
  rank: number;
  /** What they may change. */
  targets: readonly AdapterTarget[];
}

/** A tile's share of a matrix that adapters may change. */
export interface AdapterShare {
  tensor: string;
  rows: Range;
  columns: Range;
  place: LowRankPlace;
}

/** What a shard holds of its tensor: today weights; the others have room for training. */
export type ShardRole = 'weight' | 'gradient' | 'moment';

/** A part of a tensor that a tile owns. */
export interface Shard {
  tensor: string;
  role: ShardRole;
  type: WeightType;
  row: number;
  rowCount: number;
  column: number;
  columnCount: number;
  address: number;
  bytes: number;
  /** A vector is stored as f32; a matrix in packed panels. */
  isVector: boolean;
}

export type ChannelKind = 'rows' | 'owned' | 'slots' | 'routed';

/** The rows of consecutive experts: [starts[first], starts[end]). */
export interface RoutedRows {
  experts: Range;
  /** Address of the i32 starts in the sender's SRAM. */
  starts: number;
}

/** Whether messages of a channel name their rows. */
export function hasRowIndices(kind: ChannelKind): boolean {
  return kind === 'owned' || kind === 'routed';
}

/**
 * What tiles do together: `gather` to one, `broadcast` from one, `all-gather` to all, `all-reduce`
 * a sum to all, `hand-off` from stage to stage.
 */
export type CollectiveKind = 'gather' | 'broadcast' | 'all-gather' | 'all-reduce' | 'hand-off';

/** A collective; it may happen several times in a step, over the same channels each time. */
export interface CollectivePlan {
  id: number;
  kind: CollectiveKind;
  /** Tiles that take part, in order. */
  members: readonly number[];
  /** Bytes of one row of what all members have in the end. */
  bytesPerRow: number;
}

/**
 * A one-way queue of messages between two tiles, with its window in the receiver.
 * `rows` carries all rows of the step, `owned` only those whose token the sender owns; `slots`
 * one row per token and chosen expert, `routed` those of some experts only.
 */
export interface ChannelPlan {
  index: number;
  source: number;
  target: number;
  /** The name of the window, for people. */
  window: string;
  /** Id of the collective that it is part of. */
  collective: number;
  kind: ChannelKind;
  /** Rows of the largest message. */
  rowsMax: number;
  /** Of a `routed` channel: whose rows, and where the sender keeps their starts. */
  routed: RoutedRows | undefined;
  /** Elements of one row of a message. */
  columnCount: number;
  sourceRows: Rows;
  targetRows: Rows;
  /** Address of the channel's control line in the target's SRAM. */
  control: number;
}

export interface TilePlan {
  index: number;
  stage: number;
  layers: Range;
  /** Experts that are whole on this tile, in every layer of experts. */
  experts: Range;
  shards: Shard[];
  /** Where adapters go that are loaded later; empty without room for any. */
  adapters: AdapterShare[];
  /** Buffers of ones: the gains of norms that have none. */
  ones: { address: number; count: number }[];
  buffers: SramBuffer[];
  sramBytes: number;
  /** Addresses of the step record slots. */
  records: number[];
  scratch: number;
  scratchBytes: number;
  constants: ProgramConstants;
  programs: Programs;
}

export interface Plan {
  spec: ModelSpec;
  options: PlanOptions;
  tensors: Readonly<Record<string, TensorInfo>>;
  groups: Group[];
  tiles: TilePlan[];
  channels: ChannelPlan[];
  /** By id. */
  collectives: CollectivePlan[];
  /** Tile that gathers the embedded rows of a step. */
  entryTile: number;
  /** Token ids whose embedding each tile owns, by tile. */
  embedOwners: Record<number, Range>;
  /** Tiles that report logits to the host. */
  headTiles: number[];
  recordBytes: number;
  /** KV blocks of layers with windows, if they have a pool of their own. */
  windows: WindowPool | undefined;
}
