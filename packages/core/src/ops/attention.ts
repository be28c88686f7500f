/**
 * Causal attention over a paged KV cache, block by block with an online softmax.
 *
 * A block holds 16 consecutive positions; block b of a sequence lies at `blockTable[b]` strides:
 *
 *   kv block   [kvHeadCount] heads of   K [headWidth][16 tokens], then V [16 tokens][headWidth]
 *
 * For each query and head alone, blocks are folded in ascending order, from the one that holds the
 * first position it sees. Scores are multiply-add chains over headWidth, then scaled. Tokens that
 * the query does not see count as -∞ and their V is not read, so the result depends on no other
 * query, chunk or block placement. It begins with m = -MAX, l = 0, o = 0; or, with a sink, with
 * m = sink, l = 1: a score that has no value. Per block:
 * m' = max(m, scores); a = exp(m - m'); p = exp(score - m'); l = fma(l, a, fold(p)); o = o · a,
 * then o = fma(p, v, o) per token seen. In the end o / l.
 *
 * Source: Milakov and Gimelshein 2018 (online softmax); Kwon et al. 2023 (paged KV cache);
 * Xiao et al. 2023 (sinks).
 */
import { firstSeen, SEES_ALL } from '../model/attention-mask.ts';
import type { AttentionMask } from '../model/attention-mask.ts';
import { F32_BYTES, type OpCost } from './cost.ts';
import { exp32 } from './exp.ts';
import { kvRowBytes, type KvType, roundKv } from './kv-types.ts';
import { type MultiplyAdd, multiplyAdd, type Rounding } from './fma.ts';
import { foldLanes } from './lanes.ts';

/** Positions per KV block. */
export const KV_BLOCK_TOKENS = 16;

/** No score yet: finite, so that a block of which a query sees nothing changes nothing. */
const LARGEST_START = -3.4028234663852886e38;

/** Shape of one tile's heads. */
export interface HeadShape {
  headCount: number;
  kvHeadCount: number;
  headWidth: number;
}

/** A paged KV cache and one sequence's blocks in it. */
export interface PagedKv {
  kv: Float32Array;
  blockTable: Int32Array;
  /** Elements between two blocks: `kvBlockFloats` or more. */
  blockStride: number;
}

/** Elements of one KV block. */
export function kvBlockFloats(shape: Pick<HeadShape, 'kvHeadCount' | 'headWidth'>): number {
  return shape.kvHeadCount * kvHeadFloats(shape.headWidth);
}

/**
 * Writes k and v of T tokens from `startPosition` on, as a cache of a type keeps them.
 * Shapes: k, v [T, kvHeadCount, headWidth].
 */
export function kvAppend(
  cache: PagedKv,
  k: Float32Array,
  v: Float32Array,
  shape: { startPosition: number; tokenCount: number; kvHeadCount: number; headWidth: number },
  type: KvType = 'f32',
): void {
  const { headWidth, kvHeadCount } = shape;
  const [keptK, keptV] = [k.slice(), v.slice()];
  roundKv(type, keptK, headWidth);
  roundKv(type, keptV, headWidth);
  for (let t = 0; t < shape.tokenCount; t++) {
    const lane = (shape.startPosition + t) % KV_BLOCK_TOKENS;
    const block = blockStart(cache, (shape.startPosition + t - lane) / KV_BLOCK_TOKENS);
    for (let head = 0; head < kvHeadCount; head++) {
      const keys = block + head * kvHeadFloats(headWidth);
      const values = keys + headWidth * KV_BLOCK_TOKENS;
      for (let d = 0; d < headWidth; d++) {
        const from = (t * kvHeadCount + head) * headWidth + d;
        cache.kv[keys + d * KV_BLOCK_TOKENS + lane] = keptK[from] as number;
        cache.kv[values + lane * headWidth + d] = keptV[from] as number;
      }
    }
  }
}

/** What attention does besides its shape. */
export interface AttentionOptions {
  scale: number;
  rounding: Rounding;
  /** Default: all. */
  mask?: AttentionMask;
  /** A score per head that has no value, [headCount]. Default: none. */
  sinks?: Float32Array | undefined;
}

/** Attention of T queries from `startPosition` on. Shapes: q, out [T, headCount, headWidth]. */
export function attention(
  out: Float32Array,
  q: Float32Array,
  cache: PagedKv,
  shape: HeadShape & { startPosition: number; tokenCount: number },
  options: AttentionOptions,
): void {
  const { headCount, headWidth } = shape;
  const { mask = SEES_ALL, sinks } = options;
  const fma = multiplyAdd(options.rounding);
  const scale = Math.fround(options.scale);
  const group = headCount / shape.kvHeadCount;
  for (let t = 0; t < shape.tokenCount; t++) {
    for (let head = 0; head < headCount; head++) {
      const start = (t * headCount + head) * headWidth;
      const query = q.subarray(start, start + headWidth);
      const kvHead = Math.floor(head / group);
      const position = shape.startPosition + t;
      const where = { kvHead, position, first: firstSeen(position, mask), scale };
      out.set(attendHead(query, cache, { ...where, sink: sinks?.[head] }, fma), start);
    }
  }
}

