/**
 * `wafer bench --compare RUN RUN`: two runs side by side, row by row, as ratios.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Table } from '@wafer/bench/common';
import { formatRate, isObject } from '@wafer/core';
import { UsageError } from '../failures.ts';
import type { Terminal } from '../terminal.ts';

interface Run {
  folder: string;
  meta: Record<string, unknown>;
  /** Rows of wall.csv by name, fields by column. */
  rows: Map<string, ReadonlyMap<string, string>>;
}

interface Pair {
  row: string;
  prefill: [number, number];
  decode: [number, number];
  /** Decoding: the second run over the first. */
  ratio: number;
  /** Whether the runs wrote the same tokens. */
  hasSameTokens: boolean;
}

const RATES = { prefill: 'prefill_tokens_per_s', decode: 'decode_tokens_per_s' } as const;

/** Prints what two folders of `wafer bench` hold. Throws: UsageError. */
export async function compareRuns(
  folders: readonly string[],
  isJson: boolean,
  terminal: Terminal,
): Promise<void> {
  if (folders.length !== 2) {
    throw new UsageError('--compare takes two folders of runs: --compare runs/A runs/B');
  }
  const [before, after] = folders.map(readRun) as [Run, Run];
  const pairs = [...before.rows.keys()].flatMap((row) => pairOf(row, before, after) ?? []);
  if (pairs.length === 0) throw new UsageError('the two runs have no row in common');
  const differences = differencesOf(before.meta, after.meta);
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

function readRun(folder: string): Run {
  try {
    const meta: unknown = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
    const [head = [], ...lines] = parseCsv(readFileSync(join(folder, 'wall.csv'), 'utf8'));
    const rows = lines.map((cells): [string, Map<string, string>] => [
      cells[0] ?? '',
      new Map(head.map((name, index) => [name, cells[index] ?? ''])),
    ]);
    return { folder, meta: isObject(meta) ? meta : {}, rows: new Map(rows) };
  } catch (error) {
    throw new UsageError(`${folder} is no folder of a bench run: ${(error as Error).message}`);
  }
}

function pairOf(row: string, before: Run, after: Run): Pair | undefined {
  const [a, b] = [before.rows.get(row), after.rows.get(row)];
  if (a === undefined || b === undefined) return undefined;
  const both = (column: string): [number, number] => [Number(a.get(column)), Number(b.get(column))];
  const decode = both(RATES.decode);
  const hasSameTokens = a.get('tokens_hash') === b.get('tokens_hash');
  return { row, prefill: both(RATES.prefill), decode, ratio: decode[1] / decode[0], hasSameTokens };
}

/** Settings, machines and versions that are not the same in both runs. */
function differencesOf(
  before: unknown,
  after: unknown,
  path: readonly string[] = [],
): { name: string; before: string; after: string }[] {
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names]
      .filter(
        (name) => path.length > 0 || ['versions', 'machine', 'model', 'settings'].includes(name),
      )
      .flatMap((name) => differencesOf(before[name], after[name], [...path, name]));
  }
  const [a, b] = [before, after].map((value) => JSON.stringify(value) ?? 'absent') as [
    string,
    string,
  ];
  return a === b ? [] : [{ name: path.join('.'), before: a, after: b }];
}

/** Cells of CSV as the bench writes it: quotes where a cell needs them, doubled inside. */
function parseCsv(text: string): string[][] {
  return text
    .split(/\r?\n/)
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(
        ([, quoted, plain]) => quoted?.replaceAll('""', '"') ?? plain ?? '',
      ),
    );
}
