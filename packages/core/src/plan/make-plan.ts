/**
 * Turns a model and a grid into a plan: shards, buffers, channels and programs.
 *
 *   owners of the embedding ─owned rows→ entry tile ─broadcast→ first stage
 *   stage 0 ─x→ stage 1 ─x→ … last stage: norm, head, logits to the host
 *
 * A tied embedding table exists once, with the head on the last stage; an untied one lies on the
 * first. Throws: PLAN_GRID, PLAN_OPTION, PLAN_SRAM.
 */
import { WaferError } from '../errors.ts';
import { networkOps } from '../network/network.ts';
import type { ModelSpec } from '../model/spec.ts';
import type { TensorInfo } from '../model/tensors.ts';
import { KV_BLOCK_TOKENS } from '../ops/attention.ts';
import { F32_BYTES } from '../ops/cost.ts';
import type { Rows } from '../ops/operands.ts';
import { storedRowBytes, WEIGHT_TYPES } from '../ops/weight-types.ts';
import { ChannelBuilder, TileBuilder } from './builder.ts';
import { releaseAll } from './collectives.ts';
import type { Members } from './collectives.ts';
import { fitsSram, kvTokensThatFit, largestTile } from './fit.ts';
import { gridName, stageGroups, tileName } from './grid.ts';
import type { KernelScratch, Plan, PlanOptions, TilePlan } from './plan.ts';
import { ProgramsOpen } from './programs.ts';
import { splitEvenly } from './shard.ts';
import type { Range } from './shard.ts';
import { RECORD_SLOTS, stepRecordBytes } from './step-record.ts';
import { checkExperts } from './stage/expert-shares.ts';
import { StageBuilder } from './stage/stage.ts';
import { windowPool } from './windows.ts';
import type { StageContext } from './stage/shares.ts';
import { VocabTables } from './vocab-tables.ts';

/** What a plan is made of: the model, its tensors by canonical name, where to, and kernel needs. */
export interface PlanInput {
  spec: ModelSpec;
  tensors: Readonly<Record<string, TensorInfo>>;
  options: PlanOptions;
  scratch: KernelScratch;
}

/** Plans a model onto a grid, without looking at the SRAM budget. */
export function layoutPlan(input: PlanInput): Plan {
  checkOptions(input);
  return new PlanMaker(input).make();
}

class PlanMaker {
  readonly #input: PlanInput;
  readonly #context: StageContext;
  readonly #tiles: TileBuilder[] = [];
  readonly #channels: ChannelBuilder;
  readonly #stages: { members: Members; builder: StageBuilder; layers: Range }[] = [];
  readonly #recordBytes: number;

