import { expect, test } from 'vitest';
import { Secrets } from '../store/secrets.ts';
import { inputItems, messagesOf } from './items.ts';
import type { Item } from './response-schema.ts';

const secrets = new Secrets(new Uint8Array(32).fill(3));
const messages = (items: readonly Item[], instructions?: string): object[] =>
  messagesOf(items, { instructions, secrets, tenant: 't' });
const call = (id: string): Item => ({
  ...{ type: 'function_call', call_id: id, name: 'add', arguments: '{}' },
});
const told = (id: string): object => ({
  ...{ id, type: 'function', function: { name: 'add', arguments: '{}' } },
});

test('calls that follow one another are one message, of which outputs answer each', () => {
  const output = (id: string): Item => ({ type: 'function_call_output', call_id: id, output: id });
  expect(messages([call('a'), call('b'), output('b'), output('a'), call('c')])).toEqual([
    { role: 'assistant', content: '', tool_calls: [told('a'), told('b')] },
    { role: 'tool', content: 'b', tool_call_id: 'b' },
    { role: 'tool', content: 'a', tool_call_id: 'a' },
    { role: 'assistant', content: '', tool_calls: [told('c')] },
  ]);
  expect(() => messages([call('a'), output('b')])).toThrow('no call has the id b');
});

test('what was thought goes with what was said or called next, once', () => {
  const thought: Item = { type: 'reasoning', content: [{ type: 'reasoning_text', text: 'hm' }] };
  const said: Item = { role: 'assistant', content: 'so' };
  expect(messages([thought, call('a'), said, thought, said], 'be brief')).toEqual([
    { role: 'system', content: 'be brief' },
    { role: 'assistant', content: '', reasoning: 'hm', tool_calls: [told('a')] },
    { role: 'assistant', content: 'so' },
    { role: 'assistant', content: 'so', reasoning: 'hm' },
  ]);
});

test('what was sealed is opened for whom it was sealed', () => {
  const sealed = secrets.seal('t', 'secret');
  const thought: Item = { type: 'reasoning', encrypted_content: sealed };
  expect(messages([thought, { role: 'assistant', content: 'a' }])).toMatchObject([
    { reasoning: 'secret' },
  ]);
  expect(messages([{ type: 'compaction', encrypted_content: sealed }])).toEqual([
    { role: 'user', content: 'Summary of the conversation so far:\nsecret' },
  ]);
  const other = { type: 'compaction', encrypted_content: secrets.seal('u', 'secret') };
  expect(() => messages([other])).toThrow('was not made by this server for this caller');
});

test('items that are kept have ids, and a status where their kind has one', () => {
  const newId = (prefix: string): string => `${prefix}_1`;
  const given: Item[] = [
    { role: 'user', content: 'a' },
    { type: 'reasoning', summary: [] },
    { ...call('c'), id: 'own' },
  ];
  expect(inputItems(given, newId)).toEqual([
    {
      ...{ type: 'message', id: 'msg_1', role: 'user', status: 'completed' },
      content: [{ type: 'input_text', text: 'a' }],
    },
    { type: 'reasoning', id: 'rs_1', summary: [] },
    { ...call('c'), id: 'own', status: 'completed' },
  ]);
  expect(inputItems('a', newId)).toHaveLength(1);
  expect([inputItems(null, newId), inputItems(undefined, newId)]).toEqual([[], []]);
});
