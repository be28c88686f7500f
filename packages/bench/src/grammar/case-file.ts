/**
 * Schemas with instances: those that are committed, and MaskBench's files.
 *
 * Source: MaskBench (github.com/guidance-ai/jsonschemabench, folder maskbench/data): a file per
 * schema, as `{ schema, tests: [{ valid, data }] }`.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import type { GrammarCase } from './grammar-case.ts';
import { ownCases } from './own-cases.ts';

interface CaseFile {
  schema?: unknown;
  tests?: { valid: boolean; data: unknown }[];
}

/** Cases of a folder, at most so many of them, evenly spaced. Throws: CASES_INVALID. */
export function readCases(folder: string | undefined, countMax: number): GrammarCase[] {
  if (folder === undefined) return ownCases().slice(0, countMax);
  const names = namesIn(folder)
    .filter((name) => name.endsWith('.json'))
    .toSorted();
  const count = Math.min(countMax, names.length);
  const chosen = Array.from(
    { length: count },
    (_, i) => names[Math.floor((i * names.length) / count)]!,
  );
  return chosen.map((name) => readCase(folder, name));
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    const reason = (error as Error).message;
    throw new WaferError('CASES_INVALID', { path: folder, reason }, { cause: error });
  }
}

function readCase(folder: string, name: string): GrammarCase {
  const path = join(folder, name);
  try {
    const { schema, tests = [] } = JSON.parse(readFileSync(path, 'utf8')) as CaseFile;
    if (schema === undefined) throw new SyntaxError('no schema in it');
    const instances = tests.map(({ valid, data }) => ({ isValid: valid, value: data }));
    return { name: name.replace(/\.json$/, ''), schema, instances };
  } catch (error) {
    const reason = (error as Error).message;
    throw new WaferError('CASES_INVALID', { path, reason }, { cause: error });
  }
}
