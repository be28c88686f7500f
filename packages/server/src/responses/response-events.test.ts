import { createTokenizer, syntheticTokenizer } from '@wafer/text';
import { expect, test } from 'vitest';
import type { AnswerPart } from '../requests/generation.ts';
import { ResponseEvents } from './response-events.ts';

type Said = Pick<AnswerPart, 'content' | 'reasoning' | 'toolCalls'>;

/** Types of the items that a response has after these parts. */
function itemsOf(...parts: Partial<Said>[]): string[] {
  let count = 0;
  const events = new ResponseEvents({
    newId: (prefix) => `${prefix}_${count++}`,
    tokenizer: createTokenizer(syntheticTokenizer(300), 'synthetic'),
    hasLogprobs: false,
    seal: undefined,
  });
  const nothing = { content: '', reasoning: '', toolCalls: [] };
  for (const part of parts) Array.from(events.push({ ...nothing, ...part } as AnswerPart));
  Array.from(events.finish('completed'));
  return events.output.map(({ type }) => String(type));
}

test('an answer without anything is an empty message, any other has the items it made', () => {
  const toolCalls = [{ name: 'find', arguments: {} }];
  expect(itemsOf()).toEqual(['message']);
  expect(itemsOf({}, {})).toEqual(['message']);
  expect(itemsOf({ content: 'Once' }, { content: ' upon' })).toEqual(['message']);
  expect(itemsOf({ reasoning: 'so' })).toEqual(['reasoning']);
  expect(itemsOf({ toolCalls })).toEqual(['function_call']);
  expect(itemsOf({ reasoning: 'so', content: 'then' }, { toolCalls })).toEqual([
    ...['reasoning', 'message', 'function_call'],
  ]);
});
