import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { Automaton } from '../run/automaton.ts';
import { compileGbnf } from './compile-gbnf.ts';

const encoder = new TextEncoder();

function reads(grammar: string, text: string): boolean {
  const automaton = new Automaton(compileGbnf(grammar, new Budget()));
  const at = automaton.read(automaton.start, encoder.encode(text));
  return at >= 0 && automaton.isAccepting(at);
}

const SUMS = `
# sums of numbers
root ::= term (("+" | "-") term)*
term ::= number | "(" root ")"
number ::= [0-9]{1,3} ("." [0-9]+)?
`;

test.each([
  [SUMS, '1+22-(3.5+4)', true],
  [SUMS, '(1+2', false],
  [SUMS, '1234', false],
  ['root ::= "é" [^a-c]* "\\u00e9" .', 'éxyé😀', true],
  ['root ::= "é" [^a-c]* "\\u00e9" .', 'éaé😀', false],
  ['a = b "!"; b = "x" | "y" b;', 'yyx!', true],
  ['a = b "!"; b = "x" | "y" b;', 'yy!', false],
  ['root ::= ("a" | "")* "b"', 'aab', true],
  ['root ::= s\ns ::= "(" s ")" s | ""', '(()())()', true],
  ['root ::= s\ns ::= "(" s ")" s | ""', '(()', false],
  ['root ::= x{2,3}\nx ::= "a" | "b" loop\nloop ::= "c" loop', 'aaa', true],
])('%s on %s: %s', (grammar, text, isText) => {
  expect(reads(grammar, text)).toBe(isText);
});

test.each([
  ['', 'no rule'],
  ['root ::= "a', 'inside quotes'],
  ['root ::= x', 'no rule x'],
  ['root ::= root "a" | "b"', 'begins with itself'],
  ['root ::= a* root | "b"\na ::= "x"?', 'begins with itself'],
  ['root ::= "a" root', 'no text'],
  ['root ::= [z-a]', 'backwards'],
  ['root ::= "a" "b"{3,1}', 'backwards'],
  [`root ::= ${'('.repeat(10_000)}"a"${')'.repeat(10_000)}`, 'levels of nesting'],
  ['root ::= ("x"{1000}){1000}', 'GRAMMAR_LIMIT'],
  [Array.from({ length: 5000 }, (_, i) => `r${i} ::= r${i + 1}`).join('\n'), 'GRAMMAR_'],
])('what means nothing or costs too much is refused (%#)', (grammar, reason) => {
  expect(() => reads(grammar, '')).toThrow(reason);
});

test('a long text of a deep grammar is read without a deep stack', () => {
  const grammar = 'root ::= "(" root ")" tail | "x"\ntail ::= "" | "!" tail';
  expect(reads(grammar, `${'('.repeat(2000)}x${')'.repeat(2000)}`)).toBe(true);
});
