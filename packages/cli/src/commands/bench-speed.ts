/**
 * `wafer bench speed`: prefill and decode in every configuration, beside the ceilings of the
 * machine and, with --peer, beside other implementations on the same weights.
 */
import type { Command } from 'commander';
import {
  barsOf,
  defaultSettings,
  MODEL_DEFAULT,
  MODEL_QUICK,
  PEERS,
  quickSettings,
  runSpeed,
  speedLines,
} from '@wafer/bench';
import type { PeerName, SpeedOptions } from '@wafer/bench';
import { WEIGHT_TYPES } from '@wafer/core';
import type { Activations, WeightType } from '@wafer/core';
import { readCount, readCounts, readVectors, readWords } from '../flags/option-values.ts';
import { isShrunk } from '../shrunk.ts';
import { watchSignals } from '../failures/signals.ts';
import type { Terminal } from '../terminal/terminal.ts';

interface SpeedFlags {
  types?: WeightType[] | undefined;
  tiles?: number[] | undefined;
  revectorize?: boolean[] | undefined;
  activations?: Activations[] | undefined;
  prefill?: number[];
  batch?: number[];
  embed?: number[];
  context?: number[];
  promptTokens?: number;
  tokens?: number;
  batchTokens?: number;
  extras: boolean;
  rounds?: number;
  peer?: PeerName[] | true;
  peerThreads?: number[];
  cache: string;
  quick?: true;
  json?: true;
}

const ACTIVATIONS: readonly Activations[] = ['f32', 'int8'];
const CACHE_DEFAULT = '.cache';

const EXAMPLES = `
Examples:
  wafer bench speed
  wafer bench speed synthetic:110m --types f32,q8_0 --batch 1,32 --peer
  wafer bench speed ./model.gguf --context 128,512,1024 --tiles 2
  wafer bench speed --quick --json`;

export function addBenchSpeed(bench: Command, terminal: Terminal): void {
  const types = Object.keys(WEIGHT_TYPES) as WeightType[];
  bench
    .command('speed')
    .summary('prefill and decode, beside ceilings and peers')
    .description('Measures tokens per second by tiles, batch, weight type and vectors.')
    .argument('[models...]', `folders, .gguf files or synthetic:15m (default: ${MODEL_DEFAULT})`)
    .option('--types <list>', 'weight types to convert to, as f32,q8_0', readWords(types))
    .option('--tiles <list>', 'tiles in a row (default: 1 and one per core)', readCounts)
    .option('--revectorize <on|off|both>', '256-bit vectors (default: both on x64)', readVectors)
    .option('--activations <list>', 'f32, or int8 too (default: f32)', readWords(ACTIVATIONS))
    .option('--prefill <list>', 'prompt lengths (default: 128,512)', readCounts)
    .option('--batch <list>', 'sequences at once (default: 1,8,32,64)', readCounts)
    .option('--embed <list>', 'short texts to embed at once (default: 64)', readCounts)
    .option('--context <list>', 'also decode after prompts of these lengths', readCounts)
    .option('--prompt-tokens <n>', 'before decoding (default: 8)', readCount)
    .option('--tokens <n>', 'decoded by one sequence (default: 64)', readCount)
    .option('--batch-tokens <n>', 'decoded by each of several (default: 24)', readCount)
    .option('--no-extras', 'leave out linear layers by trace, and starts')
    .option('--rounds <n>', 'interleaved rounds (default: 5)', readCount)
    .option('--peer [list]', `in turns with ${PEERS.join(' and ')}, or some`, readWords(PEERS))
    .option('--peer-threads <list>', 'of each peer (default: as many as tiles)', readCounts)
    .option('--cache <folder>', 'where models and peers are kept', CACHE_DEFAULT)
    .option('--quick', 'tiny model and sizes: shows that it works, not how fast')
    .option('--json', 'print one JSON object')
    .addHelpText('after', EXAMPLES)
    .action((models: string[], flags: SpeedFlags) => run(models, flags, terminal));
}

async function run(models: string[], flags: SpeedFlags, terminal: Terminal): Promise<void> {
  using watch = watchSignals();
  const isQuick = isShrunk();
  const named = models.length > 0 ? models : [flags.quick ? MODEL_QUICK : MODEL_DEFAULT];
  const settings = settingsOf(isQuick ? shrink(flags) : flags);
  const options: SpeedOptions = {
    ...settings,
    models: isQuick ? [MODEL_QUICK] : named,
    cacheFolder: flags.cache,
    signal: watch.signal,
    say: (text) => terminal.say(`wafer: ${text}`),
  };
  const report = await runSpeed(options);
  if (flags.json) return terminal.writeJson({ ...report, bars: barsOf(report.groups) });
  return terminal.writeLines(speedLines(report));
}

/** What may stay of a command line where all sizes are quick: neither sizes nor peers. */
function shrink({ types, tiles, revectorize, activations, extras, cache }: SpeedFlags): SpeedFlags {
  return { types, tiles, revectorize, activations, extras, cache, quick: true };
}

/** The defaults, or the quick ones, under what was asked for. */
function settingsOf(flags: SpeedFlags): ReturnType<typeof defaultSettings> {
  const base = flags.quick ? quickSettings() : defaultSettings();
  return {
    ...base,
    types: flags.types ?? base.types,
    tiles: flags.tiles ?? base.tiles,
    revectorize: flags.revectorize ?? base.revectorize,
    activations: flags.activations ?? base.activations,
    prefills: flags.prefill ?? base.prefills,
    batches: flags.batch ?? base.batches,
    embeds: flags.embed ?? base.embeds,
    contexts: flags.context ?? base.contexts,
    promptTokens: flags.promptTokens ?? base.promptTokens,
    tokens: Math.max(TOKENS_MIN, flags.tokens ?? base.tokens),
    batchTokens: Math.max(TOKENS_MIN, flags.batchTokens ?? base.batchTokens),
    hasExtras: flags.extras,
    rounds: flags.rounds ?? base.rounds,
    peerThreads: flags.peerThreads,
    peers: flags.peer === true ? PEERS : (flags.peer ?? base.peers),
  };
}

/** A rate needs two tokens. */
const TOKENS_MIN = 2;
