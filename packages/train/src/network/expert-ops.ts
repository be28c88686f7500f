/**
 * The ops of a layer of experts, as training runs them: rows of tokens go to the experts that they
 * chose, slot by slot, and come back weighted.
 *
 *   router → route → probabilities [T, E], weights [T, k]
 *   normed → gather → gate, up → swiglu → down → combine → routed         slots, but the ends
 *
 * Letters: T tokens, E experts, k chosen.
 */
import { expertsOf, layerOf, WaferError } from '@wafer/core';
import type { ModelSpec, NetworkOp, NetworkTensor, NetworkValue } from '@wafer/core';
import type { Adapter } from './adapter.ts';
import type { GradientUse, TrainSlot } from './slots.ts';
import type { TrainSettings } from '../settings.ts';

/** One matrix of one expert. */
export interface ExpertMatrix {
  weights: NetworkTensor;
  bias: NetworkTensor | undefined;
}

/** `route` of an op is the index of the one that chose. */
export type ExpertTrainOp =
  | {
      op: 'route';
      logits: TrainSlot;
      /** Added to scores for the choice alone; no gradient moves it. */
      selectionBias: NetworkTensor | undefined;
      /** Where they are no softmax: what each logit becomes by itself. */
      scores: TrainSlot | undefined;
      probabilities: TrainSlot;
      weights: TrainSlot;
      dy: string;
      dx: GradientUse;
    }
  | {
      op: 'gather';
      route: number;
      input: TrainSlot;
      output: TrainSlot;
      dy: string;
      dx: GradientUse;
    }
  | {
      /** A matrix of each expert, by expert. */
      op: 'experts';
      route: number;
      input: TrainSlot;
      output: TrainSlot;
      matrices: readonly ExpertMatrix[];
      dy: string;
      dx: GradientUse;
    }
  | {
      /** An adapter of each expert, of the matrices before it: see `adapt`. */
      op: 'adaptExperts';
      route: number;
      input: TrainSlot;
      low: TrainSlot;
      high: TrainSlot;
      output: TrainSlot;
      adapters: readonly Adapter[];
      dy: string;
      dx: GradientUse;
    }
  | {
      op: 'combine';
      route: number;
      input: TrainSlot;
      weights: TrainSlot;
      shared: TrainSlot | undefined;
      output: TrainSlot;
      dy: string;
    };

/** SwiGLU of the rows of slots. */
interface SlotSwiglu {
  op: 'swiglu';
  route: number;
  gate: TrainSlot;
  up: TrainSlot;
  output: TrainSlot;
  dy: string;
}

/** Where ops take their slots from. */
export interface SlotSource {
  write(value: NetworkValue): TrainSlot;
  read(value: NetworkValue): TrainSlot;
  /** Reads what the way back needs as well. */
  keep(value: NetworkValue): TrainSlot;
}

type RoutedOp = Extract<NetworkOp, { op: 'route' | 'expertHidden' | 'expertDown' | 'expertSum' }>;

/** The ops of one of the network. `route` is the index of the last one that chose. */
export function expertOps(
  op: RoutedOp,
  spec: ModelSpec,
  { slots, route }: { slots: SlotSource; route: number },
): (ExpertTrainOp | SlotSwiglu)[] {
  const { expertCount, chosenCount, expertWidth } = expertsOf(spec);
  const unlinked = { dy: '', dx: { name: '', adds: false } };
  switch (op.op) {
    case 'route': {
      checkRouter(spec);
      const logits = slots.read(op.logits);
      const probabilities = slots.write(tokenValue(PROBABILITIES, expertCount));
      const weights = slots.write(tokenValue(WEIGHTS, chosenCount));
      const isSigmoid = expertsOf(spec).router.score === 'sigmoid';
      const scores = isSigmoid ? slots.write(tokenValue(SCORES, expertCount)) : undefined;
      for (const slot of [probabilities, weights, scores]) if (slot) slot.isKept = true;
      const { selectionBias } = op;
      const values = { logits, selectionBias, scores, probabilities, weights };
      return [{ op: 'route', ...values, ...unlinked }];
    }
    case 'expertHidden': {
      const [input, gathered] = [slots.read(op.input), slotValue('gathered', op.input.width)];
      const gate = slotValue('gate', expertWidth);
      const up = slotValue('up', expertWidth);
      const rows = { input: slots.write(gathered), route, ...unlinked };
      rows.input.isKept = true;
      const gates = op.experts.map((one) => ({ weights: one.gate, bias: one.gateBias }));
      const ups = op.experts.map((one) => ({ weights: one.up, bias: one.upBias }));
      return [
        { op: 'gather', route, input, output: rows.input, ...unlinked },
        { op: 'experts', ...rows, output: slots.write(gate), matrices: gates },
        { op: 'experts', ...rows, output: slots.write(up), matrices: ups },
        {
          op: 'swiglu',
          route,
          gate: slots.keep(gate),
          up: slots.keep(up),
          output: slots.write(op.output),
          dy: '',
        },
      ];
    }
    case 'expertDown': {
      const input = slots.keep(op.input);
      const matrices = op.experts.map((one) => ({ weights: one.down, bias: one.downBias }));
      return [
        { op: 'experts', route, input, output: slots.write(op.output), matrices, ...unlinked },
      ];
    }
    case 'expertSum': {
      const [input, weights] = [slots.keep(op.input), slots.keep(tokenValue(WEIGHTS, chosenCount))];
      const shared = op.shared && slots.read(op.shared);
      const output = slots.write(op.output);
      return [{ op: 'combine', route, input, weights, shared, output, dy: '' }];
    }
  }
}

