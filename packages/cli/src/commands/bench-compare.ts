/**
 * `wafer bench --compare RUN RUN`: two runs side by side, row by row, as ratios.
 */
import { compare, readRun } from '@wafer/bench';
import type { KeptRun } from '@wafer/bench';
import { Table } from '@wafer/bench/common';
import { formatRate, reasonOf } from '@wafer/core';
import { UsageError } from '../failures/failures.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** Prints what two folders of `wafer bench` hold. Throws: UsageError. */
export async function compareRuns(
  folders: readonly string[],
  isJson: boolean,
  terminal: Terminal,
): Promise<void> {
  if (folders.length !== 2) {
    throw new UsageError('--compare takes two folders of runs: --compare runs/A runs/B');
  }
  const [before, after] = folders.map(openRun) as [KeptRun, KeptRun];
  const { pairs, differences } = compare(before, after);
  if (pairs.length === 0) throw new UsageError('the two runs have no row in common');
  if (isJson)
    return terminal.writeJson({ before: folders[0], after: folders[1], differences, pairs });
  const columns = [
    { title: 'row' },
    ...['prefill/s', 'then', 'decode/s', 'then', 'ratio'].map((title) => ({
      title,
      align: 'right' as const,
    })),
    { title: 'tokens' },
  ];
  const rows = pairs.map(({ row, prefill, decode, ratio, hasSameTokens }) => [
    row,
    ...[...prefill, ...decode].map(formatRate),
    ratio.toFixed(3),
    hasSameTokens ? 'the same' : 'differ',
  ]);
  const notes = differences.map(({ name, before: a, after: b }) => `${name}: ${a} → ${b}`);
  await terminal.writeLines([
    new Table(columns, rows),
    ...(notes.length > 0 ? ['', ...notes] : []),
  ]);
}

function openRun(folder: string): KeptRun {
  try {
    return readRun(folder);
  } catch (error) {
    throw new UsageError(`${folder} is no folder of a bench run: ${reasonOf(error)}`);
  }
}
