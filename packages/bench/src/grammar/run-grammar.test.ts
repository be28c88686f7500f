import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readCases } from './case-file.ts';
import { grammarLines, runGrammar } from './run-grammar.ts';
import { madeUpVocabulary } from './vocabulary.ts';

const vocabulary = madeUpVocabulary(300);
const { signal } = new AbortController();

test('our own schemas let their valid instances through, and no other', () => {
  const cases = readCases(undefined, Infinity);
  const done: number[] = [];
  const onProgress = (count: number): void => void done.push(count);
  const results = runGrammar(cases, vocabulary, { rounds: 1, signal, onProgress });
  expect(done).toEqual(cases.map((_, index) => index + 1));
  expect(results).toMatchObject({ refused: {}, blocked: [], letThrough: [] });
  expect(results.passedCount).toBe(cases.length);
  expect(results.compileUs!.count).toBe(cases.length);
  expect(results.maskUs!.count).toBe(results.tokenCount);
  expect(grammarLines(results).join('\n')).toContain(`passed ${cases.length}; refused none;`);
});

test('files of MaskBench are read, evenly spaced, and what is judged wrongly is told', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-cases-'));
  try {
    const write = (name: string, file: unknown): void =>
      writeFileSync(join(folder, `${name}.json`), JSON.stringify(file));
    const schema = { type: 'integer' };
    write('a', { schema, tests: [{ valid: false, data: 1 }] });
    write('b', { schema, tests: [{ valid: true, data: 1 }] });
    write('c', { schema: { format: 'color' }, tests: [] });
    write('d', { schema, tests: [{ valid: true, data: 'one' }] });
    expect(readCases(folder, 2).map(({ name }) => name)).toEqual(['a', 'c']);
    const results = runGrammar(readCases(folder, 9), vocabulary, { rounds: 1, signal });
    const refused = { GRAMMAR_UNSUPPORTED: 1 };
    expect(results).toMatchObject({ passedCount: 1, refused, blocked: ['d'], letThrough: ['a'] });
    write('e', { tests: [] });
    expect(() => readCases(folder, 9)).toThrow(expect.objectContaining({ code: 'CASES_INVALID' }));
  } finally {
    rmSync(folder, { recursive: true });
  }
});
