/**
 * `wafer perplexity MODEL TEXT`: how well a model foretells a text, window by window.
 *
 * Windows do not overlap, and each begins anew: with the begin token where the model wants one, so
 * that every token is foretold, else the first of each window is not. Natural logarithms.
 */
import type { Command } from 'commander';
import { formatCount, plural } from '@wafer/core';
import type { Wafer } from '@wafer/runtime';
import { UsageError } from '../failures/failures.ts';
import { readText } from '../flags/input-text.ts';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import { writeRunFiles } from '../run-files.ts';
import { startWafer } from '../terminal/session.ts';
import { watchSignals } from '../failures/signals.ts';
import { surpriseOf } from '../terminal/surprise.ts';
import type { Excerpt } from '../terminal/surprise.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addFileOptions, addWaferOptions, waferSettings } from '../wafer-options.ts';
import type { WaferFlags } from '../wafer-options.ts';

interface PerplexityFlags extends WaferFlags {
  file?: string;
  window?: number;
  json?: true;
}

/** What other programs take unless told otherwise. */
const WINDOW_DEFAULT = 512;

const EXAMPLES = `
Examples:
  wafer perplexity ./model --file book.txt
  wafer perplexity ./model.gguf --file book.txt --window 2048 --json
  wafer perplexity stories "Once upon a time there was a little girl."`;

export function addPerplexity(program: Command, terminal: Terminal): void {
  const command = program
    .command('perplexity')
    .summary('how well a model foretells a text')
    .description('Prints the perplexity of a text: exp of the mean surprise per token.')
    .argument('<model>', 'folder, .gguf file, name or synthetic:15m')
    .argument('[text]', 'text; - reads standard input (a last line end is left out)')
    .option('--file <file>', 'read the text from a file')
    .option(
      '--window <n>',
      `tokens that are read at a time (default: ${WINDOW_DEFAULT})`,
      readCount,
    )
    .option('--json', 'print one JSON object');
  addFileOptions(addWaferOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((model: string, text: string | undefined, flags: PerplexityFlags) =>
      perplexity({ model, text, flags }, terminal),
    );
}

async function perplexity(
  given: { model: string; text: string | undefined; flags: PerplexityFlags },
  terminal: Terminal,
): Promise<void> {
  const { flags } = given;
  const text = await readText({ text: given.text, file: flags.file });
  using watch = watchSignals();
  const { signal } = watch;
  const settings = waferSettings(await openNamedModel(given.model, flags.dtype), flags);
  const { contextMax } = settings.resolved.plan;
  const window = flags.window ?? Math.min(WINDOW_DEFAULT, contextMax);
  if (window < 2 || window > contextMax) {
    throw new UsageError(`--window is ${window}; expected from 2 to the context, ${contextMax}`);
  }
  await using wafer = await startWafer(settings.options, { terminal, signal });
  const tokens = await wafer.encodeAside(text, { addBegin: false });
  const windows = cutWindows(tokens, window, wafer);
  const tokenCount = windows.reduce((sum, each) => sum + each.tokens.length - 1, 0);
  const use = { tokenCount, terminal, signal };
  const { nats, targets } = await surpriseOf(wafer, windows, use);
  if (targets === 0) throw new UsageError('the text has no token to foretell; give more of it');
  const bytes = Buffer.byteLength(text);
  const found = {
    perplexity: Math.exp(nats / targets),
    surprisePerToken: nats / targets,
    bitsPerByte: nats / Math.LN2 / bytes,
    tokens: targets,
    windows: windows.length,
    window,
    bytes,
  };
  writeRunFiles(flags, wafer, given.model);
  if (flags.json) return terminal.writeJson({ model: given.model, ...found });
  await terminal.writeLines([
    `perplexity ${found.perplexity.toFixed(4)} over ${plural(targets, 'token')} ` +
      `in ${plural(windows.length, 'window')} of ${formatCount(window)}; ` +
      `${found.bitsPerByte.toFixed(4)} bits a byte`,
  ]);
}

/** Token ids in windows; one of a single token would foretell nothing and is left out. */
function cutWindows(tokens: Int32Array, window: number, { tokenizer }: Wafer): Excerpt[] {
  const { addBegin, begin, frame } = tokenizer;
  const before = frame.before.length > 0 ? frame.before : begin === undefined ? [] : [begin];
  const lead = addBegin ? before.slice(0, window - 1) : [];
  const step = window - lead.length;
  const windows: Excerpt[] = [];
  for (let start = 0; start < tokens.length; start += step) {
    const each = [...lead, ...tokens.subarray(start, start + step)];
    if (each.length > 1) windows.push({ tokens: each });
  }
  return windows;
}
