/** Small templates, filled in by our interpreter and, beforehand, by Jinja2: the same text. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renderTemplate } from '@wafer/text';

interface Case {
  template: string;
  /** Null where Jinja2 raises. */
  text: string | null;
}

const read = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`jinja/${name}.json`, import.meta.url), 'utf8'));
const cases = read('expressions') as Case[];
const variables = read('variables') as Record<string, unknown>;
const nowMs = new Date(2026, 5, 1, 9, 7, 3).getTime();

test.each(cases)('Jinja2 makes the same of $template', ({ template, text }) => {
  const task = { template, variables, nowMs, stepsMax: 1e5, charactersMax: 1e6 };
  const result = renderTemplate(task);
  expect(result.kind === 'text' ? result.text : null).toBe(text);
});

test('the table holds many cases, and some that Jinja2 refuses', () => {
  expect(cases.length).toBeGreaterThan(300);
  expect(cases.filter(({ text }) => text === null).length).toBeGreaterThan(20);
});
