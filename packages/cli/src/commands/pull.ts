/**
 * `wafer pull ORG/NAME`: a model from a hub into a folder, resumed and verified.
 */
import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { formatBytes, plural } from '@wafer/core';
import { folderOf, Hub, pullModel } from '@wafer/models';
import type { Pulled } from '@wafer/models';
import { UsageError } from '../failures.ts';
import { hubNameOf, pulledModels } from '../named-model.ts';
import { useProxies } from '../proxy.ts';
import { collect, readCount, readWhole } from '../option-values.ts';
import { ProgressLine } from '../progress.ts';
import { watchSignals } from '../signals.ts';
import type { Terminal } from '../terminal.ts';

interface PullFlags {
  file?: string[];
  to?: string;
  endpoint?: string;
  timeout: number;
  retries: number;
  json?: true;
}

const ENDPOINT = 'https://huggingface.co';
const SILENCE_SECONDS = 30;
const RETRIES = 8;

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
  const endpoint = readEndpoint(flags.endpoint ?? process.env['HF_ENDPOINT']);
  const folder = resolve(flags.to ?? join(pulledModels(), folderOf(name)));
  useProxies(process.env);
  using watch = watchSignals();
  const token = process.env['HF_TOKEN']?.trim();
  const hub = new Hub({
    endpoint,
    token: token === '' ? undefined : token,
    silenceMs: flags.timeout * 1000,
    retries: flags.retries,
    signal: watch.signal,
    onWait: (reason, seconds) => terminal.say(`wafer: ${reason}; again in ${seconds} s`),
  });
  const progress = new ProgressLine(terminal, 'pulling', () => performance.now());
  let pulled: Pulled;
  try {
    const globs = flags.file ?? [];
    const onProgress = (amount: { doneBytes: number; totalBytes: number }): void =>
      progress.report(amount);
    pulled = await pullModel({ hub, name, globs, folder, onProgress });
  } finally {
    progress.close();
  }
  if (flags.json) return terminal.writeJson(pulled);
  const { files, totalBytes, fetchedBytes, commit } = pulled;
  const amount = `${plural(files.length, 'file')}, ${formatBytes(totalBytes)}`;
  const fetched = fetchedBytes === totalBytes ? '' : ` (${formatBytes(fetchedBytes)} fetched)`;
  return terminal.write(
    `pulled ${model} ${commit.slice(0, 12)}: ${amount}${fetched} in ${folder}\n`,
  );
}

/** Throws: UsageError. */
function readEndpoint(text = ''): string {
  const endpoint = (text === '' ? ENDPOINT : text).replace(/\/+$/, '');
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const isHub = url !== undefined && /^https?:$/.test(url.protocol) && url.search + url.hash === '';
  if (!isHub || url.username !== '' || url.password !== '') {
    throw new UsageError(`${endpoint} is no address of a hub; give http(s)://HOST, as ${ENDPOINT}`);
  }
  return endpoint;
}
