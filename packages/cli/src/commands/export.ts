/**
 * `wafer export MODEL PATH`: the same weights in another format or type, as a file of their own.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { formatBytes, WEIGHT_TYPE_NAMES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { withAdapter } from '@wafer/models';
import { openNamedModel } from '../named-model.ts';
import { readCount } from '../option-values.ts';
import type { Terminal } from '../terminal.ts';
import { checkHolds, formatOf, writeNamed } from '../written-model.ts';

interface ExportFlags {
  dtype?: WeightType;
  shards: number;
  adapter?: string;
  force?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer export ./trained ./trained.gguf
  wafer export ./trained ./small.gguf --dtype q8_0
  wafer export ./model.gguf ./folder --dtype f16
  wafer export ./base ./merged --adapter ./tuned/adapter

Matrices whose inputs are no whole blocks of the type take one that fits, or keep theirs.`;

export function addExport(program: Command, terminal: Terminal): void {
  program
    .command('export')
    .summary('write a model in another format or type')
    .description('Writes a model as a GGUF file or a folder of safetensors.')
    .argument('<model>', 'folder, .gguf file or name; a checkpoint of wafer train is a folder')
    .argument('<path>', 'a new folder, or a file that ends in .gguf')
    .addOption(
      new Option('--dtype <type>', 'of matrices (default: as they are)').choices(WEIGHT_TYPE_NAMES),
    )
    .option('--adapter <dir>', 'merge an adapter of PEFT, as wafer train makes')
    .option('--shards <n>', 'files of weights', readCount, 1)
    .option('--force', 'write over what is there')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, path: string, flags: ExportFlags) =>
      exportModel(model, path, flags, terminal),
    );
}

async function exportModel(
  name: string,
  path: string,
  flags: ExportFlags,
  terminal: Terminal,
): Promise<void> {
  const base = await openNamedModel(name);
  const model = flags.adapter === undefined ? base : withAdapter(base, flags.adapter);
  const { dtype, shards, force } = flags;
  const format = formatOf(path);
  // Experts of some families lie packed in folders, which the writer knows.
  if (dtype !== undefined && dtype !== 'mxfp4') checkHolds(format, dtype);
  const type = dtype === undefined ? {} : { type: dtype, keepsUnfit: true };
  const written = writeNamed({ model, format, path, ...type, shards, force }, terminal);
  const { bytes } = written;
  if (flags.json) return terminal.writeJson({ model: name, path: written.path, format, bytes });
  return terminal.write(`wrote ${written.path}: ${formatBytes(bytes)} of weights\n`);
}
