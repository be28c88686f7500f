/**
 * The head of a network: norms the rows that need logits, and multiplies them with its matrix.
 */
import type { NetworkTensor } from '../model/network-tensors.ts';
import type { NetworkValue } from '../model/network-value.ts';
import { sumCosts } from './cost.ts';
import { linearCost, linearRows } from './linear.ts';
import type { OpRoom } from './op.ts';
import type { PackedMatrix, Rows } from './operands.ts';
import { rmsNorm, rmsNormCost } from './rms-norm.ts';

/** Norms the rows that need logits, and multiplies them with the head. */
export interface LogitsOp {
  op: 'logits';
  input: NetworkValue;
  output: NetworkValue;
  gain: NetworkTensor;
  weights: NetworkTensor;
}

/** Norms the logit rows of source, computes this tile's logits and hands them to the host. */
export interface LogitsInstruction {
  op: 'logits';
  source: Rows;
  gain: number;
  picked: Rows; // [logitRowsMax, D]
  weights: PackedMatrix | undefined; // undefined: this tile only reports
  logits: Rows; // [logitRowsMax, rows]
  firstId: number;
  launch: number;
}

export const LOGITS: OpRoom<LogitsOp, LogitsInstruction> = {
  flow: ({ input, output, gain, weights }) => ({
    reads: [input],
    writes: [output],
    tensors: [gain, weights],
  }),
  reference: ({ input, output, gain, weights }, pass) => {
    const x = pass.read(input);
    const normed = new Float32Array(x.length);
    const { spec, rounding } = pass;
    const options = { tokenCount: pass.tokens.length, epsilon: spec.normEpsilon, rounding };
    rmsNorm(normed, x, pass.tensors.vector(gain.name), options);
    pass.create(output).set(linearRows(pass, normed, { weights }));
  },
  lower: ({ input, output, gain, weights }, operands) => {
    const { matrix, firstId } = operands.table(weights);
    return {
      op: 'logits',
      source: operands.rows(input),
      gain: operands.vector(gain),
      picked: operands.inner({ name: 'picked', rows: 'picked', width: input.width }),
      weights: matrix,
      logits: operands.rows(output),
      firstId,
      launch: operands.launch(),
    };
  },
  use: ({ weights }, { step: { logitRows: tokenCount } }) => {
    if (!weights || tokenCount === 0) return undefined;
    const norm = rmsNormCost({ tokenCount, width: weights.columns });
    const cost = sumCosts([norm, linearCost(weights, tokenCount)]);
    return { cost, floor: 'matrix', weights: weights.type };
  },
};
