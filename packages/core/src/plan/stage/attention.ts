/**
 * Attention of one layer: norm, q, k, v, rotation, scores over the KV cache. Letters: H heads.
 *
 *     normed → q, k, v → (norm of heads) → rotation → (norm of heads | temperature) → attend
 */
import { maskOf } from '../../model/attention-mask.ts';
import { layerOf } from '../../model/spec.ts';
import type { ModelSpec } from '../../model/spec.ts';
import { KV_BLOCK_TOKENS } from '../../ops/attention.ts';
import { kvRowBytes } from '../../ops/kv-types.ts';
import type { TileBuilder } from '../builder.ts';
import type { Rows } from '../program.ts';
import type { StageFrame } from './frame.ts';

/** Writes attention into the programs of the tiles that hold heads. */
export function emitAttention(frame: StageFrame, layer: number): void {
  const { spec } = frame.context;
  const { headCount, headWidth } = spec;
  const prefix = `layers.${layer}`;
  frame.members.tiles.forEach((tile, member) => {
    const kvHeads = frame.shares.kvHeads[member]!;
    if (kvHeads.count === 0) return;
    const slice = frame.shares.attention[member]!;
    const kvRange = { start: kvHeads.start * headWidth, count: kvHeads.count * headWidth };
    const source = frame.emitNorm(tile, `${prefix}.attentionNorm`, frame.x(tile));
    const q = frame.rows(tile, 'q', slice.count);
    const k = frame.rows(tile, 'k', kvRange.count);
    const v = frame.rows(tile, 'v', kvRange.count);
    const launch = tile.launch();
    frame.emitLinear(tile, `${prefix}.q`, { source, target: q, rows: slice, launch });
    frame.emitLinear(tile, `${prefix}.k`, { source, target: k, rows: kvRange, launch });
    frame.emitLinear(tile, `${prefix}.v`, { source, target: v, rows: kvRange, launch });
    const heads = slice.count / headWidth;
    emitPositions(frame, layer, tile, { q, k, heads, kvHeads: kvHeads.count });
    const cache = kvOf(frame, layer, tile, member);
    const out = frame.slice(tile, 'attention', headCount * headWidth, slice);
    const mask = maskOf(spec, layer, frame.context.options.contextMax);
    const headRange = { start: slice.start / headWidth, count: heads };
    const sinks = spec.attention.hasSinks
      ? tile.vector(frame.tensor(`${prefix}.sinks`), headRange)
      : undefined;
    const own = { heads, kvHeads: kvHeads.count, mask, sinks, launch: tile.launch() };
    tile.emit({ op: 'attend', q, k, v, out, ...cache, ...own });
  });
}

/** What makes queries and keys know, or not know, where they stand. */
function emitPositions(
  frame: StageFrame,
  layer: number,
  tile: TileBuilder,
  own: { q: Rows; k: Rows; heads: number; kvHeads: number },
): void {
  const { spec, options } = frame.context;
  const { queryKeyNorm, temperature } = spec.attention;
  const { isRotated } = layerOf(spec, layer);
  const width = spec.headWidth;
  const emitHeadNorm = (target: Rows, perToken: number, gain: number): void =>
    tile.emit({ op: 'norm', target, source: target, gain, width, perToken });
  if (queryKeyNorm === 'learned') {
    const gain = (name: string): number => tile.vector(frame.tensor(`layers.${layer}.${name}`));
    emitHeadNorm(own.q, own.heads, gain('queryNorm'));
    emitHeadNorm(own.k, own.kvHeads, gain('keyNorm'));
  }
  if (isRotated) {
    tile.emit({ op: 'rope', target: own.q, headCount: own.heads });
    tile.emit({ op: 'rope', target: own.k, headCount: own.kvHeads });
  }
  if (isRotated && queryKeyNorm === 'unit') {
    emitHeadNorm(own.q, own.heads, tile.ones(width));
    emitHeadNorm(own.k, own.kvHeads, tile.ones(width));
  }
  if (!isRotated && temperature !== undefined) {
    const { floorTokens } = temperature;
    const factors = temperatureFactors(temperature, options.contextMax);
    tile.emit({ op: 'attention-temperature', target: own.q, floorTokens, factors });
  }
}

/** Factors of queries, one per `floorTokens` positions: 1 + scale · ln(1 + index), as f32. */
function temperatureFactors(
  temperature: NonNullable<ModelSpec['attention']['temperature']>,
  contextMax: number,
): number[] {
  const { scale, floorTokens } = temperature;
  // The position after the last decides the floor: p + 1.
  return Array.from({ length: Math.floor(contextMax / floorTokens) + 1 }, (_, index) =>
    Math.fround(1 + scale * Math.log(1 + index)),
  );
}

function kvLayerBytes(frame: StageFrame, member: number): number {
  const heads = frame.shares.kvHeads[member]?.count ?? 0;
  const { spec, options } = frame.context;
  return heads * 2 * KV_BLOCK_TOKENS * kvRowBytes(options.kv, spec.headWidth);
}

/** Where a layer's keys and values are: in the pool of windows, if there is one, or with all. */
function kvOf(
  frame: StageFrame,
  layer: number,
  tile: TileBuilder,
  member: number,
): { kv: number; kvBlockStride: number; isInWindowPool: boolean } {
  const { context, layers } = frame;
  const isWindowed = (index: number): boolean =>
    context.windows !== undefined &&
    maskOf(context.spec, index, context.options.contextMax).sees !== 'all';
  const isInWindowPool = isWindowed(layer);
  const alike = Array.from({ length: layers.count }, (_, i) => layers.start + i).filter(
    (index) => isWindowed(index) === isInWindowPool,
  );
  const layerBytes = kvLayerBytes(frame, member);
  const kvBlockStride = alike.length * layerBytes;
  const [pool, blockCount] = isInWindowPool
    ? (['kv-windows', context.windows!.blockCount] as const)
    : (['kv', context.options.kvBlockCount] as const);
  const start = tile.kvPool(pool, blockCount * kvBlockStride);
  return { kv: start + alike.indexOf(layer) * layerBytes, kvBlockStride, isInWindowPool };
}
