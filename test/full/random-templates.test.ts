/** Random expressions and templates, filled in by us and by Python's Jinja2: never another text. */
import { execFileSync, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { renderTemplate } from '@wafer/text';

const SCRIPT = fileURLToPath(new URL('random-templates.py', import.meta.url));
const hasJinja = spawnSync('python3', ['-c', 'import jinja2']).status === 0;
if (!hasJinja) console.warn('skipped: random templates, as python3 with jinja2 is absent');

interface Cases {
  variables: Record<string, unknown>;
  /** Null where Jinja2 raises. */
  cases: { template: string; text: string | null }[];
}

const SEEDS = [11, 12];
const COUNT = 2500;
/** The time that the script has. */
const NOW_MS = new Date(2026, 5, 1, 9, 7, 3).getTime();

describe.skipIf(!hasJinja)('random templates', () => {
  test.each(SEEDS)('seed %i: no text differs, and few are refused', (seed) => {
    const input = JSON.stringify({ seed, count: COUNT });
    const output = execFileSync('python3', ['-W', 'ignore', SCRIPT], {
      input,
      maxBuffer: 2 ** 28,
    });
    const { variables, cases } = JSON.parse(output.toString()) as Cases;
    const results = cases.map(({ template, text }) => {
      const task = { template, variables, nowMs: NOW_MS, stepsMax: 1e6, charactersMax: 1e6 };
      const result = renderTemplate(task);
      return { template, theirs: text, ours: result.kind === 'text' ? result.text : null };
    });
    const other = results.filter(
      ({ theirs, ours }) => theirs !== null && ours !== null && ours !== theirs,
    );
    expect(other).toEqual([]);
    expect(results.filter(({ theirs }) => theirs !== null).length).toBeGreaterThan(COUNT / 10);
    const refused = results.filter(({ theirs, ours }) => theirs !== null && ours === null);
    expect(refused.length).toBeLessThan(COUNT / 200);
    // What Python's own methods raise is not all raised here.
    const raised = results.filter(({ theirs, ours }) => theirs === null && ours !== null);
    expect(raised.length).toBeLessThan(COUNT / 100);
  });
});