  constructor(input: PlanInput) {
    this.#input = input;
    const { spec, tensors, options } = input;
    const network = networkOps(spec);
    this.#context = { spec, network, tensors, options, windows: windowPool(spec, options) };
    const { grid, stageCount, rowsMax } = options;
    const slotsMax = rowsMax * (spec.experts?.chosenCount ?? 1);
    this.#channels = new ChannelBuilder({ rowsMax, slotsMax });
    const open = new ProgramsOpen();
    for (let i = 0; i < grid.width * grid.height; i++) this.#tiles.push(new TileBuilder(i, open));
    const layers = splitEvenly(spec.layerCount, stageCount);
    stageGroups(grid, stageCount).forEach((group, stage) => {
      const tiles = group.tiles.map((tile) => this.#tiles[tile]!);
      const members = { group, tiles, channels: this.#channels, open };
      const builder = new StageBuilder(this.#context, members, layers[stage]!);
      this.#stages.push({ members, builder, layers: layers[stage]! });
    });
    const { sequencesMax, contextMax } = options;
    this.#recordBytes = stepRecordBytes({
      rowCount: rowsMax,
      segmentCount: sequencesMax,
      outputCount: options.logitRowsMax,
      blockCount: sequencesMax * Math.ceil(contextMax / KV_BLOCK_TOKENS),
      windowBlockCount: sequencesMax * (this.#context.windows?.sequenceBlocksMax ?? 0),
      rotaryWidth: spec.rope.rotaryWidth,
    });
  }

  make(): Plan {
    const records = this.#tiles.map((tile) => this.#addRecords(tile));
    const ends = { channels: this.#channels, first: this.#stages[0]!, last: this.#stages.at(-1)! };
    const tables = new VocabTables(this.#context, ends);
    const { owners: embedOwners, releases } = tables.emitEmbedding();
    let toRelease = releases;
    this.#stages.forEach(({ builder, layers, members }, stage) => {
      for (let i = 0; i < layers.count; i++) builder.emitLayer(layers.start + i);
      const next = this.#stages[stage + 1];
      if (!next) tables.emitHead();
      const handedOn = next ? this.#emitHandoff(members, next.members) : new Map();
      // x is free for the next step once this stage has read it for the last time.
      releaseAll(toRelease);
      toRelease = handedOn;
    });
    const { spec, tensors, options } = this.#input;
    return {
      spec,
      options,
      tensors,
      groups: this.#stages.map(({ members }) => members.group),
      tiles: this.#tiles.map((tile, i) => this.#finish(tile, records[i]!)),
      channels: this.#channels.channels,
      collectives: this.#channels.collectives,
      entryTile: this.#stages[0]!.members.tiles[0]!.index,
      embedOwners,
      headTiles: this.#stages.at(-1)!.members.tiles.map((tile) => tile.index),
      recordBytes: this.#recordBytes,
      windows: this.#context.windows,
    };
  }

  #addRecords(tile: TileBuilder): number[] {
    return Array.from({ length: RECORD_SLOTS }, (_, slot) =>
      tile.layout.add(`record.${slot}`, this.#recordBytes, { role: 'record', lifetime: 'step' }),
    );
  }

  /** x of a stage's end goes to each tile of the next, from the tile at the same share of it. */
  #emitHandoff(from: Members, to: Members): Map<TileBuilder, number[]> {
    const received = new Map<TileBuilder, number[]>();
    const all = { start: 0, count: this.#input.spec.modelWidth };
    to.tiles.forEach((target, i) => {
      const source = from.tiles[Math.floor((i * from.tiles.length) / to.tiles.length)]!;
      const collective = this.#channels.collective('handoff', {
        kind: 'hand-off',
        members: [source.index, target.index],
        bytesPerRow: all.count * F32_BYTES,
      });
      const channel = this.#channels.connect(
        { tile: source, rows: this.#rows(source, 'x') },
        { tile: target, rows: this.#rows(target, 'x') },
        { window: 'handoff', collective, kind: 'rows', columns: all },
      );
      source.emit({ op: 'send', channels: [channel] });
      target.emit({ op: 'receive', channels: [channel] });
      received.set(target, [channel]);
    });
    return received;
  }

  #finish(tile: TileBuilder, records: number[]): TilePlan {
    const { spec, options } = this.#input;
    const stage = this.#stages.findIndex(({ members }) => members.tiles.includes(tile));
    const { builder, layers, members } = this.#stages[stage]!;
    const scratchBytes = this.#scratchBytes(tile);
    const scratch = tile.layout.add('scratch', scratchBytes, {
      role: 'scratch',
      lifetime: 'layer',
    });
    return {
      index: tile.index,
      stage,
      layers,
      experts: builder.experts(members.tiles.indexOf(tile)),
      shards: tile.shards,
      adapters: tile.adapters,
      ones: tile.onesPlaced,
      buffers: tile.layout.buffers,
      sramBytes: tile.layout.bytes,
      records,
      scratch,
      scratchBytes,
      constants: {
        modelWidth: spec.modelWidth,
        headWidth: spec.headWidth,
        rotaryWidth: spec.rope.rotaryWidth,
        isRopePairs: spec.rope.layout === 'pairs',
        normEpsilon: spec.normEpsilon,
        attentionScale: Math.fround(1 / Math.sqrt(spec.headWidth)),
        vocabCount: spec.vocabCount,
        activations: options.activations,
        kvType: options.kv,
        activation: spec.activation,
        experts: spec.experts,
        scratch,
      },
      programs: tile.programs,
    };
  }

