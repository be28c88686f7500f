/**
 * `wafer bench host`: this host as a machine: what its clock tells of wafers, and what they take.
 */
import type { Command } from 'commander';
import { withoutEnds } from '@wafer/models';
import { hostErrors, hostLines, MEASURED_LINKS, runHost } from '@wafer/bench';
import type { Model } from '@wafer/runtime';
import { openNamedModel } from '../models/named-model.ts';
import {
  readCount,
  readCounts,
  readShare,
  readWholeFrom,
  readWords,
} from '../flags/option-values.ts';
import { startWafer } from '../terminal/session.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface HostFlags {
  tiles?: number[];
  links?: string[];
  rounds?: number;
  quantile: number;
  promptTokens?: number;
  maxTokens?: number;
  quick?: true;
  json?: true;
}

const MODELS_DEFAULT = ['stories', 'synthetic:15m:f32', 'synthetic:110m:q8_0'];
const MODELS_QUICK = ['synthetic:tiny:q8_0'];
const TILES = [1, 2, 3, 4];
const TILES_QUICK = [1, 2];
/** Beside the whole wafer, which is a row whatever is asked for. */
const LINKS = MEASURED_LINKS.map(({ name }) => name);
const LINKS_QUICK = ['port'];
const SIZES = { rounds: 7, promptTokens: 64, maxTokens: 48 };
const SIZES_QUICK = { rounds: 1, promptTokens: 8, maxTokens: 4 };

const EXAMPLES = `
Examples:
  wafer bench host
  wafer bench host synthetic:15m:q8_0 --tiles 1,2 --links port --rounds 3
  wafer bench host stories --tiles 2 --links none
  wafer bench host --quick --json`;

export function addBenchHost(bench: Command, terminal: Terminal): void {
  bench
    .command('host')
    .summary('this host as a machine, held against its own wafers')
    .description('Tells what wafers take here from measured figures, and measures them, in turns.')
    .argument('[models...]', `models (default: ${MODELS_DEFAULT.join(' ')})`)
    .option('--tiles <n,n>', `numbers of tiles (default: ${TILES.join(',')})`, readCounts)
    .option(
      '--links <names>',
      `of cut wafers (default: ${LINKS.join(',')})`,
      readWords([...LINKS, 'none']),
    )
    .option('--rounds <n>', `interleaved rounds (default: ${SIZES.rounds})`, readCount)
    .option('--quantile <share>', 'of all times: 0.1 where others use the machine', readShare, 0.5)
    .option('--prompt-tokens <n>', `of the question (default: ${SIZES.promptTokens})`, readCount)
    .option(
      '--max-tokens <n>',
      `of the answer, from 2 on (default: ${SIZES.maxTokens})`,
      readWholeFrom(2), // between two tokens lies what is told
    )
    .option('--quick', 'tiny model and sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((models: string[], flags: HostFlags) => run(models, flags, terminal));
}

async function run(named: string[], flags: HostFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const { signal } = watch;
  const isQuick = (flags.quick ?? false) || isShrunk();
  const usual = isQuick ? SIZES_QUICK : SIZES;
  const names = named.length > 0 ? named : isQuick ? MODELS_QUICK : MODELS_DEFAULT;
  const models: { name: string; model: Model }[] = [];
  for (const name of names) models.push({ name, model: await openEndless(name) });
  const report = await runHost({
    models,
    tiles: flags.tiles ?? (isQuick ? TILES_QUICK : TILES),
    links: flags.links ?? (isQuick ? LINKS_QUICK : LINKS),
    isQuick,
    rounds: flags.rounds ?? usual.rounds,
    quantile: flags.quantile,
    promptTokens: flags.promptTokens ?? usual.promptTokens,
    maxTokens: flags.maxTokens ?? usual.maxTokens,
    start: (options) => startWafer(options, { terminal, signal }),
    signal,
    say: (text) => terminal.say(`wafer: ${text}`),
  });
  if (flags.json) return terminal.writeJson({ ...report, errors: hostErrors(report.rows) });
  return terminal.writeLines(hostLines(report));
}

/** A model without end tokens, so that every answer has the length that was asked for. */
async function openEndless(name: string): Promise<Model> {
  return withoutEnds(await openNamedModel(name));
}
