/**
 * `wafer pull ORG/NAME`: a model from a hub into a folder, resumed and verified.
 */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { folderOf } from '@wafer/models';
import { hubNameOf, pulledModels } from '../models/named-model.ts';
import { collect, readCount, readWhole } from '../flags/option-values.ts';
import {
  ENDPOINT,
  fetchModel,
  pulledText,
  RETRIES,
  SILENCE_SECONDS,
} from '../models/pull-model.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface PullFlags {
  file?: string[];
  to?: string;
  endpoint?: string;
  timeout: number;
  retries: number;
  json?: true;
}

const EXAMPLES = `
Examples:
  wafer pull HuggingFaceTB/SmolLM2-135M
  wafer pull ggml-org/models --file 'tinyllamas/stories15M-q8_0.gguf'
  wafer pull ORG/NAME@v1.0 --to ./model
  wafer run HuggingFaceTB/SmolLM2-135M "Once upon a time"

Without --to, a model goes to ~/.cache/wafer/models/ORG/NAME (WAFER_MODELS names another folder
in place of ~/.cache/wafer/models), where all commands find it by its name. HF_TOKEN opens gated
models, HF_ENDPOINT names another hub; HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY count.
A pull that was broken off goes on with the same command.`;

export function addPull(program: Command, terminal: Terminal): void {
  program
    .command('pull')
    .summary('fetch a model from a hub')
    .description('Fetches what a model needs: safetensors, config and tokenizer, or one GGUF file.')
    .argument('<model>', 'ORG/NAME, or ORG/NAME@REVISION')
    .option('--file <glob>', 'take exactly these files; may be given more than once', collect)
    .option('--to <folder>', 'put them there (default: the folder of models)')
    .option('--endpoint <url>', `the hub (default: HF_ENDPOINT, or ${ENDPOINT})`)
    .option('--timeout <s>', 'seconds without data that end a try', readCount, SILENCE_SECONDS)
    .option('--retries <n>', 'failures in a row before giving up', readWhole, RETRIES)
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: PullFlags) => pull(model, flags, terminal));
}

async function pull(model: string, flags: PullFlags, terminal: Terminal): Promise<void> {
  const name = hubNameOf(model);
  const folder = resolve(flags.to ?? join(pulledModels(), folderOf(name)));
  const pulled = await fetchModel({ name, folder, ...flags }, terminal);
  if (flags.json) return terminal.writeJson(pulled);
  return terminal.writeLines([pulledText(model, folder, pulled)]);
}
