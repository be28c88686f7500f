import { expect, test } from 'vitest';
import { chatOf } from './message-request.ts';
import type { MessageBody } from './message-schema.ts';

const user = { role: 'user', content: 'hi' };
const BODY: MessageBody = { model: 'm', max_tokens: 9, messages: [user] };
const opened = (sealed: string, at: string): string => `${sealed} at ${at}`;
const chat = (more: Partial<MessageBody>): ReturnType<typeof chatOf> =>
  chatOf({ ...BODY, ...more }, opened);

test('results of tools are messages before what the user says with them; failures say so', () => {
  const content = [
    { type: 'text', text: 'and ' },
    { type: 'tool_result', tool_use_id: 'a', content: [{ type: 'text', text: 'two' }] },
    { type: 'tool_result', tool_use_id: 'b', content: 'no file', is_error: true },
    { type: 'text', text: 'now?' },
    { type: 'tool_result', content: null },
  ];
  expect(chat({ messages: [{ role: 'user', content }] }).messages).toEqual([
    { role: 'tool', tool_call_id: 'a', content: 'two' },
    { role: 'tool', tool_call_id: 'b', content: 'Error: no file' },
    { role: 'tool', content: '' },
    { role: 'user', content: 'and now?' },
  ]);
});

test('thinking that a client carries is read: as it is, or opened where it is sealed', () => {
  const content = [
    { type: 'thinking', thinking: 'so ', signature: 'sealed' },
    { type: 'thinking', thinking: '', signature: 'hidden' },
    { type: 'text', text: 'it is' },
    { type: 'tool_use', id: 't', name: 'f', input: { a: 1 } },
  ];
  expect(chat({ messages: [user, { role: 'assistant', content }, user] }).messages[1]).toEqual({
    ...{ role: 'assistant', content: 'it is', reasoning: 'so hidden at messages[1].content' },
    tool_calls: [{ id: 't', type: 'function', function: { name: 'f', arguments: '{"a":1}' } }],
  });
});

test.each<[thinking: MessageBody['thinking'], effort: string | undefined, told: string | null]>([
  [undefined, undefined, null],
  [{ type: 'adaptive' }, undefined, null],
  [{ type: 'enabled', budget_tokens: 1024 }, undefined, 'medium'],
  [{ type: 'enabled', budget_tokens: 1024 }, 'low', 'low'],
  [undefined, 'max', 'xhigh'],
  [{ type: 'disabled' }, 'max', 'none'],
])('thinking %j with the effort %j is the effort %j', (thinking, effort, told) => {
  const { reasoning_effort: found } = chat({
    thinking: thinking ?? null,
    output_config: { effort: effort ?? null },
  });
  expect(found).toBe(told);
});

test.each<[choice: MessageBody['tool_choice'], told: unknown, parallel: boolean | null]>([
  [undefined, null, null],
  [{ type: 'auto' }, 'auto', null],
  [{ type: 'none', disable_parallel_tool_use: false }, 'none', null],
  [{ type: 'any', disable_parallel_tool_use: true }, 'required', false],
  [{ type: 'tool', name: 'f' }, { type: 'function', function: { name: 'f' } }, null],
])('the choice %j of tools is %j', (choice, told, parallel) => {
  const found = chat({ tool_choice: choice ?? null });
  expect([found.tool_choice, found.parallel_tool_calls]).toEqual([told, parallel]);
});

test('limits, stops and formats have their names in chats; what is absent is null', () => {
  expect(chat({ stop_sequences: ['x'], top_k: 3, service_tier: 'auto' })).toMatchObject({
    ...{ max_completion_tokens: 9, stop: ['x'], top_k: 3, top_p: null, service_tier: 'auto' },
    response_format: null,
  });
  const schema = { type: 'object' };
  const format = { type: 'json_schema', schema };
  for (const asked of [{ output_format: format }, { output_config: { format } }]) {
    expect(chat({ stop_sequences: [], service_tier: 'standard_only', ...asked })).toMatchObject({
      ...{ stop: null, service_tier: null },
      response_format: { type: 'json_schema', json_schema: { schema } },
    });
  }
});
