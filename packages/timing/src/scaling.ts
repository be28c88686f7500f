/**
 * The same work on more and more chips: where the interconnect stops hurting.
 *
 * Tensor shares (Megatron) cut the time of a token and pay two reduces a layer; stages send a row
 * from chip to chip and leave the time of one token as it was. One step is under way at a time, so
 * stages wait for each other: a pipeline that is kept full would do better.
 */
import { diceGrid } from '@wafer/core';
import type {
  LinkSpec,
  MachineSpec,
  ModelSpec,
  StepShape,
  TensorInfo,
  WeightType,
} from '@wafer/core';
import { ALL_TERMS } from './channel-cost.ts';
import type { ExchangeKind } from './channel-cost.ts';
import { planShape } from './shapes.ts';
import { decodeStep, prefillStep } from './step.ts';
import { walkPlan } from './walk.ts';
import type { Part, Walk } from './walk.ts';

export interface ScalingInput {
  spec: ModelSpec;
  type: WeightType;
  tensors?: Readonly<Record<string, TensorInfo>>;
  machine: MachineSpec;
  link: LinkSpec;
  collective: ExchangeKind;
  elementBytes: 2 | 4;
  chipCounts: readonly number[];
  /** Sequences that decode at once. */
  batches: readonly number[];
  contextTokens: number;
  /** Tokens of the prompt of the prefill rows; 0 for none. */
  promptTokens: number;
}

export interface ScalingRow {
  clock: 'simulated';
  work: string;
  /** Sequences that decode; undefined: a prefill. */
  batch: number | undefined;
  /** `tiles` is a wafer that stays whole: as many tiles as chips, joined by its mesh. */
  cut: 'tiles' | 'tensor' | 'pipeline';
  /** Chips, or tiles of the whole wafer. */
  chipCount: number;
  tokensPerS: number;
  /** Tokens per second over those of one chip. */
  speedup: number;
  /** Tokens per second over those with free links. */
  kept: number;
  bottleneck: Part;
}

/** One row per work, cut and number of chips. Throws: PLAN_GRID, MACHINE_PARAMETER. */
export function scaling(input: ScalingInput): ScalingRow[] {
  return worksOf(input).flatMap(({ work, batch, step }) => {
    const one = rateOf(input, { step, cut: 'tensor', chipCount: 1 });
    return (['tensor', 'pipeline'] as const).flatMap((cut) =>
      input.chipCounts
        .filter((chipCount) => cut === 'tensor' || canStage(input.spec, chipCount))
        .map((chipCount): ScalingRow => {
          const rate = rateOf(input, { step, cut, chipCount });
          const speedup = rate.tokensPerS / one.tokensPerS;
          return { clock: 'simulated', work, batch, cut, chipCount, ...rate, speedup };
        }),
    );
  });
}

/**
 * The same work on more tiles of a wafer that stays whole: every tile computes as one chip does,
 * holds its weights in the wafer's SRAM, and talks over the mesh. Throws: PLAN_GRID.
 */
export function scalingOnWafer(input: Omit<ScalingInput, 'link' | 'collective'>): ScalingRow[] {
  const { spec, type, machine, elementBytes, chipCounts, tensors } = input;
  const rateOn = (step: StepShape, chipCount: number): Pick<Walk, 'tokensPerS' | 'bottleneck'> => {
    const grid = { width: chipCount, height: 1 };
    const more = tensors ? { tensors } : {};
    const plan = planShape(spec, { grid, type, tensor: 'megatron', ...more });
    const dice = diceGrid(grid, '1x1');
    const terms = { ...ALL_TERMS, memory: false };
    return walkPlan(plan, { machine, step, dice, elementBytes, terms, tilesPerChip: 1 });
  };
  return worksOf(input).flatMap(({ work, batch, step }) => {
    const one = rateOn(step, 1);
    return chipCounts.map((chipCount): ScalingRow => {
      const { tokensPerS, bottleneck } = rateOn(step, chipCount);
      const speedup = tokensPerS / one.tokensPerS;
      const row = { clock: 'simulated', work, batch, cut: 'tiles', chipCount } as const;
      return { ...row, tokensPerS, speedup, kept: 1, bottleneck };
    });
  });
}

function worksOf(
  input: Pick<ScalingInput, 'batches' | 'contextTokens' | 'promptTokens'>,
): { work: string; batch: number | undefined; step: StepShape }[] {
  const { batches, contextTokens, promptTokens } = input;
  const works = batches.map((batch) => ({
    work: `decode, batch ${batch}`,
    batch,
    step: decodeStep({ batch, contextTokens }),
  }));
  if (promptTokens === 0) return works;
  const step = prefillStep({ promptTokens });
  return [...works, { work: `prefill of ${promptTokens}`, batch: undefined, step }];
}

/** One chip has no stages to tell from shares, and a stage needs a layer. */
function canStage({ layerCount }: ModelSpec, chipCount: number): boolean {
  return chipCount > 1 && chipCount <= layerCount;
}

function rateOf(
  input: ScalingInput,
  use: { step: StepShape; cut: 'tensor' | 'pipeline'; chipCount: number },
): Pick<ScalingRow, 'tokensPerS' | 'kept' | 'bottleneck'> {
  const { spec, type, machine, link, collective, elementBytes, tensors } = input;
  const { step, cut, chipCount } = use;
  const grid = { width: chipCount, height: 1 };
  const plan = planShape(spec, {
    grid,
    type,
    tensor: 'megatron',
    stageCount: cut === 'pipeline' ? chipCount : 1,
    ...(tensors ? { tensors } : {}),
  });
  const dice = diceGrid(grid, `${chipCount}x1`);
  const options = { machine, step, dice, link, collective, elementBytes };
  const { tokensPerS, bottleneck } = walkPlan(plan, options);
  const terms = { ...ALL_TERMS, bandwidth: false, latency: false, overhead: false };
  const free = walkPlan(plan, { ...options, terms });
  return { tokensPerS, bottleneck, kept: tokensPerS / free.tokensPerS };
}
