/**
 * Whether a plan fits the SRAM of its tiles, and how large a KV cache would.
 */
import { minOf } from '../lists.ts';
import { KV_BLOCK_TOKENS } from '../ops/attention.ts';
import { bytesOf } from './layout.ts';
import type { Plan, TilePlan } from './plan.ts';

/** Buffers begin on whole cache lines: what that may cost. */
const ALIGNMENT_BYTES = 64;

/** The tile that needs the most. */
export function largestTile({ tiles }: Pick<Plan, 'tiles'>): TilePlan {
  return tiles.reduce((a, b) => (b.sramBytes > a.sramBytes ? b : a));
}

/** Whether every tile holds its part. */
export function fitsSram(plan: Plan): boolean {
  return largestTile(plan).sramBytes <= plan.options.sramBytesMax;
}

/** Tokens of KV cache with which every tile would hold its part; 0 or less: none would do. */
export function kvTokensThatFit(plan: Plan): number {
  const { sramBytesMax, kvBlockCount } = plan.options;
  const blocks = plan.tiles.map(({ buffers, sramBytes }) => {
    const kvBytes = bytesOf(buffers, 'kv');
    const freeBytes = sramBytesMax - (sramBytes - kvBytes) - ALIGNMENT_BYTES;
    if (kvBytes === 0) return sramBytes <= sramBytesMax ? Infinity : 0;
    return Math.floor(freeBytes / (kvBytes / kvBlockCount));
  });
  return minOf(blocks) * KV_BLOCK_TOKENS;
}
