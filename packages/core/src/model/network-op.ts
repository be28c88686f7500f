/**
 * One op of a network: the values that it reads and writes, and its tensors.
 *
 * A value is [T, width] unless it says otherwise. Letters: T tokens, k chosen experts.
 */
import type { ExpertTensors, NetworkTensor } from './network-tensors.ts';
import type { LayerSpec } from './spec.ts';

/** In which unit the columns of a value can be shared out; `whole`: everyone has all of them. */
export type Spread =
  | 'whole'
  | 'heads'
  | 'kv-heads'
  | 'ffn'
  | 'router'
  | 'experts'
  | 'shared'
  | 'vocab';

/** Rows that ops hand on. */
export interface NetworkValue {
  name: string;
  /** One row per token, per token and chosen expert (grouped by expert), or per row of logits. */
  rows: 'tokens' | 'slots' | 'picked';
  width: number;
  spread: Spread;
}

/** Linear layers with the same launch read the same input, and can be one kernel. */
type Launch = number;

export type NetworkOp =
  /** output[t] = table[token[t]]. */
  | { op: 'embed'; output: NetworkValue; table: NetworkTensor }
  /** output = rmsNorm(input) · gain, by pieces of `width`; no gain: all ones. */
  | {
      op: 'norm';
      input: NetworkValue;
      output: NetworkValue;
      gain: NetworkTensor | undefined;
      width: number;
    }
  /** output = weights · input (+ bias). */
  | {
      op: 'linear';
      input: NetworkValue;
      output: NetworkValue;
      weights: NetworkTensor;
      bias: NetworkTensor | undefined;
      launch: Launch;
    }
  /** Rotates the heads of `target` in place. */
  | { op: 'rope'; target: NetworkValue }
  /** Multiplies queries by a factor that grows with their position, in place. */
  | { op: 'attention-temperature'; target: NetworkValue; scale: number; floorTokens: number }
  /** Appends k and v to the layer's cache and attends to what it sees. */
  | {
      op: 'attend';
      layer: number;
      q: NetworkValue;
      k: NetworkValue;
      v: NetworkValue;
      output: NetworkValue;
      sees: LayerSpec['sees'];
      sinks: NetworkTensor | undefined;
    }
  /** output = activation(gate, up). */
  | { op: 'swiglu'; gate: NetworkValue; up: NetworkValue; output: NetworkValue }
  /** target += input. */
  | { op: 'add'; target: NetworkValue; input: NetworkValue }
  /** Chooses and weighs k experts for each row of logits. */
  | { op: 'route'; logits: NetworkValue; selectionBias: NetworkTensor | undefined }
  /** output = activation(gate · input, up · input), per token and chosen expert. */
  | {
      op: 'expertHidden';
      input: NetworkValue;
      output: NetworkValue;
      experts: readonly ExpertTensors[];
    }
  /** output = down · input, per token and chosen expert. */
  | {
      op: 'expertDown';
      input: NetworkValue;
      output: NetworkValue;
      experts: readonly ExpertTensors[];
    }
  /** output = weighted sum of a token's experts (+ shared). */
  | {
      op: 'expertSum';
      input: NetworkValue;
      output: NetworkValue;
      shared: NetworkValue | undefined;
    }
  /** Norms the rows that need logits, and multiplies them with the head. */
  | {
      op: 'logits';
      input: NetworkValue;
      output: NetworkValue;
      gain: NetworkTensor;
      weights: NetworkTensor;
    };

/** The op of a name. */
export type NetworkOpOf<Op extends NetworkOp['op']> = Extract<NetworkOp, { op: Op }>;

/** The tensors of an op, in the order in which it needs them. */
export function tensorsOfOp(op: NetworkOp): NetworkTensor[] {
  const given = (...tensors: (NetworkTensor | undefined)[]): NetworkTensor[] =>
    tensors.filter((tensor) => tensor !== undefined);
  switch (op.op) {
    case 'embed':
      return [op.table];
    case 'norm':
      return given(op.gain);
    case 'linear':
      return given(op.weights, op.bias);
    case 'attend':
      return given(op.sinks);
    case 'route':
      return given(op.selectionBias);
    case 'expertHidden':
      return op.experts.flatMap((one) => given(one.gate, one.gateBias, one.up, one.upBias));
    case 'expertDown':
      return op.experts.flatMap((one) => given(one.down, one.downBias));
    case 'logits':
      return [op.gain, op.weights];
    case 'rope':
    case 'attention-temperature':
    case 'swiglu':
    case 'add':
    case 'expertSum':
      return [];
  }
}
