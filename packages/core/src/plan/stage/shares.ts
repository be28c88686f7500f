/**
 * Who owns what within a stage: heads, hidden columns and rows of the outputs.
 *
 * Attention is shared out by groups of heads around one KV head, so that K and V exist once; tiles
 * beyond the KV heads hold no attention but still their share of the other matrices.
 */
import { WaferError } from '../../errors.ts';
import type { ModelSpec } from '../../model/spec.ts';
import { tensorsOfOp } from '../../ops/ops.ts';
import type { Network } from '../../network/network.ts';
import type { TensorInfo } from '../../model/tensors.ts';
import { WEIGHT_TYPES } from '../../ops/weight-types.ts';
import type { PlanOptions } from '../plan.ts';
import type { WindowPool } from '../windows.ts';
import { splitEvenly, splitRows } from '../shard.ts';
import type { Range } from '../shard.ts';

/** What every stage knows. */
export interface StageContext {
  spec: ModelSpec;
  network: Network;
  options: PlanOptions;
  tensors: Readonly<Record<string, TensorInfo>>;
  windows: WindowPool | undefined;
}

/** Who owns what within a stage, by member of its group. */
export interface StageShares {
  kvHeads: Range[];
  /** Columns of the attention output, [H * headWidth]. */
  attention: Range[];
  /** Columns of the hidden layer, [F]. */
  hidden: Range[];
  /** Rows of `o` and `down`, [D]; whole on every tile under Megatron. */
  model: Range[];
}

/** How a stage's matrices are shared out over `parts` tiles. Throws: PLAN_GRID. */
export function stageShares(context: StageContext, layers: Range, parts: number): StageShares {
  const { spec, options } = context;
  const groupWidth = (spec.headCount / spec.kvHeadCount) * spec.headWidth;
  const isMegatron = options.tensor === 'megatron';
  const unitOf = (kind: string, field: 'panelRows' | 'blockColumns'): number =>
    largestUnit(context, layers, { kinds: [kind], field });
  const blockOf = (kind: string): number => (isMegatron ? unitOf(kind, 'blockColumns') : 1);
  const headUnit = leastCommonMultiple(groupWidth, blockOf('o')) / groupWidth;
  if (spec.kvHeadCount % headUnit !== 0) {
    throw new WaferError('PLAN_GRID', {
      grid: `${options.grid.width}x${options.grid.height}`,
      reason: `o has blocks of ${blockOf('o')} inputs, a head group is ${groupWidth} wide`,
      hint: 'use the column plan or f16 weights',
    });
  }
  const kvHeads = splitEvenly(spec.kvHeadCount, parts, headUnit);
  const scaled = (range: Range): Range => ({
    start: range.start * groupWidth,
    count: range.count * groupWidth,
  });
  const panel = unitOf('gate', 'panelRows');
  const hidden = isMegatron
    ? splitEvenly(spec.ffnWidth, parts, Math.max(panel, blockOf('down')))
    : splitRows(spec.ffnWidth, parts, panel);
  const whole = Array.from({ length: parts }, () => ({ start: 0, count: spec.modelWidth }));
  const model = splitRows(spec.modelWidth, parts, unitOf('o', 'panelRows'));
  return { kvHeads, attention: kvHeads.map(scaled), hidden, model: isMegatron ? whole : model };
}

/** The largest panel or block of the layers' tensors of these kinds; 1 if there are none. */
export function largestUnit(
  { network, tensors }: StageContext,
  layers: Range,
  use: { kinds: readonly string[]; field: 'panelRows' | 'blockColumns' },
): number {
  let largest = 1;
  for (const ops of network.layers.slice(layers.start, layers.start + layers.count)) {
    for (const { name, kind } of ops.flatMap(tensorsOfOp)) {
      if (!use.kinds.includes(kind)) continue;
      largest = Math.max(largest, WEIGHT_TYPES[tensors[name]!.type][use.field]);
    }
  }
  return largest;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
