/**
 * `wafer quantize MODEL PATH --type TYPE`: a model in another weight type or format.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { formatBytes, WEIGHT_TYPE_NAMES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { isGgufType } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { describeModel } from '../texts/model-summary.ts';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkHolds, formatOf, writeNamed } from '../models/written-model.ts';

interface QuantizeFlags {
  type: WeightType;
  shards?: number;
  force?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer quantize ./model ./model-q4.gguf --type q4_k
  wafer quantize ./model.gguf ./folder --type bf16

A path that ends in .gguf is a GGUF file, another one a folder of safetensors. Norms and biases stay
f32; matrices whose inputs are no whole blocks of the type take one that fits, or keep theirs.`;

export function addQuantize(program: Command, terminal: Terminal): void {
  program
    .command('quantize')
    .summary('write a model in another weight type')
    .description('Writes a model again, in another weight type or format.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .argument('<path>', 'a new folder, or a file that ends in .gguf')
    .addOption(
      new Option('--type <type>', 'of the weights; types with blocks need GGUF')
        .choices(WEIGHT_TYPE_NAMES.filter(isGgufType))
        .makeOptionMandatory(),
    )
    .option('--shards <n>', 'files of weights (default: 1)', readCount)
    .option('--json', 'print one JSON object')
    .option('--force', 'write over what is there')
    .addHelpText('after', EXAMPLES)
    .action((model: string, path: string, flags: QuantizeFlags) =>
      quantize({ model, path, flags }, terminal),
    );
}

async function quantize(
  given: { model: string; path: string; flags: QuantizeFlags },
  terminal: Terminal,
): Promise<void> {
  const { path, flags } = given;
  const { type, shards, force } = flags;
  const format = formatOf(path);
  checkHolds(format, type);
  const model = await openNamedModel(given.model);
  const before = describeModel(model);
  const target = { model, format, path, type, keepsUnfit: true, shards, force };
  const { path: first } = writeNamed(target, terminal);
  const { weightBytes, parameterCount, weights } = describeModel(await openModel(first));
  if (flags.json) {
    const sizes = { parameterCount, weightBytes, weightBytesBefore: before.weightBytes };
    return terminal.writeJson({ model: given.model, path: first, format, type, ...sizes, weights });
  }
  const bits = ((weightBytes * 8) / parameterCount).toFixed(2);
  await terminal.writeLines([
    `wrote ${first}: ${formatBytes(weightBytes)} of ${type}, ${bits} bits a weight, ` +
      `from ${formatBytes(before.weightBytes)}`,
  ]);
}
