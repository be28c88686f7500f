/**
 * The pool of KV blocks of layers that see a window or a chunk: they keep what a later query sees.
 *
 * Every running sequence holds the blocks of its window and those of its rows in the step:
 *
 *     … released │ block │ block │ … │ block │ rows of the step │
 *                ▲ first position that the next query sees
 *
 * So the pool needs sequences × blocks of a window, and the rows of one step. As much again, up to
 * a quarter of the KV cache, keeps ends of prefixes that nobody holds, for whoever begins alike.
 */
import { maskOf } from '../model/attention-mask.ts';
import type { AttentionMask } from '../model/attention-mask.ts';
import type { ModelSpec } from '../model/spec.ts';
import { KV_BLOCK_TOKENS } from '../ops/attention.ts';

/** KV blocks of the layers with windows. */
export interface WindowPool {
  /** What these layers see, the widest of them. */
  mask: AttentionMask;
  /** Enough for all sequences at once, and for some prefixes. */
  blockCount: number;
  /** Blocks that one sequence holds at most. */
  sequenceBlocksMax: number;
}

/** What decides how large the pool is, of the options of a plan. */
export interface WindowLimits {
  contextMax: number;
  sequencesMax: number;
  rowsMax: number;
  kvBlockCount: number;
  releasesWindows: boolean;
}

/** The pool, if there are such layers and it is smaller than the KV cache of all positions. */
export function windowPool(spec: ModelSpec, options: WindowLimits): WindowPool | undefined {
  const { contextMax, sequencesMax, rowsMax, kvBlockCount } = options;
  if (!options.releasesWindows) return undefined;
  const masks = Array.from({ length: spec.layerCount }, (_, i) => maskOf(spec, i, contextMax));
  const mask =
    masks.find(({ sees }) => sees === 'window') ?? masks.find(({ sees }) => sees === 'chunk');
  if (mask === undefined) return undefined;
  // A window of w positions before the next row lies in this many blocks, wherever it begins.
  const held = Math.ceil(Math.max(0, mask.windowTokens - 1) / KV_BLOCK_TOKENS) + 1;
  const ofRows = Math.ceil(rowsMax / KV_BLOCK_TOKENS);
  const neededCount = sequencesMax * (held + 1) + ofRows;
  const blockCount = neededCount + Math.min(neededCount, kvBlockCount >> 2);
  if (blockCount >= kvBlockCount) return undefined;
  return { mask, blockCount, sequenceBlocksMax: held + ofRows + 1 };
}
