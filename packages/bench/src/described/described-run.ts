/**
 * One run on a described machine: what was asked for, as plan, machine, links and step. Nothing is
 * executed, tokens are not made.
 */
import { diceGrid, figuresIn, findLink, findMachine, layerType, LINKS } from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec, Plan, StepShape, WeightType } from '@wafer/core';
import { decodeStep, planShape, prefillStep } from '@wafer/timing';
import type { CollectiveKind } from '@wafer/timing';

/** What a command line, or an experiment, asks for. */
export interface DescribedFlags {
  as: string;
  link?: LinkSpec[];
  allReduce: 'custom' | 'nccl' | 'both';
  plan: 'megatron' | 'column';
  chips: number;
  context: number;
  batch: number;
  prompt?: number;
  json?: true;
}

/** Links that stand for what a machine is sold with. */
const OWN_LINK: Readonly<Record<string, string>> = {
  a100: 'nvlink3',
  b200: 'nvlink5',
};

/** What is charged. */
export interface DescribedRun {
  model: string;
  plan: Plan;
  machine: MachineSpec;
  links: readonly LinkSpec[];
  dice: Dice;
  step: StepShape;
  elementBytes: 2 | 4;
  collectives: readonly CollectiveKind[];
  type: WeightType;
}

/** A model by its sizes alone. */
export type Shape = Pick<Plan, 'spec' | 'tensors'>;

/** Resolves what is asked of a shape that is at hand. Throws: PLAN_OPTION, PLAN_GRID. */
export function describedRunOf(
  name: string,
  { spec, tensors }: Shape,
  flags: DescribedFlags,
  linksDefault: 'own' | 'all',
): DescribedRun {
  const machine = findMachine(flags.as);
  const own = findLink(OWN_LINK[machine.name] ?? 'nvlink4');
  const grid = { width: flags.chips, height: 1 };
  const type = layerType(tensors);
  const plan = planShape(spec, { grid, type, tensor: flags.plan, tensors });
  const { context: contextTokens, batch, prompt, allReduce } = flags;
  return {
    model: name,
    plan,
    machine,
    links: flags.link ?? (linksDefault === 'all' ? LINKS : [own]),
    dice: diceGrid(grid, `${flags.chips}x1`),
    step:
      prompt === undefined
        ? decodeStep({ batch, contextTokens })
        : prefillStep({ promptTokens: prompt }),
    elementBytes: elementBytesOf(machine),
    collectives: allReduce === 'both' ? ['custom', 'nccl'] : [allReduce],
    type,
  };
}

/** Bytes of an activation there: chips compute in 16 bits, the wafer in what it computes here. */
export function elementBytesOf(machine: MachineSpec): 2 | 4 {
  return machine.covers === 'chip' ? 2 : 4;
}

/** What is charged, in one line. */
export function describeRun(run: DescribedRun, flags: DescribedFlags): string {
  const { model, machine, elementBytes, type } = run;
  const work =
    flags.prompt === undefined
      ? `decode, batch ${flags.batch}, context ${flags.context}`
      : `prefill of ${flags.prompt} tokens`;
  return (
    `${model} (${type}), ${flags.plan} plan on ${flags.chips} x ${machine.title}, ${work}, ` +
    `activations of ${elementBytes} bytes`
  );
}

/** Figures behind a result that are no more than memory or assumption, by what they belong to. */
export function weakFigures(run: DescribedRun): string[] {
  return [run.machine, ...run.links].flatMap((spec) =>
    figuresIn(spec)
      .filter(({ figure }) => figure.mark === 'assumed' || figure.mark === 'recalled')
      .map(({ path, figure }) => `${spec.name}.${path} = ${figure.value}: ${figure.mark}`),
  );
}
