/**
 * The op of attention: appends keys and values to the cache of its layer, then attends.
 *
 * Its math is in attention.ts. Letters: T tokens.
 */
import { maskOf } from '../model/attention-mask.ts';
import type { AttentionMask } from '../model/attention-mask.ts';
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import type { LayerSpec } from '../model/spec.ts';
import {
  attention,
  attentionCost,
  KV_BLOCK_TOKENS,
  kvAppend,
  kvAppendCost,
  kvBlockFloats,
} from './attention.ts';
import { sumCosts } from './cost.ts';
import type { OpRoom, ReferencePass } from './op.ts';
import type { KvPlace, Rows } from './operands.ts';

/** Appends k and v to the layer's cache and attends to what it sees. */
export interface AttendOp {
  op: 'attend';
  layer: number;
  q: NetworkValue;
  k: NetworkValue;
  v: NetworkValue;
  output: NetworkValue;
  sees: LayerSpec['sees'];
  sinks: NetworkTensor | undefined;
}

/** Appends k and v to the cache of the layer and attends to what it sees. */
export interface AttendInstruction extends KvPlace {
  op: 'attend';
  q: Rows;
  k: Rows;
  v: Rows;
  out: Rows;
  heads: number;
  kvHeads: number;
  mask: AttentionMask;
  sinks: number | undefined; // f32 [heads]
  launch: number;
}

export const ATTEND: OpRoom<AttendOp, AttendInstruction> = {
  flow: ({ q, k, v, output, sinks }) => ({
    reads: [q, k, v],
    writes: [output],
    tensors: [sinks],
  }),
  reference: attendPlain,
  lower: (op, operands) => {
    const { spec, contextMax } = operands;
    const { headWidth } = spec;
    const heads = operands.count(op.q) / headWidth;
    const place = operands.kv(op.layer);
    const out = operands.slice(op.output);
    const own = { start: operands.start(op.q) / headWidth, count: heads };
    const sinks = op.sinks && operands.vector(op.sinks, own);
    const [q, k, v] = [operands.rows(op.q), operands.rows(op.k), operands.rows(op.v)];
    const kvHeads = operands.count(op.k) / headWidth;
    const mask = maskOf(spec, op.layer, contextMax);
    const launch = operands.launch();
    return { op: 'attend', q, k, v, out, ...place, heads, kvHeads, mask, sinks, launch };
  },
  use: ({ heads, kvHeads, mask }, { step, constants: { headWidth, kvType: kv } }) => {
    const shape = { headCount: heads, kvHeadCount: kvHeads, headWidth };
    const costs = step.segments.flatMap(({ startPosition, rowCount: tokenCount }) => [
      kvAppendCost({ ...shape, tokenCount }, kv),
      attentionCost({ ...shape, startPosition, tokenCount }, { mask, kv }),
    ]);
    return { cost: sumCosts(costs), floor: 'attention', weights: undefined };
  },
};

function attendPlain(op: AttendOp, pass: ReferencePass): void {
  const { spec, rounding } = pass;
  const { headWidth, contextMax } = spec;
  const tokenCount = pass.tokens.length;
  const [headCount, kvHeadCount] = [op.q.width / headWidth, op.k.width / headWidth];
  const blockStride = kvBlockFloats({ kvHeadCount, headWidth });
  const blockCount = Math.ceil(tokenCount / KV_BLOCK_TOKENS);
  const cache = {
    kv: new Float32Array(blockCount * blockStride),
    blockTable: Int32Array.from({ length: blockCount }, (_, i) => i),
    blockStride,
  };
  const shape = { headCount, kvHeadCount, headWidth, startPosition: 0, tokenCount };
  kvAppend(cache, pass.read(op.k), pass.read(op.v), shape);
  const scale = Math.fround(1 / Math.sqrt(headWidth));
  const mask = maskOf(spec, op.layer, contextMax);
  const sinks = op.sinks && pass.tensors.vector(op.sinks.name);
  const out = pass.create(op.output);
  attention(out, pass.read(op.q), cache, shape, { scale, rounding, mask, sinks });
}
