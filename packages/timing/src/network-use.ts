/**
 * What the ops of a network cost one of n chips that share it as Megatron does.
 *
 * A fold over the recipe (core/model/network.ts): columns of a value that is spread count 1 / n,
 * whole ones count in full. Kernels are fused as in the walk: the first matrix of a launch pays its
 * floor, norms, rotations and sums ride along. Of experts an even routing is taken.
 */
import {
  addBiasCost,
  addCost,
  attentionCost,
  embedCost,
  expertsOf,
  expertSumCost,
  kvAppendCost,
  linearCost,
  maskOf,
  rmsNormCost,
  ropeCost,
  routeCost,
  swigluCost,
} from '@wafer/core';
import type {
  ModelSpec,
  NetworkOp,
  NetworkOpOf,
  NetworkTensor,
  NetworkValue,
  OpCost,
  WeightType,
} from '@wafer/core';
import { expertCost, expertLoad, sumCosts } from './expert-load.ts';
import type { FloorKind, OpUse } from './op-time.ts';
import { rowsOf } from './step.ts';
import type { StepShape } from './step.ts';

/** What decides what an op costs, beside the op. */
export interface NetworkShare {
  spec: ModelSpec;
  type: WeightType;
  chipCount: number;
  step: StepShape;
}

type Uses = {
  [Op in NetworkOp['op']]: (op: NetworkOpOf<Op>, share: NetworkShare, leads: boolean) => OpUse;
};

/** One chip's uses of ops, in order; ops of one layer, or of one end of the network. */
export function networkUses(ops: readonly NetworkOp[], share: NetworkShare): OpUse[] {
  const launches = new Set<number>();
  return ops.map((op) => {
    const leads = op.op === 'linear' && !launches.has(op.launch);
    if (op.op === 'linear') launches.add(op.launch);
    return useOf(op, share, leads);
  });
}

function useOf<Op extends NetworkOp['op']>(
  op: NetworkOpOf<Op>,
  share: NetworkShare,
  leads: boolean,
): OpUse {
  const use = USES[op.op as Op];
  return use(op, share, leads);
}

const USES: Uses = {
  embed: ({ table: { columns } }, { type, step }) => ({
    cost: embedCost({ type, columns }, rowsOf(step)),
    floor: 'none',
    weights: type,
  }),
  norm: ({ input, width }, share) => {
    const pieces = widthOf(input, share) / width;
    return plain(rmsNormCost({ tokenCount: rowsOf(share.step) * pieces, width }));
  },
  linear: ({ input, output, bias }, share, leads) => {
    const tokenCount = rowsOf(share.step);
    const rows = widthOf(output, share);
    const matrix = { type: share.type, rows, columns: widthOf(input, share) };
    const biased = bias === undefined ? [] : [addBiasCost({ tokenCount, width: rows })];
    const cost = sumCosts([linearCost(matrix, tokenCount), ...biased]);
    return { cost, floor: leads ? 'matrix' : 'none', weights: share.type };
  },
  rope: ({ target }, share) => {
    const { headWidth, rope } = share.spec;
    const headCount = widthOf(target, share) / headWidth;
    const { rotaryWidth } = rope;
    return plain(ropeCost({ tokenCount: rowsOf(share.step), headCount, headWidth, rotaryWidth }));
  },
  'attention-temperature': ({ target }, share) => plain(sumOf(target, share)),
  attend: ({ q, k, layer }, share) => {
    const { headWidth, contextMax } = share.spec;
    const headCount = widthOf(q, share) / headWidth;
    const heads = { headCount, kvHeadCount: widthOf(k, share) / headWidth, headWidth };
    const mask = maskOf(share.spec, layer, contextMax);
    const costs = share.step.segments.flatMap(({ startPosition, rowCount: tokenCount }) => [
      kvAppendCost({ ...heads, tokenCount }),
      attentionCost({ ...heads, startPosition, tokenCount }, { mask }),
    ]);
    return plain(sumCosts(costs), 'attention');
  },
  swiglu: ({ output }, share) => {
    const width = widthOf(output, share);
    return plain(swigluCost({ tokenCount: rowsOf(share.step), width }));
  },
  add: ({ target }, share) => plain(sumOf(target, share)),
  route: ({ logits }, { step }) =>
    plain(routeCost({ tokenCount: rowsOf(step), expertCount: logits.width })),
  expertHidden: ({ experts, output }, share) => {
    const matrices = experts.flatMap(({ gate, up }) => [gate, up]);
    const width = widthOf(output, share);
    const { rowCount: tokenCount } = loadOf(share);
    const active = swigluCost({ tokenCount, width });
    return expertUse([ofExperts(matrices, share, { rows: width }), active], share);
  },
  expertDown: ({ experts, input }, share) => {
    const matrices = experts.map(({ down }) => down);
    return expertUse([ofExperts(matrices, share, { columns: widthOf(input, share) })], share);
  },
  expertSum: ({ output }, { spec, step }) => {
    const { chosenCount } = expertsOf(spec);
    const { width } = output;
    return plain(expertSumCost({ tokenCount: rowsOf(step), chosenCount, width }));
  },
  logits: ({ input, output }, share) => {
    const { type, step } = share;
    const columns = input.width;
    const cost = sumCosts([
      rmsNormCost({ tokenCount: step.logitRows, width: columns }),
      linearCost({ type, rows: widthOf(output, share), columns }, step.logitRows),
    ]);
    return { cost, floor: 'matrix', weights: type };
  },
};

/** A chip's columns of a value; a fraction where they do not divide. */
function widthOf({ width, spread }: NetworkValue, { chipCount }: NetworkShare): number {
  return spread === 'whole' ? width : width / chipCount;
}

function sumOf(value: NetworkValue, share: NetworkShare): OpCost {
  return addCost({ tokenCount: rowsOf(share.step), width: widthOf(value, share) });
}

function loadOf({ spec, step }: NetworkShare): ReturnType<typeof expertLoad> {
  const experts = expertsOf(spec);
  return expertLoad(experts, { ownCount: experts.expertCount, tokenCount: rowsOf(step) });
}

/** One matrix of each expert, some of its rows or columns. */
function ofExperts(
  matrices: readonly NetworkTensor[],
  share: NetworkShare,
  own: { rows?: number; columns?: number },
): OpCost {
  const { type } = share;
  const cut = matrices.map(({ rows, columns }) => ({ type, rows, columns, ...own }));
  return expertCost(cut, loadOf(share));
}

function expertUse(costs: OpCost[], { type }: NetworkShare): OpUse {
  return { cost: sumCosts(costs), floor: 'matrix', weights: type };
}

function plain(cost: OpCost, floor: FloorKind = 'none'): OpUse {
  return { cost, floor, weights: undefined };
}
