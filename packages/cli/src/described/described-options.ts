/**
 * Options of the commands that compute with described machines: nothing runs, tokens are not made.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { diceGrid, figuresIn, findLink, findMachine, LINKS } from '@wafer/core';
import type { Dice, LinkSpec, MachineSpec, Plan, WeightType } from '@wafer/core';
import {
  decodeStep,
  LLAMA_3_70B,
  LLAMA_3_8B,
  planShape,
  prefillStep,
  shapeTensors,
} from '@wafer/timing';
import type { CollectiveKind, StepShape } from '@wafer/timing';
import { openNamedModel } from '../named-model.ts';
import { readCount } from '../option-values.ts';
import { LINK_NAMES, readLink } from './link-values.ts';
import { elementBytesOf } from './virtual-flags.ts';

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

/** Models known by their shape alone. */
const SHAPES = { 'llama-3-8b': LLAMA_3_8B, 'llama-3-70b': LLAMA_3_70B } as const;
export const SHAPE_NAMES: string = Object.keys(SHAPES).join(', ');

/** Links that stand for what a machine is sold with. */
const OWN_LINK: Readonly<Record<string, string>> = {
  a100: 'nvlink3',
  b200: 'nvlink5',
};

export function addDescribedOptions(command: Command): Command {
  const links = `${LINK_NAMES}, or latency=5us,bandwidth=50GB/s,overhead=10us`;
  return command
    .option('--as <machine>', 'the chip: wse3, a100, h100 or b200', 'h100')
    .option('--link <name>', `what joins the chips: ${links}; repeatable`, collectLinks)
    .addOption(
      new Option('--all-reduce <kind>', 'kernels of serving stacks, NCCL, or both')
        .choices(['custom', 'nccl', 'both'])
        .default('both'),
    )
    .addOption(
      new Option('--plan <kind>', 'how chips share a layer')
        .choices(['megatron', 'column'])
        .default('megatron'),
    )
    .option('--chips <n>', 'chips, one tile each', readCount, 8)
    .option('--context <n>', 'positions before the step', readCount, 1024)
    .option('--batch <n>', 'sequences that decode', readCount, 1)
    .option('--prompt <n>', 'a prompt of so many tokens instead', readCount)
    .option('--json', 'print one JSON object');
}

/** What the flags ask for. */
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

/** Resolves the flags for a model. Throws: PLAN_OPTION, PLAN_GRID, and what opening throws. */
export async function describedRun(
  name: string,
  flags: DescribedFlags,
  linksDefault: 'own' | 'all',
): Promise<DescribedRun> {
  return describedRunOf(name, await shapeOf(name), flags, linksDefault);
}

/** The same for a shape that is at hand. Throws: PLAN_OPTION, PLAN_GRID. */
export function describedRunOf(
  name: string,
  { spec, tensors }: Shape,
  flags: DescribedFlags,
  linksDefault: 'own' | 'all',
): DescribedRun {
  const machine = findMachine(flags.as);
  const own = findLink(OWN_LINK[machine.name] ?? 'nvlink4');
  const grid = { width: flags.chips, height: 1 };
  const type = tensors['layers.0.q']!.type;
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

/** A model by its sizes alone. */
export type Shape = Pick<Plan, 'spec' | 'tensors'>;

async function shapeOf(name: string): Promise<Shape> {
  if (name in SHAPES) {
    const spec = SHAPES[name as keyof typeof SHAPES];
    return { spec, tensors: shapeTensors(spec, 'bf16') };
  }
  const { spec, source } = await openNamedModel(name);
  return { spec, tensors: source.tensors };
}

/** Links by name or by quantities, one per use of the option. */
function collectLinks(text: string, before: LinkSpec[] | undefined): LinkSpec[] {
  return [...(before ?? []), readLink(text)];
}
