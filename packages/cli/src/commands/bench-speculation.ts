/**
 * `wafer bench speculation`: decoding with guesses by lookup and without, in turns.
 */
import type { Command } from 'commander';
import { runSpeculation } from '@wafer/bench';
import type { SpeculationRow } from '@wafer/bench';
import { table } from '@wafer/bench/common';
import { formatCount } from '@wafer/core';
import { openNamedModel } from '../models/named-model.ts';
import { readCount } from '../flags/option-values.ts';
import { startWafer } from '../terminal/session.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SpeculationFlags {
  tokens?: number;
  rounds?: number;
  editEvery?: number;
  quick?: true;
  json?: true;
}

const MODEL_DEFAULT = 'synthetic:110m:q8_0';
const MODEL_QUICK = 'synthetic:tiny';

export function addBenchSpeculation(bench: Command, terminal: Terminal): void {
  bench
    .command('speculation')
    .summary('decoding with guesses by lookup, and without')
    .description('Decodes an edit of a given text, text that does not repeat, and chance.')
    .argument('[model]', `a model (default: ${MODEL_DEFAULT})`)
    .option('--tokens <n>', 'of each answer (default: 192)', readCount)
    .option('--rounds <n>', 'with and without, in turns (default: 5)', readCount)
    .option('--edit-every <n>', 'one token in so many is changed (default: 40)', readCount)
    .option('--quick', 'tiny model and sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .action((model: string | undefined, flags: SpeculationFlags) => run(model, flags, terminal));
}

async function run(
  named: string | undefined,
  flags: SpeculationFlags,
  terminal: Terminal,
): Promise<void> {
  using watch = watchSignals();
  const isQuick = (flags.quick ?? false) || isShrunk();
  const model = (isShrunk() ? undefined : named) ?? (isQuick ? MODEL_QUICK : MODEL_DEFAULT);
  const { signal } = watch;
  const opened = await openNamedModel(model);
  await using wafer = await startWafer({ model: opened }, { terminal, signal });
  const rows = await runSpeculation(wafer, {
    tokens: flags.tokens ?? (isQuick ? 40 : 192),
    promptTokens: 16,
    rounds: flags.rounds ?? (isQuick ? 2 : 5),
    editEvery: flags.editEvery ?? 40,
    signal,
  });
  if (flags.json) return terminal.writeJson({ model, rows });
  return terminal.writeLines([model, '', table(TITLES, rows.map(cellsOf))]);
}

const RATES = ['>tok/s without', '>tok/s with', '>times', '>bar'];
const TITLES = ['text', ...RATES, '>tokens', '>guessed', '>right', '(hash)'];

function cellsOf(row: SpeculationRow): string[] {
  const rate = (perSecond: number): string => perSecond.toFixed(1);
  const { workload, ratio, bar, draftedTokens, acceptedTokens, tokens, hash } = row;
  return [
    ...[workload, rate(row.plainTokensPerSecond), rate(row.guessedTokensPerSecond)],
    ...[ratio.toFixed(2), bar === undefined ? 'none' : String(bar)],
    ...[formatCount(tokens), formatCount(draftedTokens), formatCount(acceptedTokens), hash],
  ];
}
