/**
 * `wafer bench micro`: kernels and channels alone, with and without 256-bit vectors, in turns.
 *
 * Outputs must be the same bits with either width of vectors.
 */
import { append, assert, formatFigure, plural } from '@wafer/core';
import { variantsHere } from '../calibrate/calibrate.ts';
import { hashBytes } from '../hash.ts';
import { describeSetting, settingLines } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { openChild } from '../process/child.ts';
import type { RunnerOf } from '../process/runner.ts';
import { isNoisy, ratioByRound, spreadOf, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { table } from '../table.ts';
import type { Line } from '../table.ts';
import { channelCaseName } from './channel-cases.ts';
import type { MicroRole } from './micro-runner.ts';

export interface MicroOptions {
  rounds?: number | undefined;
  revectorize?: readonly boolean[] | undefined;
  isQuick?: boolean | undefined;
  /** Runs only cases whose name holds this. */
  filter?: string | undefined;
  signal?: AbortSignal | undefined;
  say?: ((text: string) => void) | undefined;
}

export interface MicroRow {
  name: string;
  isRevectorized: boolean;
  callNs: Spread;
  /** By round. */
  samples: number[];
  gigabytesPerSecond: number;
  gigaflopsPerSecond: number;
  hash: string;
}

export interface MicroReport {
  setting: Setting;
  rounds: number;
  rows: MicroRow[];
  /** A window with messages of 64 KiB against a plain copy of as many bytes; the bar is 0.5. */
  channelRatio: number | undefined;
  hash: string;
}

const ROUNDS_DEFAULT = 7;
const ROUNDS_QUICK = 2;
const CHANNEL_ROWS = 16;

interface Turn {
  runner: RunnerOf<MicroRole>;
  isRevectorized: boolean;
  index: number;
  row: Omit<MicroRow, 'callNs' | 'gigabytesPerSecond' | 'gigaflopsPerSecond'>;
  bytes: number;
  flops: number;
}

/** Runs all cases. */
export async function runMicro(options: MicroOptions = {}): Promise<MicroReport> {
  const { isQuick = false, revectorize = variantsHere(), filter = '', signal } = options;
  const rounds = options.rounds ?? (isQuick ? ROUNDS_QUICK : ROUNDS_DEFAULT);
  await using stack = new AsyncDisposableStack();
  const turns: Turn[] = [];
  for (const isRevectorized of revectorize) {
    signal?.throwIfAborted();
    options.say?.(`warming up ${isRevectorized ? '256' : '128'}-bit vectors`);
    const runner = await openChild<MicroRole>('micro', { isRevectorized, isQuick, filter });
    stack.defer(() => runner.close());
    append(turns, await findTurns(runner, isRevectorized));
    if (turns.length === 0) break;
  }
  for (let round = 0; round < rounds; round++) {
    options.say?.(`round ${round + 1} of ${rounds}`);
    for (const { runner, index, row } of turnsOf(turns, round)) {
      signal?.throwIfAborted();
      const sample = await runner.measure({ index });
      assert(sample?.hash === row.hash, 'every round gives the same bits', { name: row.name });
      row.samples.push(sample.callNs);
    }
  }
  const rows = turns.map(rowOf);
  checkEqualBits(rows);
  const hash = hashBytes(...rows.map(({ hash: each }) => new TextEncoder().encode(each)));
  return { setting: describeSetting(), rounds, rows, channelRatio: channelRatio(rows), hash };
}

/** Runs each case once: which there are, and warm from then on. */
async function findTurns(runner: RunnerOf<MicroRole>, isRevectorized: boolean): Promise<Turn[]> {
  const turns: Turn[] = [];
  for (let index = 0; ; index++) {
    const sample = await runner.measure({ index });
    if (sample === undefined) return turns;
    const { name, hash, bytes, flops } = sample;
    const row = { name, isRevectorized, samples: [], hash };
    turns.push({ runner, isRevectorized, index, row, bytes, flops });
  }
}

function rowOf({ row, bytes, flops }: Turn): MicroRow {
  const callNs = spreadOf(row.samples);
  const gigabytesPerSecond = bytes / callNs.median;
  return { ...row, callNs, gigabytesPerSecond, gigaflopsPerSecond: flops / callNs.median };
}

function checkEqualBits(rows: readonly MicroRow[]): void {
  const hashes = new Map<string, string>();
  for (const { name, hash } of rows) {
    const wanted = hashes.get(name) ?? hash;
    assert(hash === wanted, 'vectors of either width give the same bits', { name, hash, wanted });
    hashes.set(name, hash);
  }
}

function channelRatio(rows: readonly MicroRow[]): number | undefined {
  const samplesOf = (kind: 'copy' | 'window'): number[] | undefined =>
    rows.find(({ name }) => name === channelCaseName(kind, CHANNEL_ROWS))?.samples;
  const [copy, window] = [samplesOf('copy'), samplesOf('window')];
  return copy && window && ratioByRound(copy, window).median;
}

const TITLES = ['case', '>bits', '>µs a call', 'note', '>GB/s', '>GFLOP/s', '(>range)'];

/** The report as lines of text. */
export function microLines(report: MicroReport): Line[] {
  const { setting, rounds, rows, channelRatio: ratio, hash } = report;
  const cells = rows.map((row) => [
    ...[row.name, row.isRevectorized ? '256' : '128', formatFigure(row.callNs.median / 1000)],
    ...[isNoisy(row.callNs) ? 'noisy' : '', formatFigure(row.gigabytesPerSecond)],
    row.gigaflopsPerSecond > 0 ? formatFigure(row.gigaflopsPerSecond) : '',
    `${formatFigure(row.callNs.min / 1000)}-${formatFigure(row.callNs.max / 1000)}`,
  ]);
  return [
    ...settingLines(setting),
    `one thread, channels two · medians of ${plural(rounds, 'interleaved round')}`,
    '',
    table(TITLES, cells, { keyCount: 2 }),
    '',
    ...(ratio === undefined
      ? []
      : [`channel, 64 KiB: ${ratio.toFixed(2)} of a plain copy (bar: 0.50)`]),
    `results: hash ${hash}`,
  ];
}
