/**
 * `wafer bench train`: steps of training by shape and by who computes what, in turns.
 */
import type { Command } from 'commander';
import {
  describeSetting,
  runTrain,
  settingLines,
  TRAIN_CASE_QUICK,
  TRAIN_CASES,
  TRAIN_PEERS,
  trainLines,
} from '@wafer/bench';
import type { TrainPeerName } from '@wafer/bench';
import { enableRevectorization } from '@wafer/kernels';
import { readCount, readWords } from '../flags/option-values.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface TrainBenchFlags {
  shape?: string[];
  rounds?: number;
  steps?: number;
  peer?: TrainPeerName[] | true;
  python: string;
  revectorize?: true;
  quick?: true;
  json?: true;
}

const NAMES = Object.keys(TRAIN_CASES);

export function addBenchTrain(bench: Command, terminal: Terminal): void {
  bench
    .command('train')
    .summary('training: tokens a second by shape, tiles, replicas and stages')
    .description(
      'Trains models of several shapes on one thread and on two, in turns, with PyTorch if asked.',
    )
    .option('--shape <names>', `some of ${NAMES.join(',')} (default: all)`, readWords(NAMES))
    .option('--rounds <n>', 'in turns (default: 5)', readCount)
    .option('--steps <n>', 'of a turn, of which the fastest counts (default: 3)', readCount)
    .option('--peer [list]', `in turns with ${TRAIN_PEERS.join(', ')}`, readWords(TRAIN_PEERS))
    .option('--python <program>', 'that has torch', 'python3')
    .option('--revectorize', "use V8's 256-bit vectors (x64)")
    .option('--quick', 'tiny shape and few steps: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .action((flags: TrainBenchFlags) => run(flags, terminal));
}

async function run(flags: TrainBenchFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const isQuick = (flags.quick ?? false) || isShrunk();
  if (flags.revectorize) enableRevectorization();
  const { shape: wanted = NAMES } = flags;
  const chosen = Object.fromEntries(wanted.map((name) => [name, TRAIN_CASES[name]!]));
  const peers = flags.peer === true ? TRAIN_PEERS : (flags.peer ?? []);
  const names = isShrunk() ? [] : peers;
  const report = await runTrain({
    ...{ cases: isQuick ? TRAIN_CASE_QUICK : chosen, isQuick, signal: watch.signal },
    rounds: flags.rounds ?? (isQuick ? 1 : 5),
    steps: flags.steps ?? (isQuick ? 1 : 3),
    peers: { names, python: flags.python },
    say: (text) => terminal.say(`wafer: ${text}`),
  });
  const setting = describeSetting();
  if (flags.json) return terminal.writeJson({ setting, ...report });
  return terminal.writeLines([...settingLines(setting), ...trainLines(report)]);
}
