/**
 * A model from its shape alone, and its first weights out of a seed.
 */
import { PLAIN_NETWORK, WaferError } from '@wafer/core';
import type { ModelSpec, NetworkTensor } from '@wafer/core';
import { mixtralExperts, SPEC_LIMITS } from '@wafer/models';
import { fillUniform } from '../generator.ts';

/** What a Llama, or with experts a Mixtral, is made of; the rest follows. */
export interface NewModelShape {
  layers: number;
  width: number;
  heads: number;
  kvHeads: number;
  ffn: number;
  vocab: number;
  context: number;
  isTied: boolean;
  /** Experts instead of dense layers, each of `ffn` hidden columns, and how many a token meets. */
  experts?: { count: number; chosen: number } | undefined;
}

/** What an even use of experts counts in a new model: Switch's 1e-2. */
const NEW_BALANCE_LOSS = 0.01;

/** The spec of a shape. Throws: TRAIN_OPTION. */
export function specOfShape(shape: NewModelShape): ModelSpec {
  const { layers, width, heads, kvHeads, ffn, vocab, context, isTied, experts } = shape;
  const refuse = (option: string, value: number, expected: string): WaferError =>
    new WaferError('TRAIN_OPTION', { option, value, expected });
  if (width % (2 * heads) !== 0) throw refuse('width', width, `a multiple of ${2 * heads}`);
  if (heads % kvHeads !== 0) throw refuse('kvHeads', kvHeads, `a divisor of ${heads}`);
  if (vocab < 2) throw refuse('vocab', vocab, 'a whole number from 2 on');
  const { count = 1, chosen = 1 } = experts ?? {};
  if (chosen > count) throw refuse('expertsPerToken', chosen, `at most the ${count} experts`);
  const most = Math.min(SPEC_LIMITS.expertCount, Math.floor(SPEC_LIMITS.expertsInAll / layers));
  if (count > most) throw refuse('experts', count, `at most ${most} in each of ${layers} layers`);
  const headWidth = width / heads;
  return {
    ...PLAIN_NETWORK,
    family: 'llama',
    vocabCount: vocab,
    modelWidth: width,
    layerCount: layers,
    headCount: heads,
    kvHeadCount: kvHeads,
    headWidth,
    ffnWidth: ffn,
    contextMax: context,
    normEpsilon: 1e-5,
    rope: { theta: 10_000, scaling: { kind: 'none' }, layout: 'halves', rotaryWidth: headWidth },
    biases: { qkv: false, attentionOutput: false, ffn: false },
    hasTiedEmbeddings: isTied,
    ...(experts && expertsOfShape(experts, ffn)),
  };
}

/** Mixtral's experts, in every layer. */
function expertsOfShape(
  { count, chosen }: { count: number; chosen: number },
  width: number,
): Pick<ModelSpec, 'family' | 'layers' | 'experts'> {
  const { experts, ...rest } = mixtralExperts(count, chosen, width);
  return { ...rest, experts: { ...experts, balanceLoss: NEW_BALANCE_LOSS } };
}

/** Whether a vector of this kind is added, not multiplied with: of a matrix, or of a choice. */
export function isBiasKind(kind: string): boolean {
  return kind.endsWith('bias') || kind.endsWith('Bias');
}

/**
 * First weights of tensor `index`: norms 1, biases 0, embedding and head within ±0.04, matrices
 * within ±1 / √inputs; those that write to the residual rows divided by √(2 · layers).
 */
export function fillInitial(
  target: Float32Array,
  tensor: NetworkTensor,
  use: { spec: ModelSpec; seed: number; index: number },
): void {
  const { isVector, kind, columns, layer } = tensor;
  if (isVector) {
    target.fill(isBiasKind(kind) ? 0 : 1);
    return;
  }
  const { spec, seed, index } = use;
  const isResidual = ['o', 'down', 'experts.down', 'shared.down'].includes(kind);
  const a = layer === undefined ? 0.04 : 1 / Math.sqrt(columns);
  const divisor = isResidual ? Math.sqrt(2 * spec.layerCount) : 1;
  fillUniform(target, { seed, tensor: index, a: a / divisor });
}
