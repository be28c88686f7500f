/**
 * `wafer bench grammar`: what it costs to hold answers to schemas, and whether they are held.
 */
import type { Command } from 'commander';
import {
  grammarLines,
  llamaVocabulary,
  madeUpVocabulary,
  readCases,
  runGrammar,
} from '@wafer/bench';
import { readCount } from '../flags/option-values.ts';
import { ProgressLine } from '../terminal/progress.ts';
import { isShrunk } from '../shrunk.ts';
import { throwIfSignaled, watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface GrammarFlags {
  schemas?: string;
  count?: number;
  rounds?: number;
  cache: string;
  quick?: true;
  json?: true;
}

const COUNT_DEFAULT = 500;
const VOCABULARY_QUICK = 2000;

const EXAMPLES = `
Examples:
  wafer bench grammar
  wafer bench grammar --schemas jsonschemabench/maskbench/data --count 500

Without --schemas it takes schemas of its own. Files of MaskBench (a clone of
github.com/guidance-ai/jsonschemabench) are { schema, tests: [{ valid, data }] }.`;

export function addBenchGrammar(bench: Command, terminal: Terminal): void {
  bench
    .command('grammar')
    .summary('masks and programs of schemas: time, and whether instances are judged rightly')
    .description('Compiles schemas and walks their instances, token by token, with masks.')
    .option('--schemas <folder>', "a folder of MaskBench's files")
    .option('--count <n>', `of them, evenly spaced (default: ${COUNT_DEFAULT})`, readCount)
    .option('--rounds <n>', 'of which the best time counts (default: 3)', readCount)
    .option('--cache <folder>', 'where the vocabulary of Llama 3 is kept', '.cache')
    .option('--quick', 'tiny vocabulary: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((flags: GrammarFlags) => run(flags, terminal));
}

async function run(flags: GrammarFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const isQuick = (flags.quick ?? false) || isShrunk();
  const folder = isShrunk() ? undefined : flags.schemas;
  const cases = readCases(folder, flags.count ?? COUNT_DEFAULT);
  const vocabulary = isQuick ? madeUpVocabulary(VOCABULARY_QUICK) : llamaVocabulary(flags.cache);
  const rounds = flags.rounds ?? (isQuick ? 1 : 3);
  const progress = new ProgressLine(terminal, 'compiling', () => performance.now());
  const onProgress = (done: number, total: number): void => {
    throwIfSignaled();
    progress.reportCount(done, total, 'schema');
  };
  using _closing = { [Symbol.dispose]: () => progress.close() };
  const results = runGrammar(cases, vocabulary, { rounds, signal: watch.signal, onProgress });
  if (flags.json) return terminal.writeJson(results);
  return terminal.writeLines(grammarLines(results));
}
