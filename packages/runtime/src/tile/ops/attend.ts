/** Binds `attend`: one append and one attention per sequence of the step. */
import { KV_TYPES } from '@wafer/core';
import { compute } from '../bound-instruction.ts';
import type { Binder } from '../bound-instruction.ts';

export const bindAttend: Binder<'attend'> = (instruction, parts) => {
  const { kernels, step, constants } = parts;
  const { q, k, v, out, kv, heads, kvHeads, mask } = instruction;
  const { kvBlockStride, isInWindowPool } = instruction;
  const { headWidth, attentionScale, scratch } = constants;
  const kvType = KV_TYPES.indexOf(constants.kvType);
  const windowTokens = mask.sees === 'all' ? 0 : mask.windowTokens;
  const isChunk = mask.sees === 'chunk' ? 1 : 0;
  const sinks = instruction.sinks ?? 0;
  return compute(() => {
    for (let segment = 0; segment < step.segmentCount; segment++) {
      const first = step.segmentFirstRow(segment) * 4;
      const start = step.segmentStart(segment);
      const count = step.segmentRowCount(segment);
      const blocks = isInWindowPool
        ? step.segmentWindowBlocks(segment)
        : step.segmentBlocks(segment);
      kernels.kvAppend(
        kv,
        kvBlockStride,
        blocks,
        k.address + first * k.stride,
        v.address + first * v.stride,
        k.stride,
        start,
        count,
        kvHeads,
        headWidth,
        kvType,
      );
      kernels.attention(
        out.address + first * out.stride,
        out.stride,
        q.address + first * q.stride,
        q.stride,
        kv,
        kvBlockStride,
        blocks,
        start,
        count,
        heads,
        kvHeads,
        headWidth,
        attentionScale,
        windowTokens,
        isChunk,
        sinks,
        kvType,
        scratch,
      );
    }
  });
};
