/**
 * `wafer export MODEL PATH`: the same weights in another format or type, as a file of their own.
 */
import { existsSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { formatBytes, WaferError, WEIGHT_TYPE_NAMES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { adapterOutput, openAdapter, withAdapter } from '@wafer/models';
import { writeGgufAdapter, writePeft } from '@wafer/models';
import type { Model } from '@wafer/models';
import { UsageError } from '../failures/failures.ts';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { checkHolds, formatOf, writeNamed } from '../models/written-model.ts';

interface ExportFlags {
  dtype?: WeightType;
  shards: number;
  adapter?: string;
  adapterOnly?: true;
  force?: true;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer export ./trained ./trained.gguf
  wafer export ./trained ./small.gguf --dtype q8_0
  wafer export ./model.gguf ./folder --dtype f16
  wafer export ./base ./merged --adapter ./tuned/adapter
  wafer export ./base ./adapter.gguf --adapter ./tuned/adapter --adapter-only

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
    .option('--adapter <path>', 'merge an adapter, a folder of PEFT or a .gguf file')
    .option('--adapter-only', 'write the adapter itself, as a .gguf file or a folder of PEFT')
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
  if (flags.adapterOnly) return exportAdapter(base, path, flags, terminal);
  const model = flags.adapter === undefined ? base : withAdapter(base, flags.adapter);
  const { dtype, shards, force } = flags;
  const format = formatOf(path);
  // Experts of some families lie packed in folders, which the writer knows.
  if (dtype !== undefined && dtype !== 'mxfp4') checkHolds(format, dtype);
  const type = dtype === undefined ? {} : { type: dtype, keepsUnfit: true };
  const written = writeNamed({ model, format, path, ...type, shards, force }, terminal);
  const { bytes } = written;
  if (flags.json) return terminal.writeJson({ model: name, path: written.path, format, bytes });
  return terminal.writeLines([`wrote ${written.path}: ${formatBytes(bytes)} of weights`]);
}

/** Writes an adapter in the other format, or again in its own. Throws: UsageError. */
function exportAdapter(
  { spec, name }: Model,
  path: string,
  { adapter: from, dtype, force, json }: ExportFlags,
  terminal: Terminal,
): Promise<void> {
  if (from === undefined) throw new UsageError('--adapter-only needs --adapter PATH');
  if (dtype !== undefined) throw new UsageError('adapters are written in f32: leave out --dtype');
  if (!force && existsSync(path)) throw new WaferError('OUTPUT_EXISTS', { path });
  const format = formatOf(path);
  const output = adapterOutput(openAdapter(spec, from), spec, name);
  (format === 'gguf' ? writeGgufAdapter : writePeft)(path, output);
  let bytes = 0;
  for (const { a, b } of output.changes.values()) bytes += a.byteLength + b.byteLength;
  if (json) return terminal.writeJson({ model: name, path, format, bytes });
  return terminal.writeLines([
    `wrote ${path}: an adapter of rank ${output.rank}, ${formatBytes(bytes)}`,
  ]);
}
