/**
 * `wafer export MODEL PATH`: the same weights in another format or type, as a file of their own.
 */
import { Option } from 'commander';
import type { Command } from 'commander';
import { formatBytes, WEIGHT_TYPE_NAMES } from '@wafer/core';
import type { WeightType } from '@wafer/core';
import { withAdapter, writeModel } from '@wafer/models';
import { openNamedModel } from '../named-model.ts';
import { readCount } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { throwIfSignaled } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

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
  wafer export ./base ./merged --adapter ./tuned/adapter`;

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
  const format = path.endsWith('.gguf') ? 'gguf' : 'safetensors';
  const progress = new ProgressLine(terminal, 'writing', () => performance.now());
  let bytes = 0;
  const written = writeModel({
    model,
    format,
    path,
    shardCount: flags.shards,
    isForced: flags.force ?? false,
    ...(flags.dtype === undefined ? {} : { type: flags.dtype }),
    onProgress: ({ writtenBytes, totalBytes }) => {
      throwIfSignaled();
      bytes = totalBytes;
      progress.report({ doneBytes: writtenBytes, totalBytes });
    },
  });
  progress.close();
  if (flags.json) return terminal.writeJson({ model: name, path: written, format, bytes });
  return terminal.write(`${written}: ${formatBytes(bytes)} of weights\n`);
}
