import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { labelOf } from '../dfa/dfa.ts';
import { type MatchKind, patternDfa } from './regex-dfa.ts';

function matches(pattern: string, text: string, kind: MatchKind): boolean {
  return labelOf(patternDfa(pattern, { kind, path: 'p', budget: new Budget() }), text) >= 0;
}

const ATOMS = ['a', 'b', 'c', '.', '\\d', '\\w', '\\S', '[ab]', '[^a]', '[b-d0-3]', 'é', '\\u00e9'];
const QUANTIFIERS = ['', '', '', '*', '+', '?', '{2}', '{1,}', '{0,2}', '+?'];
const patterns = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom(...ATOMS),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie('node'), tie('node')).map(([a, b]) => `(?:${a}|${b})`),
    fc
      .tuple(tie('node'), fc.constantFrom(...QUANTIFIERS))
      .map(([of, quantifier]) => `(${of})${quantifier}`),
    fc.constantFrom('^a', 'b$', '(^|c)', '(a|$)'),
  ),
})).node;
const texts = fc.string({
  unit: fc.constantFrom('a', 'b', 'c', 'd', '1', ' ', 'é', '😀'),
  maxLength: 6,
});

test('an expression matches what the expression of the language matches', () => {
  fc.assert(
    fc.property(patterns, fc.array(texts, { maxLength: 8 }), (pattern, all) => {
      const whole = new RegExp(`^(?:${pattern})$`, 'u');
      const part = new RegExp(pattern, 'u');
      for (const text of all) {
        expect([text, matches(pattern, text, 'whole')]).toEqual([text, whole.test(text)]);
        expect([text, matches(pattern, text, 'search')]).toEqual([text, part.test(text)]);
      }
    }),
    { numRuns: 300 },
  );
});

test.each([
  ['^\\p{Lu}\\p{L}*$', 'Éa', true],
  ['^\\p{Lu}\\p{L}*$', 'éa', false],
  ['^(?!foo)[a-z]+$', 'bar', true],
  ['^(?!foo)[a-z]+$', 'food', false],
  ['^(?=.*\\d)(?=.*[a-z]).{3,5}$', 'ab1', true],
  ['^(?=.*\\d)(?=.*[a-z]).{3,5}$', 'abc', false],
  ['\\ud83d\\ude00', 'a😀', true],
  ['^\\S+@\\S+$', 'a@b', true],
  ['^{a}$', '{a}', true],
  ['^[\\w.-]+$', 'a.b-c', true],
  ['^\\/x\\-y$', '/x-y', true],
])('%s on %s: %s', (pattern, text, isMatch) => {
  expect(matches(pattern, text, 'search')).toBe(isMatch);
});

test.each(['(', ')', 'a**', '[z-a]', 'a{3,2}', '\\', '*', '(?:', '[a', '\\p{', '^*'])(
  'the broken expression %s is refused',
  (pattern) => {
    expect(() => matches(pattern, '', 'search')).toThrow('GRAMMAR_INVALID');
  },
);

test.each(['(a)\\1', '(?<=a)b', '(?<!a)b', '\\bfoo', 'a(?=b)', '\\p{Script=Klingon}', '(?i:a)'])(
  'what cannot be enforced is refused by name: %s',
  (pattern) => {
    expect(() => matches(pattern, '', 'search')).toThrow('GRAMMAR_UNSUPPORTED');
  },
);

test.each([
  '(x{1000}){1000}',
  `${'('.repeat(10_000)}a${')'.repeat(10_000)}`,
  'a{1000000000}',
  '(){1000000000}',
  `(${'a?'.repeat(400)}){400}`,
  `(a|b)*a${'(a|b)'.repeat(40)}`,
  `[${'\\p{L}'.repeat(20)}]{5000}`,
])('an expression that would cost too much is refused (%#)', (pattern) => {
  expect(() => matches(pattern, '', 'search')).toThrow('GRAMMAR_LIMIT');
});

test.each(['(a+)+$', '(a|a)*b', '(.*)*x', 'a'.repeat(9000)])(
  'what makes others hang is like any other (%#)',
  (pattern) => {
    expect(matches(pattern, `${'a'.repeat(1000)}!`, 'whole')).toBe(false);
  },
);
