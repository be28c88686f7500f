/**
 * `wafer plan MODEL`: which tile owns what, and what will travel, without starting a thread.
 */
import type { Command } from 'commander';
import { prepareModel } from '@wafer/runtime/internal';
import { openNamedModel } from '../models/named-model.ts';
import { summarizePlan } from '../texts/plan-summary.ts';
import { planText } from '../texts/plan-text.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLinkOptions, addWaferOptions, placeExperts, waferSettings } from '../wafer-options.ts';
import type { WaferFlags } from '../wafer-options.ts';

interface PlanFlags extends WaferFlags {
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer plan synthetic:15m --grid 2x2
  wafer plan synthetic:110m:q8_0 --grid 4x2 --stages 2 --dice 2x1
  wafer plan ./model --grid 8x1 --plan megatron --json`;

export function addPlan(program: Command, terminal: Terminal): void {
  const command = program
    .command('plan')
    .summary('show which tile owns what')
    .description('Shows how a model lies on the wafer, and what a token will send.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .option('--json', 'print one JSON object');
  addLinkOptions(addWaferOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: PlanFlags) => plan(model, flags, terminal));
}

async function plan(name: string, flags: PlanFlags, terminal: Terminal): Promise<void> {
  const model = await openNamedModel(name, flags.dtype);
  const settings = waferSettings(model, await placeExperts(model, flags, terminal));
  const { plan: made } = prepareModel(model, settings.options);
  const summary = summarizePlan(name, made, settings);
  if (flags.json) return terminal.writeJson(summary);
  return terminal.writeLines(planText(summary, terminal.columns));
}