function attendHead(
  query: Float32Array,
  cache: PagedKv,
  where: {
    kvHead: number;
    position: number;
    first: number;
    scale: number;
    sink: number | undefined;
  },
  fma: MultiplyAdd,
): Float32Array {
  const headWidth = query.length;
  const sum = new Float32Array(headWidth);
  const p = new Float32Array(KV_BLOCK_TOKENS);
  let largest = where.sink ?? LARGEST_START;
  let weight = where.sink === undefined ? 0 : 1;
  const start = where.first - (where.first % KV_BLOCK_TOKENS);
  for (let at = start; at <= where.position; at += KV_BLOCK_TOKENS) {
    const block = blockStart(cache, at / KV_BLOCK_TOKENS);
    const keys = block + where.kvHead * kvHeadFloats(headWidth);
    const begin = Math.max(0, where.first - at);
    const end = Math.min(KV_BLOCK_TOKENS, where.position - at + 1);
    scoreBlock(p, query, cache.kv, { keys, begin, end, scale: where.scale }, fma);
    const before = largest;
    for (let j = begin; j < end; j++) largest = Math.max(largest, p[j] as number);
    for (let j = 0; j < p.length; j++) p[j] = exp32(Math.fround((p[j] as number) - largest), fma);
    const kept = exp32(Math.fround(before - largest), fma);
    weight = fma(weight, kept, foldLanes(p));
    const values = keys + headWidth * KV_BLOCK_TOKENS;
    for (let d = 0; d < headWidth; d++) {
      let chain = Math.fround((sum[d] as number) * kept);
      for (let j = begin; j < end; j++) {
        chain = fma(p[j] as number, cache.kv[values + j * headWidth + d] as number, chain);
      }
      sum[d] = chain;
    }
  }
  return sum.map((value) => value / weight);
}

/** Scaled scores of a block's 16 tokens; those from `begin` to `end` are seen, the others -∞. */
function scoreBlock(
  scores: Float32Array,
  query: Float32Array,
  kv: Float32Array,
  block: { keys: number; begin: number; end: number; scale: number },
  fma: MultiplyAdd,
): void {
  scores.fill(-Infinity);
  for (let j = block.begin; j < block.end; j++) {
    let score = 0;
    for (let d = 0; d < query.length; d++) {
      score = fma(query[d] as number, kv[block.keys + d * KV_BLOCK_TOKENS + j] as number, score);
    }
    scores[j] = score * block.scale;
  }
}

function kvHeadFloats(headWidth: number): number {
  return 2 * KV_BLOCK_TOKENS * headWidth;
}

function blockStart(cache: PagedKv, index: number): number {
  return (cache.blockTable[index] as number) * cache.blockStride;
}

/** Cost of attention: scores and weighted values of the positions that each query sees. */
export function attentionCost(
  shape: HeadShape & { startPosition: number; tokenCount: number },
  options: { mask?: AttentionMask; kv?: KvType } = {},
): OpCost {
  const { headCount, kvHeadCount, headWidth, startPosition, tokenCount } = shape;
  const { mask = SEES_ALL, kv = 'f32' } = options;
  const end = startPosition + tokenCount;
  let seen = tokenCount * startPosition + (tokenCount * (tokenCount + 1)) / 2;
  if (mask.sees !== 'all') {
    for (let position = startPosition; position < end; position++) {
      seen -= firstSeen(position, mask);
    }
  }
  const rows = 2 * (end - firstSeen(startPosition, mask)) * kvHeadCount;
  const activationBytes = 2 * tokenCount * headCount * headWidth * F32_BYTES;
  return {
    flops: 4 * seen * headCount * headWidth,
    weightBytes: 0,
    ...withKvBytes(activationBytes, rows, headWidth, kv),
  };
}

/** Cost of appending to the KV cache: a copy. */
export function kvAppendCost(
  shape: Pick<HeadShape, 'kvHeadCount' | 'headWidth'> & { tokenCount: number },
  kv: KvType = 'f32',
): OpCost {
  const { tokenCount, kvHeadCount, headWidth } = shape;
  const rows = 2 * tokenCount * kvHeadCount;
  return {
    flops: 0,
    weightBytes: 0,
    ...withKvBytes(rows * headWidth * F32_BYTES, rows, headWidth, kv),
  };
}

/** Keys and values in f32 are as wide as activations, wherever those are narrower, too. */
function withKvBytes(
  activationBytes: number,
  rows: number,
  headWidth: number,
  kv: KvType,
): Pick<OpCost, 'activationBytes' | 'kvBytes'> {
  const kvBytes = rows * kvRowBytes(kv, headWidth);
  return kv === 'f32'
    ? { activationBytes: activationBytes + kvBytes }
    : { activationBytes, kvBytes };
}
