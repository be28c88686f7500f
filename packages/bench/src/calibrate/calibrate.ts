/**
 * `wafer calibrate`: the ceilings of this machine, with and without 256-bit vectors.
 *
 * Each variant runs in a process of its own; quantities and variants take turns.
 */
import { availableParallelism } from 'node:os';
import { formatFigure, plural } from '@wafer/core';
import { describeSetting, settingLines } from '../machine.ts';
import type { Setting } from '../machine.ts';
import { openChild } from '../process/child.ts';
import { isNoisy, spreadOf, turnsOf } from '../statistics.ts';
import type { Spread } from '../statistics.ts';
import { table } from '../table.ts';
import type { Line } from '../table.ts';
import { CEILING_BYTES, CEILING_UNITS, ceilingTasks } from './ceilings.ts';
import type { CeilingsRole, CeilingTask } from './ceilings.ts';

export interface CalibrateOptions {
  /** Bytes that are read; at least 256 MiB for numbers that mean memory. */
  bytes?: number;
  threadsMax?: number;
  rounds?: number;
  /** With 256-bit vectors, without, or both. */
  revectorize?: readonly boolean[];
  isQuick?: boolean;
  signal?: AbortSignal;
  /** Told what is going on. */
  say?: (text: string) => void;
}

export interface CeilingRow extends CeilingTask {
  isRevectorized: boolean;
  unit: string;
  value: Spread;
  samples: number[];
}

export interface Calibration {
  setting: Setting;
  bytes: number;
  rounds: number;
  rows: CeilingRow[];
}

const ROUNDS_DEFAULT = 9;
const ROUNDS_QUICK = 3;
const BYTES_QUICK = 2 ** 20;

/** Whether V8 can fuse to 256 bits here; turning it on needs a process of its own. */
export function variantsHere(): boolean[] {
  return process.arch === 'x64' ? [true, false] : [false];
}

/** Measures the ceilings. */
export async function calibrate(options: CalibrateOptions = {}): Promise<Calibration> {
  const { isQuick = false, signal } = options;
  const bytes = options.bytes ?? (isQuick ? BYTES_QUICK : CEILING_BYTES);
  const threadsMax = options.threadsMax ?? availableParallelism();
  const rounds = options.rounds ?? (isQuick ? ROUNDS_QUICK : ROUNDS_DEFAULT);
  const variants = options.revectorize ?? variantsHere();
  const evenBytes = Math.ceil(bytes / (128 * threadsMax)) * 128 * threadsMax;
  await using stack = new AsyncDisposableStack();
  const cases: { row: Omit<CeilingRow, 'value'>; measure: () => Promise<number> }[] = [];
  for (const isRevectorized of variants) {
    signal?.throwIfAborted();
    options.say?.(`warming up ${isRevectorized ? '256' : '128'}-bit vectors`);
    const given = { bytes: evenBytes, threadsMax, isRevectorized, isQuick };
    const runner = await openChild<CeilingsRole>('ceilings', given);
    stack.defer(() => runner.close());
    for (const task of ceilingTasks(threadsMax)) {
      const unit = CEILING_UNITS[task.quantity];
      const row = { ...task, isRevectorized, unit, samples: [] };
      cases.push({ row, measure: () => runner.measure(task) });
    }
  }
  for (let round = 0; round < rounds; round++) {
    options.say?.(`round ${round + 1} of ${rounds}`);
    for (const { row, measure } of turnsOf(cases, round)) {
      signal?.throwIfAborted();
      row.samples.push(await measure());
    }
  }
  const rows = cases.map(({ row }) => ({ ...row, value: spreadOf(row.samples) }));
  return { setting: describeSetting(), bytes: evenBytes, rounds, rows };
}

const TITLES: Readonly<Record<CeilingTask['quantity'], string>> = {
  read: 'read: plain sum',
  copy: 'copy: bytes copied',
  fma: 'f32 multiply-add',
  doorbell: 'round trip, asleep',
  wake: 'a thread woken on another core',
  spin: 'round trip, spinning',
  handover: 'written here, read there',
};

/** The report as lines of text. */
export function calibrationLines(calibration: Calibration): Line[] {
  const { setting, bytes, rounds, rows } = calibration;
  const cells = rows.map(({ quantity, threadCount, isRevectorized, unit, value }) => [
    TITLES[quantity],
    String(threadCount),
    isRevectorized ? '256' : '128',
    formatFigure(value.median),
    `${formatFigure(value.min)}-${formatFigure(value.max)}`,
    unit,
    isNoisy(value) ? 'noisy' : '',
  ]);
  const columns = ['what', '>threads', '>bits', '>median', '>range', 'unit', 'note'];
  return [
    ...settingLines(setting),
    `${Math.round(bytes / 2 ** 20)} MiB, medians of ${plural(rounds, 'interleaved round')}`,
    '',
    table(columns, cells, { keyCount: 3 }),
  ];
}
