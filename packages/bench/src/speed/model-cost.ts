/**
 * What a token costs, from the shapes alone: bytes that must be read and operations to be done.
 *
 * A multiply-add counts as two operations. A step reads every packed matrix once, whatever the
 * number of sequences in it, and of experts those that an even routing chooses; a token reads the
 * keys and values before it, in whole blocks, and a tied embedding counts once, as the head. Chunks
 * of a prompt before its last end at the last layer's attention.
 */
import {
  assert,
  isVector,
  KV_BLOCK_TOKENS,
  networkOps,
  tensorBytes,
  tensorsOfOp,
  touchedShare,
} from '@wafer/core';
import type { ProgramName, TensorInfo } from '@wafer/core';
import type { Model } from '@wafer/runtime';
import type { SpeedTask } from '../task/speed-task.ts';

/** Totals of one run of a task. */
export interface TaskCost {
  /** Packed weights and KV cache. */
  bytes: number;
  flops: number;
  /** Tokens whose rate is measured. */
  tokens: number;
}

/** Rows of a step of a prefill; the default of a wafer. */
const STEP_ROWS = 128;

/** Packed bytes that a step of this many tokens reads; with experts, of an even routing. */
export function stepWeightBytes(
  model: Model,
  tokenCount = 1,
  program: ProgramName = 'infer',
): number {
  const { experts } = model.spec;
  const share = experts ? touchedShare(experts, tokenCount) : 1;
  return stepTensors(model, program).reduce(
    (sum, tensor) => sum + tensorBytes(tensor) * (tensor.isOfExpert ? share : 1),
    0,
  );
}

/** Packed bytes that a wafer holds for decoding, whatever a step reads of them. */
export function heldWeightBytes(model: Model): number {
  return stepTensors(model, 'infer').reduce((sum, tensor) => sum + tensorBytes(tensor), 0);
}

/** Bytes of keys and values of one position, over all layers. */
export function kvBytesPerPosition({ spec }: Model): number {
  return 2 * spec.layerCount * spec.kvHeadCount * spec.headWidth * 4;
}

/** What a prefill or a decoding costs. */
export function taskCost(model: Model, task: SpeedTask): TaskCost | undefined {
  if (task.kind === 'prefill') return prefillCost(model, task.promptTokens);
  if (task.kind !== 'decode') return undefined;
  const { sequences, promptTokens, tokens } = task;
  const kvPositions = sumOver(promptTokens + 1, promptTokens + tokens - 1, wholeBlocks);
  const positions = sumOver(promptTokens + 1, promptTokens + tokens - 1, (position) => position);
  const steps = tokens - 1;
  return {
    bytes:
      steps * stepWeightBytes(model, sequences) +
      sequences * kvPositions * kvBytesPerPosition(model),
    flops:
      sequences * (steps * 2 * stepWeights(model, 'infer') + positions * attentionFlops(model)),
    tokens: sequences * steps,
  };
}

function prefillCost(model: Model, promptTokens: number): TaskCost {
  const steps = Math.ceil(promptTokens / STEP_ROWS);
  const extended = (steps - 1) * STEP_ROWS;
  const last = promptTokens - extended;
  const head = headWeights(model);
  const positions = sumOver(1, promptTokens, (position) => position);
  const kvPositions = sumOver(1, steps, (step) => Math.min(promptTokens, step * STEP_ROWS));
  return {
    bytes:
      (steps - 1) * stepWeightBytes(model, STEP_ROWS, 'extend') +
      stepWeightBytes(model, last) +
      kvPositions * kvBytesPerPosition(model),
    flops:
      2 * extended * stepWeights(model, 'extend') +
      2 * last * (stepWeights(model, 'infer') - head) +
      2 * head +
      positions * attentionFlops(model),
    tokens: promptTokens,
  };
}

/** Tensors that a step reads; `isOfExpert`: by those that choose the expert. */
interface StepTensor extends TensorInfo {
  isOfExpert: boolean;
}

function stepTensors({ spec, source }: Model, program: ProgramName): StepTensor[] {
  const { layers, logits } = networkOps(spec);
  const all = [...layers.flat(), logits];
  const end = all.findLastIndex(({ op }) => op === 'attend') + 1;
  const ops = program === 'extend' ? all.slice(0, end) : all;
  return ops.flatMap(tensorsOfOp).map(({ name, expert }) => {
    const tensor = source.tensors[name];
    assert(tensor !== undefined, 'the model has the tensor', { name });
    return { ...tensor, isOfExpert: expert !== undefined };
  });
}

/** Elements of all matrices that a token is multiplied with. */
function stepWeights(model: Model, program: ProgramName): number {
  const { experts } = model.spec;
  const share = experts ? experts.chosenCount / experts.expertCount : 1;
  return stepTensors(model, program)
    .filter((tensor) => !isVector(tensor))
    .reduce((sum, tensor) => {
      const count = tensor.rows * tensor.columns;
      return sum + count * (tensor.isOfExpert ? share : 1);
    }, 0);
}

function headWeights({ spec }: Model): number {
  return spec.vocabCount * spec.modelWidth;
}

/** Operations of one query on one position, over all layers: scores and mixing. */
function attentionFlops({ spec }: Model): number {
  const attends = networkOps(spec)
    .layers.flat()
    .filter((op) => op.op === 'attend');
  return attends.reduce((sum, { q }) => sum + 4 * q.width, 0);
}

function wholeBlocks(position: number): number {
  return Math.ceil(position / KV_BLOCK_TOKENS) * KV_BLOCK_TOKENS;
}

function sumOver(first: number, last: number, value: (index: number) => number): number {
  let sum = 0;
  for (let index = first; index <= last; index++) sum += value(index);
  return sum;
}
