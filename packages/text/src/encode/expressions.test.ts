import { expect, test } from 'vitest';
import { PRE_EXPRESSIONS } from './pre-expressions.ts';
import { repeatsChoice } from './expression-form.ts';
import { compilePattern } from './expressions.ts';

test.each([
  '(a+)+$',
  '(?:a+)*$',
  '(a+a)+$',
  '(a|a)*$',
  '(a?){30}$',
  '((a)*b?){2,}$',
  '(?:(?:a|b))+',
  '(?=(a{2,})+b)',
  '(?<name>[)]+)+',
  String.raw`(\p{L}+)+`,
  String.raw`(\(+)+?`,
])('%s is refused: it may match in exponentially many ways', (regex) => {
  expect(() => compilePattern({ Regex: regex })).toThrow(/repeats a group/);
});

test.each([
  String.raw`\d{1,3}(?=(?:\d{3})*\b)`,
  "(?i:'s|'t|'re)?a+",
  String.raw`\s+(?!\S)|\s+`,
  '[(a+)+]',
  String.raw`\(a+\)+`,
  '(ab)+',
  '(a{3}){2}',
  '(a+|b){1}',
  ' {2,}',
  '^ | $',
])('%s is taken', (regex) => {
  expect(compilePattern({ Regex: regex })).toBeInstanceOf(RegExp);
});

test('all published expressions are taken, and none of them repeats a group', () => {
  for (const { patterns } of PRE_EXPRESSIONS.values()) {
    for (const regex of patterns) {
      expect(repeatsChoice(compilePattern({ Regex: regex }).source), regex).toBe(false);
    }
  }
});

test('patterns have at most 4096 characters', () => {
  for (const kind of ['Regex', 'String']) {
    expect(compilePattern({ [kind]: 'a'.repeat(4096) })).toBeInstanceOf(RegExp);
    expect(() => compilePattern({ [kind]: 'a'.repeat(4097) })).toThrow(/4097 characters/);
  }
});
