/**
 * The kernels of an instruction, by the sizes that their time depends on.
 *
 * Letters: T tokens, N outputs, K inputs.
 */
import { plural, rowsOf } from '@wafer/core';
import type { Instruction, ProgramConstants, StepShape, WeightType } from '@wafer/core';

/** One call of a kernel; `tokens` is T. */
export type KernelShape =
  | { op: 'linear'; type: WeightType; rows: number; columns: number; tokens: number }
  | AttendShape
  | { op: 'rope'; heads: number; headWidth: number; tokens: number }
  | { op: 'norm' | 'swiglu' | 'add'; width: number; tokens: number };

/** Keys and values of T tokens appended, then T queries over all positions. */
interface AttendShape {
  op: 'attend';
  heads: number;
  kvHeads: number;
  headWidth: number;
  positions: number;
  tokens: number;
}

/** What an instruction depends on beside itself. */
export interface ShapeContext {
  step: StepShape;
  constants: Pick<ProgramConstants, 'headWidth'>;
}

/**
 * The kernels that an instruction calls; none where it has no kernel of a listed kind. The rows
 * that `logits` picks, and their norm, are in the time of its product: they are bound as one.
 */
export function kernelShapesOf(
  instruction: Instruction,
  { step, constants: { headWidth } }: ShapeContext,
): KernelShape[] {
  const tokens = rowsOf(step);
  switch (instruction.op) {
    case 'linear': {
      const { type, rows, columns } = instruction.weights;
      return [{ op: 'linear', type, rows, columns, tokens }];
    }
    case 'logits': {
      if (instruction.weights === undefined || step.logitRows === 0) return [];
      const { type, rows, columns } = instruction.weights;
      return [{ op: 'linear', type, rows, columns, tokens: step.logitRows }];
    }
    case 'attend': {
      const { heads, kvHeads } = instruction;
      return step.segments.map(({ startPosition, rowCount }) => ({
        ...({ op: 'attend', heads, kvHeads, headWidth } as const),
        positions: startPosition + rowCount,
        tokens: rowCount,
      }));
    }
    case 'norm':
      return [{ op: 'norm', width: instruction.width, tokens: tokens * instruction.perToken }];
    case 'rope':
      return [{ op: 'rope', heads: instruction.headCount, headWidth, tokens }];
    case 'swiglu':
      return [{ op: 'swiglu', width: instruction.count, tokens }];
    case 'add':
      return [{ op: 'add', width: instruction.target.stride, tokens }];
    default:
      return [];
  }
}

/** Names a shape; equal shapes have equal names. */
export function shapeName(shape: KernelShape): string {
  const tokens = plural(shape.tokens, 'token');
  switch (shape.op) {
    case 'linear':
      return `linear ${shape.type} ${shape.rows}x${shape.columns}, ${tokens}`;
    case 'attend': {
      const { heads, kvHeads, headWidth, positions } = shape;
      return `attend ${heads}/${kvHeads}x${headWidth} over ${positions}, ${tokens}`;
    }
    case 'rope':
      return `rope ${shape.heads}x${shape.headWidth}, ${tokens}`;
    default:
      return `${shape.op} ${shape.width}, ${tokens}`;
  }
}

/** What a call's time grows with, among shapes of one kernel and as many tokens. */
export function shapeWork(shape: KernelShape): number {
  switch (shape.op) {
    case 'linear':
      return shape.tokens * shape.rows * shape.columns;
    case 'attend':
      return shape.tokens * shape.heads * shape.headWidth * shape.positions;
    case 'rope':
      return shape.tokens * shape.heads * shape.headWidth;
    default:
      return shape.tokens * shape.width;
  }
}