const PROBABILITIES = 'router.probabilities';
const SCORES = 'router.scores';
const WEIGHTS = 'router.weights';

function tokenValue(name: string, width: number): NetworkValue {
  return { name, rows: 'tokens', width, spread: 'whole' };
}

function slotValue(name: string, width: number): NetworkValue {
  return { name: `experts.${name}`, rows: 'slots', width, spread: 'experts' };
}

/** Bits of the word in which the groups are told that a token may choose from. */
const GROUPS_MAX = 64;

/** Refuses what has no way back. Throws: TRAIN_UNSUPPORTED. */
function checkRouter(spec: ModelSpec): void {
  const { router, weighsInput } = expertsOf(spec);
  const { score, weights, groups, scale, hasSelectionBias } = router;
  const isSoftmax = weights === 'softmax';
  if (isSoftmax !== (score === 'none')) {
    throw refusal(`routers whose scores are ${score} and whose weights are ${weights}`);
  }
  if (isSoftmax && scale !== 1) throw refusal(`routers that scale a softmax by ${scale}`);
  if (isSoftmax && hasSelectionBias) throw refusal('routers of logits with a bias for the choice');
  if (groups !== undefined && groups.count > GROUPS_MAX) {
    throw refusal(`routers of ${groups.count} groups, more than ${GROUPS_MAX},`);
  }
  if (weighsInput) throw refusal('experts whose weights multiply their inputs');
}

function refusal(what: string): WaferError {
  const hint =
    'train experts as Mixtral, Qwen3-MoE, GPT-OSS or GLM-4.5 have them, or a dense model';
  return new WaferError('TRAIN_UNSUPPORTED', { what, hint });
}

// ---- the balance loss

/** How many layers of a model have experts. */
export function expertLayersOf(spec: ModelSpec): number {
  const all = Array.from({ length: spec.layerCount }, (_, layer) => layerOf(spec, layer).ffn);
  return all.filter((ffn) => ffn === 'experts').length;
}

/** The coefficient where neither the run nor the model says one: that of transformers' configs. */
const BALANCE_LOSS_DEFAULT = 0.001;

/**
 * What the balance of experts counts; 0 of a dense model, and of preferences unless asked for, as
 * what fills their rows would decide it. Throws: TRAIN_OPTION.
 */
export function balanceLossOf(
  { experts }: ModelSpec,
  { balanceLoss: asked, preference }: TrainSettings,
): number {
  if (asked === undefined && preference !== undefined) return 0;
  if (experts !== undefined) return asked ?? experts.balanceLoss ?? BALANCE_LOSS_DEFAULT;
  if (asked === undefined) return 0;
  const expected = 'left out, as no layer of the model has experts';
  throw new WaferError('TRAIN_OPTION', { option: 'balanceLoss', value: asked, expected });
}

/**
 * What each token of an expert asks of a token's probability for it: the slope of `coefficient`
 * times the mean of E / T² Σ_e (tokens that chose e) · Σ_t p over rows and layers.
 */
export function balanceFactor(
  spec: ModelSpec,
  use: { coefficient: number; context: number; rowsOfStep: number },
): number {
  const layers = expertLayersOf(spec);
  if (layers === 0) return 0;
  const { coefficient, context, rowsOfStep } = use;
  return (coefficient * expertsOf(spec).expertCount) / (context ** 2 * rowsOfStep * layers);
}
