/**
 * `wafer bench adapters`: a batch through different adapters and the same without, in turns.
 */
import type { Command } from 'commander';
import { describeSetting, runAdapters, settingLines } from '@wafer/bench';
import type { AdapterBenchRow } from '@wafer/bench';
import { table } from '@wafer/bench/common';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import { startWafer } from '../terminal/session.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface AdapterFlags {
  adapters?: number;
  rank?: number;
  batch?: number;
  tokens?: number;
  rounds?: number;
  grid?: string;
  quick?: true;
  json?: true;
}

const MODEL_DEFAULT = 'synthetic:15m';
const MODEL_QUICK = 'synthetic:tiny';

export function addBenchAdapters(bench: Command, terminal: Terminal): void {
  bench
    .command('adapters')
    .summary('a batch through different adapters, and without')
    .description('Decodes a batch through the base, one adapter and many, in turns.')
    .argument('[model]', `a model (default: ${MODEL_DEFAULT})`)
    .option('--adapters <n>', 'different ones (default: 16)', readCount)
    .option('--rank <n>', 'of each (default: 16)', readCount)
    .option('--batch <n>', 'answers at once (default: 32)', readCount)
    .option('--tokens <n>', 'of each answer (default: 64)', readCount)
    .option('--rounds <n>', 'of each, in turns (default: 5)', readCount)
    .option('--grid <WxH>', 'tiles across x down (default: one tile per core)')
    .option('--quick', 'tiny model and sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .action((model: string | undefined, flags: AdapterFlags) => run(model, flags, terminal));
}

async function run(
  named: string | undefined,
  flags: AdapterFlags,
  terminal: Terminal,
): Promise<void> {
  using watch = watchSignals();
  const isQuick = (flags.quick ?? false) || isShrunk();
  const model = (isShrunk() ? undefined : named) ?? (isQuick ? MODEL_QUICK : MODEL_DEFAULT);
  const { adapters = isQuick ? 3 : 16, rank = 16, batch = isQuick ? 6 : 32 } = flags;
  const { signal } = watch;
  const options = {
    ...{ model: await openNamedModel(model), grid: flags.grid, revectorize: true },
    ...{ sequences: batch, tokensPerStep: Math.max(batch, 128) },
    adapters: { slots: adapters, rank },
  };
  await using wafer = await startWafer(options, { terminal, signal });
  const rows = await runAdapters(wafer, {
    ...{ adapters, rank, batch, promptTokens: 16, signal },
    tokens: flags.tokens ?? (isQuick ? 8 : 64),
    rounds: flags.rounds ?? (isQuick ? 2 : 5),
  });
  const setting = describeSetting();
  const { width, height } = wafer.plan.options.grid;
  const grid = `${width}x${height}`;
  if (flags.json) return terminal.writeJson({ setting, model, grid, rank, batch, rows });
  const head = `${model}, grid ${grid}, rank ${rank}, ${batch} answers at once`;
  const lines = table(TITLES, rows.map(cellsOf));
  return terminal.writeLines([...settingLines(setting), head, '', lines]);
}

const TITLES = ['through', '>adapters', '>tokens/s', '>times none', '>bar', 'hash'];

function cellsOf(row: AdapterBenchRow): string[] {
  const { through, adapters, tokensPerSecond, ratio, bar, hash } = row;
  const rates = [tokensPerSecond.toFixed(1), ratio.toFixed(3)];
  return [through, String(adapters), ...rates, bar === undefined ? 'none' : String(bar), hash];
}
