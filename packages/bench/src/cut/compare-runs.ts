/**
 * Two runs of `wafer bench` side by side, from the files that they left: row by row as ratios, and
 * what was not the same about them.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@wafer/core';

export interface KeptRun {
  folder: string;
  meta: Record<string, unknown>;
  /** Rows of wall.csv by name, fields by column. */
  rows: Map<string, ReadonlyMap<string, string>>;
}

export interface RunPair {
  row: string;
  /** Tokens per second, before and after. */
  prefill: [number, number];
  decode: [number, number];
  /** Decoding: the second run over the first. */
  ratio: number;
  /** Whether the runs wrote the same tokens. */
  hasSameTokens: boolean;
}

export interface RunDifference {
  name: string;
  before: string;
  after: string;
}

export interface RunComparison {
  pairs: RunPair[];
  differences: RunDifference[];
}

const RATES = { prefill: 'prefill_tokens_per_s', decode: 'decode_tokens_per_s' } as const;
/** What of `meta.json` makes runs comparable. */
const SETTINGS = ['versions', 'machine', 'model', 'settings'] as const;

/** Reads the folder of a run. Throws: what reading and parsing its files throws. */
export function readRun(folder: string): KeptRun {
  const meta: unknown = JSON.parse(readFileSync(join(folder, 'meta.json'), 'utf8'));
  return runOf(folder, meta, readFileSync(join(folder, 'wall.csv'), 'utf8'));
}

/** A run whose files are at hand. */
export function runOf(folder: string, meta: unknown, wallCsv: string): KeptRun {
  const [head = [], ...lines] = parseCsv(wallCsv);
  const rows = lines.map((cells): [string, Map<string, string>] => [
    cells[0] ?? '',
    new Map(head.map((name, index) => [name, cells[index] ?? ''])),
  ]);
  return { folder, meta: isObject(meta) ? meta : {}, rows: new Map(rows) };
}

/** Rows that both have, and settings that differ. */
export function compare(before: KeptRun, after: KeptRun): RunComparison {
  return {
    pairs: [...before.rows.keys()].flatMap((row) => pairOf(row, before, after) ?? []),
    differences: differencesOf(before.meta, after.meta),
  };
}

/** The newest run below a folder of the same model and settings; undefined where there is none. */
export function runBefore(parent: string, now: KeptRun): KeptRun | undefined {
  for (const name of foldersOf(parent).toSorted().toReversed()) {
    const run = tryRead(join(parent, name));
    if (run === undefined || run.meta['id'] === now.meta['id']) continue;
    const { pairs, differences } = compare(run, now);
    const isAlike = !differences.some(({ name: what }) => /^(?:model|settings)\./.test(what));
    if (isAlike && pairs.length > 0) return run;
  }
  return undefined;
}

function foldersOf(parent: string): string[] {
  const entries = readdirSync(parent, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

/** Undefined for a folder that is none of a run, or of one that has not ended. */
function tryRead(folder: string): KeptRun | undefined {
  try {
    return readRun(folder);
  } catch {
    return undefined;
  }
}

function pairOf(row: string, before: KeptRun, after: KeptRun): RunPair | undefined {
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
): RunDifference[] {
  if (isObject(before) && isObject(after)) {
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names]
      .filter((name) => path.length > 0 || SETTINGS.some((known) => known === name))
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
