/**
 * What a plan says, in figures: who owns what, and what will travel. The programs are left out.
 *
 * Traffic is that of a step of one token, by `auditSteps`; token 0 decides which tile sends the
 * embedded row, and experts count as if chosen evenly. Padding is what packing adds: zero rows that
 * fill the last panel of a shard.
 */
import type { WaferSettings } from '@wafer/bench/common';
import {
  auditSteps,
  bytesOf,
  KV_BLOCK_TOKENS,
  networkTensors,
  stepRecordBytes,
  storedRowBytes,
  tilePosition,
  tokenTraffic,
  maxOf,
} from '@wafer/core';
import type { Dice, Grid, Plan, Range, TilePlan } from '@wafer/core';
import type { ResolvedOptions } from '@wafer/runtime/internal';
import { decodeStep, walkPlan } from '@wafer/timing';
import { expertShares } from './plan-experts.ts';
import type { ExpertShare, TensorsByName } from './plan-experts.ts';
import { clockText } from '../described/virtual-flags.ts';

/** Rows and columns of a matrix that a tile owns. */
export interface Share {
  rows: Range;
  columns: Range;
  /** Which of the two is cut. */
  cutBy: 'rows' | 'columns';
}

export interface TileSummary {
  tile: number;
  x: number;
  y: number;
  stage: number;
  chip: number;
  layers: Range;
  heads: Range;
  kvHeads: Range;
  /** By kind of matrix (`q`, `down`, `experts.down`, `embed` …); alike in all layers of it. */
  matrices: Record<string, Share>;
  /** Its experts by layer; empty where all layers are dense. */
  experts: ExpertShare[];
  weightBytes: number;
  paddingBytes: number;
  kvBytes: number;
  sramBytes: number;
}

/** What one token moves between two chips, in one direction. */
export interface KerfSummary {
  sourceChip: number;
  targetChip: number;
  channelCount: number;
  messages: number;
  payloadBytes: number;
}

export interface PlanSummary {
  model: string;
  grid: Grid;
  stageCount: number;
  plan: string;
  /** How experts are shared; absent where all layers are dense. */
  experts?: string;
  threads: number;
  rounding: string;
  activations: string;
  kv: string;
  chips: Grid;
  chipOf: number[];
  contextTokens: number;
  kvTokens: number;
  tokensPerStep: number;
  tiles: TileSummary[];
  channelCount: number;
  /** What layers with windows take of the KV cache, where they have a pool of their own. */
  windows?: { windowTokens: number; kvTokens: number; kvBytes: number };
  /** Of one decoded token, over all channels. */
  perToken: { messages: number; payloadBytes: number; busiestLinkBytes: number };
  kerfs: KerfSummary[];
  /** Of one decoded token, between the host and the tiles; counted apart from channels. */
  host: { recordBytesMax: number; logitBytes: number };
  /** A first token on the described machine; absent without one. */
  described?: { clock: 'simulated'; name: string; tokenNs: number };
}

export function summarizePlan(name: string, plan: Plan, settings: WaferSettings): PlanSummary {
  const { resolved, options } = settings;
  const { grid, stageCount, tensor, contextMax, kvBlockCount, rowsMax } = plan.options;
  const tensors = new Map(networkTensors(plan.spec).map((tensor) => [tensor.name, tensor]));
  const { messages, payloadBytes, links } = tokenTraffic(plan);
  const record = stepRecordBytes({
    rowCount: 1,
    segmentCount: 1,
    outputCount: 1,
    blockCount: Math.ceil(contextMax / KV_BLOCK_TOKENS),
    windowBlockCount: plan.windows?.sequenceBlocksMax ?? 0,
    rotaryWidth: plan.spec.rope.rotaryWidth,
  });
  return {
    model: name,
    grid,
    stageCount,
    plan: tensor,
    ...(plan.spec.experts ? { experts: plan.options.experts } : {}),
    threads: resolved.threadCount,
    rounding: options.rounding,
    activations: plan.options.activations,
    kv: plan.options.kv,
    chips: resolved.dice.chips,
    chipOf: resolved.dice.chipOf,
    contextTokens: contextMax,
    kvTokens: kvBlockCount * KV_BLOCK_TOKENS,
    tokensPerStep: rowsMax,
    ...windowsOf(plan),
    tiles: plan.tiles.map((tile) => summarizeTile(plan, tile, { dice: resolved.dice, tensors })),
    channelCount: plan.channels.length,
    perToken: {
      messages,
      payloadBytes: Math.round(payloadBytes),
      busiestLinkBytes: Math.round(maxOf(links.values(), 0)),
    },
    kerfs: summarizeKerfs(plan, resolved.dice),
    host: {
      recordBytesMax: record * plan.tiles.length,
      logitBytes: plan.spec.vocabCount * 4,
    },
    ...described(plan, resolved),
  };
}