  /** Scratch serves the kernels, and the loader, which packs from whole panels of stored rows. */
  #scratchBytes(tile: TileBuilder): number {
    const { scratch, spec, options } = this.#input;
    let bytes = scratch.attentionBytes(spec.headWidth, options.kv);
    if (tile.adapters.length > 0) {
      bytes = Math.max(bytes, scratch.lowRankBytes(options.adapters!.rank));
    }
    for (const { type, columnCount, isVector } of tile.shards) {
      if (isVector) continue;
      const stored = storedRowBytes(type, columnCount) * WEIGHT_TYPES[type].panelRows;
      const linear = scratch.linearBytes(type, columnCount, options.activations);
      bytes = Math.max(bytes, stored, linear);
    }
    return bytes;
  }

  #rows(tile: TileBuilder, name: string): Rows {
    const { options, spec } = this.#input;
    return tile.rows(name, options.rowsMax, spec.modelWidth, 'step');
  }
}

function checkOptions({ spec, options }: PlanInput): void {
  const { grid, stageCount } = options;
  const tileCount = grid.width * grid.height;
  const refuse = (reason: string, hint: string): never => {
    throw new WaferError('PLAN_GRID', { grid: gridName(grid), reason, hint });
  };
  if (!Number.isSafeInteger(stageCount) || stageCount < 1) {
    const expected = 'a whole number from 1 on';
    throw new WaferError('PLAN_OPTION', { option: 'stages', value: stageCount, expected });
  }
  if (stageCount > spec.layerCount) {
    refuse(`${stageCount} stages, ${spec.layerCount} layers`, 'use at most one stage per layer');
  }
  if (stageCount > tileCount) {
    refuse(`${stageCount} stages, ${tileCount} tiles`, 'use a larger grid or fewer stages');
  }
  // A tile that holds no row of any matrix would be there for nothing.
  if (spec.experts) checkExperts(spec.experts, options);
  const widest = Math.max(spec.modelWidth, spec.ffnWidth);
  const largestGroup = Math.ceil(tileCount / stageCount);
  if (largestGroup > widest) {
    refuse(
      `${largestGroup} tiles in a stage, the widest matrix has ${widest} rows`,
      `use at most ${widest * stageCount} tiles`,
    );
  }
}

/** Plans a model onto a grid within the SRAM budget. */
export function makePlan(input: PlanInput): Plan {
  const plan = layoutPlan(input);
  if (fitsSram(plan)) return plan;
  const { sramBytesMax, grid } = input.options;
  const largest = largestTile(plan);
  const kvTokens = kvTokensThatFit(plan);
  const smaller = kvTokens > 0 ? `${kvTokens} tokens of KV cache` : 'smaller weights';
  throw new WaferError('PLAN_SRAM', {
    tile: tileName(grid, largest.index),
    neededBytes: largest.sramBytes,
    budgetBytes: sramBytesMax,
    hint: [
      `it fits on ${smallestGrid(input) ?? 'no grid up to 16x16'}, or here with ${smaller}`,
      ...fewerRows(input),
    ].join(', or '),
  });
}

/** The most tokens per step, halved and halved again, with which the model fits here. */
function fewerRows(input: PlanInput): string[] {
  for (let rowsMax = input.options.rowsMax >>> 1; rowsMax > 0; rowsMax >>>= 1) {
    const options = { ...input.options, rowsMax };
    if (fitsSram(layoutPlan({ ...input, options }))) return [`with ${rowsMax} tokens per step`];
  }
  return [];
}

/** The first of 1x1, 2x1, 2x2, 4x2 … 16x16 whose tiles hold the model. */
function smallestGrid(input: PlanInput): string | undefined {
  for (let power = 0; power <= 8; power++) {
    const grid = { width: 2 ** Math.ceil(power / 2), height: 2 ** Math.floor(power / 2) };
    const options = { ...input.options, grid };
    try {
      if (fitsSram(layoutPlan({ ...input, options }))) return gridName(grid);
    } catch (error) {
      // A grid that is too small for the stages, or that the model cannot fill, is no candidate.
      if (error instanceof WaferError && error.code === 'PLAN_GRID') continue;
      throw error;
    }
  }
  return undefined;
}
