/**
 * One run on a described machine: what was asked for, as plan, machine, links and step. Nothing is
 * executed, tokens are not made.
 */
import {
  diceGrid,
  elementBytesOf,
  figuresIn,
  findLink,
  findMachine,
  layerType,
  LINKS,
  WSE3,
  plural,
} from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec, Plan, StepShape, WeightType } from '@wafer/core';
import { decodeStep, planShape, prefillStep } from '@wafer/timing';
import type { ExchangeKind } from '@wafer/timing';

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

/** Of machines that are sold with none. */
const LINK_DEFAULT = 'nvlink4';

/** What is charged. */
export interface DescribedRun {
  model: string;
  plan: Plan;
  machine: MachineSpec;
  links: readonly LinkSpec[];
  dice: Dice;
  step: StepShape;
  elementBytes: 2 | 4;
  collectives: readonly ExchangeKind[];
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
  const own = findLink(machine.ownLink ?? LINK_DEFAULT);
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

/** What is charged, in one line. */
export function describeRun(run: DescribedRun, flags: DescribedFlags): string {
  const { model, machine, elementBytes, type } = run;
  const work =
    flags.prompt === undefined
      ? `decode, batch ${flags.batch}, context ${flags.context}`
      : `prefill of ${plural(flags.prompt, 'token')}`;
  const where =
    machine.covers === 'wafer' && flags.chips > 1
      ? `one ${machine.title} cut in ${flags.chips}`
      : `${flags.chips} x ${machine.title}`;
  return (
    `${model} (${type}), ${flags.plan} plan on ${where}, ${work}, ` +
    `activations of ${plural(elementBytes, 'byte')}`
  );
}

/** What rows of a whole wafer are where its memory does not hold the weights; '' where it does. */
export function waferLimit({ plan }: DescribedRun): string {
  const bytes = plan.tiles
    .flatMap(({ shards }) => shards)
    .reduce((sum, shard) => sum + shard.bytes, 0);
  const room = WSE3.memory.bytes.value;
  if (bytes <= room) return '';
  const [has, holds] = [bytes, room].map((count) => (count / 1e9).toFixed(1));
  return (
    `The weights are ${has} GB, a wafer holds ${holds}: rows of an uncut wafer are a limit, not ` +
    'a machine. `wafer project` puts the model on as many wafers as it needs.'
  );
}

/** Hundreds of nanoseconds, as published. */
const WIRE_RANGE_NS = [100, 900] as const;

/** Whether software costs more than the wire over the range of an assumed latency, or '' . */
export function wireRange({ title, latencyNs, overheadNs }: LinkSpec): string {
  if (latencyNs.mark !== 'assumed') return '';
  const whole = latencyNs.value + overheadNs.value;
  const [least, most] = WIRE_RANGE_NS;
  const share = (wire: number): string => ((100 * Math.max(0, whole - wire)) / whole).toFixed(0);
  const verdict =
    whole > 2 * most
      ? 'software costs more than its wire over the whole range'
      : 'which of both costs more is not known';
  return (
    `${title}: ${whole} ns of a message are measured, ` +
    `its wire assumed at ${least} to ${most} ns: ` +
    `software is ${share(most)} to ${share(least)}% of it, so ${verdict}.`
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
