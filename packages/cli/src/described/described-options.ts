/**
 * Options of the commands that compute with described machines: nothing runs, tokens are not made.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { describedRunOf } from '@wafer/bench';
import type { DescribedFlags, DescribedRun, Shape } from '@wafer/bench';
import { MACHINES } from '@wafer/core';
import type { LinkSpec } from '@wafer/core';
import { LLAMA_3_70B, LLAMA_3_8B, shapeTensors } from '@wafer/timing';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import { LINK_NAMES, readLink } from './link-values.ts';

/** Models known by their shape alone. */
const SHAPES = { 'llama-3-8b': LLAMA_3_8B, 'llama-3-70b': LLAMA_3_70B } as const;
export const SHAPE_NAMES: string = Object.keys(SHAPES).join(', ');
const MACHINE_NAMES = MACHINES.map(({ name }) => name).join(', ');

export function addDescribedOptions(command: Command): Command {
  const links = `${LINK_NAMES}, or latency=5us,bandwidth=50GB/s,overhead=10us`;
  return command
    .option('--as <machine>', `the chip: ${MACHINE_NAMES}`, 'h100')
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

/** Resolves the flags for a model. Throws: PLAN_OPTION, PLAN_GRID, and what opening throws. */
export async function describedRun(
  name: string,
  flags: DescribedFlags,
  linksDefault: 'own' | 'all',
): Promise<DescribedRun> {
  return describedRunOf(name, await shapeOf(name), flags, linksDefault);
}

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