/** What running tiles would tell on their virtual clock. */
function described(plan: Plan, { virtual, dice }: ResolvedOptions): Partial<PlanSummary> {
  if (virtual === undefined) return {};
  const step = decodeStep({ batch: 1, contextTokens: 0 });
  const { stepNs: tokenNs } = walkPlan(plan, { ...virtual.clock, step });
  return { described: { clock: 'simulated', name: clockText(virtual.clock, dice), tokenNs } };
}

function summarizeTile(
  plan: Plan,
  tile: TilePlan,
  { dice, tensors }: { dice: Dice; tensors: TensorsByName },
): TileSummary {
  const { headWidth } = plan.spec;
  const matrices: Record<string, Share> = {};
  let weightBytes = 0;
  let paddingBytes = 0;
  for (const shard of tile.shards) {
    weightBytes += shard.bytes;
    if (shard.isVector) continue;
    paddingBytes += shard.bytes - shard.rowCount * storedRowBytes(shard.type, shard.columnCount);
    matrices[tensors.get(shard.tensor)!.kind] ??= {
      rows: { start: shard.row, count: shard.rowCount },
      columns: { start: shard.column, count: shard.columnCount },
      cutBy: shard.columnCount < plan.tensors[shard.tensor]!.columns ? 'columns' : 'rows',
    };
  }
  const headsOf = (kind: string): Range => {
    const { start, count } = matrices[kind]?.rows ?? { start: 0, count: 0 };
    return { start: start / headWidth, count: count / headWidth };
  };
  return {
    tile: tile.index,
    ...tilePosition(plan.options.grid, tile.index),
    stage: tile.stage,
    chip: dice.chipOf[tile.index]!,
    layers: tile.layers,
    heads: headsOf('q'),
    kvHeads: headsOf('k'),
    matrices,
    experts: expertShares(tile, tensors),
    weightBytes,
    paddingBytes,
    kvBytes: bytesOf(tile.buffers, 'kv') + bytesOf(tile.buffers, 'kv-windows'),
    sramBytes: tile.sramBytes,
  };
}

function windowsOf({ windows, tiles }: Plan): Pick<PlanSummary, 'windows'> {
  if (windows === undefined) return {};
  const { mask, blockCount } = windows;
  return {
    windows: {
      windowTokens: mask.windowTokens,
      kvTokens: blockCount * KV_BLOCK_TOKENS,
      kvBytes: tiles.reduce((sum, { buffers }) => sum + bytesOf(buffers, 'kv-windows'), 0),
    },
  };
}

function summarizeKerfs(plan: Plan, { chipOf }: Dice): KerfSummary[] {
  const kerfs = new Map<string, KerfSummary>();
  for (const { channel, messages, payloadBytes } of auditSteps(plan, [
    { program: 'infer', tokens: [0] },
  ])) {
    const { source, target } = plan.channels[channel]!;
    const sourceChip = chipOf[source]!;
    const targetChip = chipOf[target]!;
    if (sourceChip === targetChip) continue;
    const key = `${sourceChip}>${targetChip}`;
    const kerf = kerfs.get(key) ?? {
      sourceChip,
      targetChip,
      channelCount: 0,
      messages: 0,
      payloadBytes: 0,
    };
    kerf.channelCount++;
    kerf.messages += messages;
    kerf.payloadBytes += payloadBytes;
    kerfs.set(key, kerf);
  }
  for (const kerf of kerfs.values()) kerf.payloadBytes = Math.round(kerf.payloadBytes);
  return [...kerfs.values()].toSorted(
    (a, b) => a.sourceChip - b.sourceChip || a.targetChip - b.targetChip,
  );
}
