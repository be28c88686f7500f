import { expect, test } from 'vitest';
import { LineAssembler } from './line-assembler.ts';

/** The messages that lines make; those that begin with `+` were pasted. */
function messagesOf(...lines: string[]): (string | undefined)[] {
  const assembler = new LineAssembler();
  const messages = lines.flatMap((line) => {
    if (line.startsWith('+')) return (assembler.addPasted(line.slice(1)), []);
    return assembler.add(line) ?? [];
  });
  return [...messages, assembler.end()];
}

test('a line is a message', () => {
  expect(messagesOf('one', 'two')).toEqual(['one', 'two', undefined]);
});

test('pasted lines are one message, with what is typed behind them', () => {
  expect(messagesOf('+one', '+', '+two', 'three', 'four')).toEqual([
    'one\n\ntwo\nthree',
    'four',
    undefined,
  ]);
});

test('lines between quotes are one message', () => {
  expect(messagesOf('"""', 'one', '', '/two', '"""', 'three')).toEqual([
    'one\n\n/two',
    'three',
    undefined,
  ]);
  expect(messagesOf('"""one', 'two"""')).toEqual(['one\ntwo', undefined]);
  expect(messagesOf('"""one"""')).toEqual(['one', undefined]);
});

test('what was begun can be dropped, and the next line begins anew', () => {
  const assembler = new LineAssembler();
  expect(assembler.drop()).toBe(false);
  assembler.add('"""one');
  assembler.addPasted('two');
  expect([assembler.drop(), assembler.isOpen]).toEqual([true, false]);
  expect(assembler.add('three')).toBe('three');
});

test('a block that is never closed ends with the input', () => {
  expect(messagesOf('"""one', 'two')).toEqual(['one\ntwo']);
});
