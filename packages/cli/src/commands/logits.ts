/**
 * `wafer logits MODEL --tokens …`: the likeliest tokens after each position, as one JSON object.
 *
 * Logits are printed so that they read back as the same f32; probabilities and the logarithm of
 * their sum are computed from them in f64.
 */
import type { Command } from 'commander';
import { withoutEnds } from '@wafer/models';
import { openNamedModel } from '../models/named-model.ts';
import { likeliest, logSumExp, shortestFloat } from '../texts/logit-rows.ts';
import { UsageError } from '../failures/failures.ts';
import { readCount, readTokens, readWhole } from '../flags/option-values.ts';
import { clockText } from '../described/virtual-flags.ts';
import { writeRunFiles } from '../run-files.ts';
import { startWafer } from '../terminal/session.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';
import {
  addFileOptions,
  addLinkOptions,
  addWaferOptions,
  placeExperts,
  waferSettings,
} from '../wafer-options.ts';
import type { WaferFlags } from '../wafer-options.ts';

interface LogitsFlags extends WaferFlags {
  tokens?: number[];
  text?: string;
  json?: true;
  top: number;
  greedy: number;
}

/** What the model expects after one token. */
interface LogitsPosition {
  position: number;
  /** The likeliest tokens, likeliest first. */
  top: { id: number; logit: number; probability: number }[];
  /** ln of the sum of e^logit over the vocabulary: logit - logsumexp is the log probability. */
  logsumexp: number;
}

const TOP_DEFAULT = 5;

const EXAMPLES = `
Examples:
  wafer logits ./model --tokens 1,403,407
  wafer logits ./model.gguf --tokens 1,403,407 --top 3 --greedy 16 --grid 2x1
  wafer logits ./model --text "Once upon a time"`;

export function addLogits(program: Command, terminal: Terminal): void {
  const command = program
    .command('logits')
    .summary('print likely tokens and their logits')
    .description('Prints the likeliest tokens after each given one, as one JSON object.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .option('--tokens <ids>', 'token ids apart by commas, begin token included', readTokens)
    .option('--text <text>', 'a text in place of ids')
    .option('--json', 'print one JSON object, as always')
    .option('--top <n>', 'how many tokens per position', readCount, TOP_DEFAULT)
    .option('--greedy <n>', 'also continue by this many likeliest tokens', readWhole, 0);
  addFileOptions(addLinkOptions(addWaferOptions(command)))
    .addHelpText('after', EXAMPLES)
    .action((model: string, flags: LogitsFlags) => logits(model, flags, terminal));
}

async function logits(name: string, flags: LogitsFlags, terminal: Terminal): Promise<void> {
  if ((flags.tokens === undefined) === (flags.text === undefined)) {
    const isBoth = flags.text !== undefined;
    throw new UsageError(`give --tokens or --text${isBoth ? ', not both' : ''}`);
  }
  using watch = watchSignals();
  const { signal } = watch;
  const model = withoutEnds(await openNamedModel(name, flags.dtype));
  const settings = waferSettings(model, await placeExperts(model, flags, terminal));
  await using wafer = await startWafer(settings.options, { terminal, signal });
  const tokens = flags.tokens ?? wafer.encode(flags.text!);
  const positions: LogitsPosition[] = [];
  for await (const { position, logits: row } of wafer.logits(tokens)) {
    signal.throwIfAborted();
    const logsumexp = logSumExp(row);
    const top = likeliest(row, flags.top).map((id) => ({
      id,
      logit: shortestFloat(row[id]!),
      probability: Math.exp(row[id]! - logsumexp),
    }));
    positions.push({ position, top, logsumexp });
  }
  const greedy: number[] = [];
  if (flags.greedy > 0) {
    const options = { maxTokens: flags.greedy, temperature: 0, signal };
    for await (const { token } of wafer.generate(tokens, options)) greedy.push(token);
  }
  // Named where it changed the logits; the usual form is that of other programs.
  const { activations, kv } = settings.resolved.plan;
  const { virtual, dice } = settings.resolved;
  const figures = virtual && (await wafer.metrics()).virtual;
  await terminal.writeJson({
    positions,
    greedy,
    ...(activations === 'f32' ? {} : { activations }),
    ...(kv === 'f32' ? {} : { kv }),
    ...(wafer.quantization === undefined ? {} : { quantization: wafer.quantization }),
    ...(virtual === undefined
      ? {}
      : { virtual: { name: clockText(virtual.clock, dice), ...figures } }),
  });
  writeRunFiles(flags, wafer, name);
}
