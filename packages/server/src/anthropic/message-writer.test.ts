import type { FinishReason, Piece, Usage } from '@wafer/runtime';
import { expect, test } from 'vitest';
import type { AnswerPart } from '../requests/generation.ts';
import { MessageWriter } from './message-writer.ts';

const PIECE: Piece = {
  ...{ index: 0, token: 1, text: '', logprob: undefined, top: undefined },
  ...{ promptLogprobs: undefined, virtualNs: undefined, finish: undefined, stop: undefined },
  usage: undefined,
};
const USAGE: Usage = {
  ...{ promptTokens: 10, cachedTokens: 8, generatedTokens: 7, draftedTokens: 0 },
  ...{ acceptedTokens: 0, queueMs: 0, prefillMs: 0, decodeMs: 0 },
};

const part = (change: Partial<AnswerPart>): AnswerPart => ({
  ...{ index: 0, content: '', reasoning: '', toolCalls: [], promptTokens: 10, thoughtTokens: 2 },
  ...{ piece: PIECE, token: undefined, finish: undefined, usage: undefined },
  ...change,
});

interface Told {
  types: string[];
  deltas: Record<string, unknown>[];
  writer: MessageWriter;
}

function tell(parts: readonly Partial<AnswerPart>[], hidesThinking = false): Told {
  const writer = new MessageWriter({
    ...{ id: 'msg_1', model: 'm', newCallId: () => 'toolu_1', hidesThinking },
    seal: (text) => `sealed ${text}`,
  });
  const events = [...parts.flatMap((one) => [...writer.push(part(one))]), ...writer.finish()];
  const told = events.map(({ data }) => data as { type: string; delta?: Told['deltas'][0] });
  return {
    types: told.map(({ type }) => type.replace('content_block_', '')),
    deltas: told.flatMap(({ delta }) => (delta === undefined ? [] : [delta])),
    writer,
  };
}

const end = { finish: 'stop' as const, usage: USAGE };
const THOUGHT = [{ reasoning: 'hm' }, { reasoning: ', so' }, { content: 'Yes' }];

test('thinking is a block with a signature, before the text', () => {
  const { types, deltas, writer } = tell([...THOUGHT, end]);
  expect(types).toEqual([
    ...['message_start', 'ping', 'start', 'delta', 'delta', 'delta', 'stop'],
    ...['start', 'delta', 'stop', 'message_delta', 'message_stop'],
  ]);
  expect(deltas.slice(0, 4)).toEqual([
    { type: 'thinking_delta', thinking: 'hm' },
    { type: 'thinking_delta', thinking: ', so' },
    { type: 'signature_delta', signature: 'sealed hm, so' },
    { type: 'text_delta', text: 'Yes' },
  ]);
  expect(writer.message['content']).toEqual([
    { type: 'thinking', thinking: 'hm, so', signature: 'sealed hm, so' },
    { type: 'text', text: 'Yes', citations: null },
  ]);
});

test('thinking that is not shown is carried sealed alone', () => {
  const { deltas, writer } = tell([...THOUGHT, end], true);
  expect(deltas.slice(0, 2)).toEqual([
    { type: 'signature_delta', signature: 'sealed hm, so' },
    { type: 'text_delta', text: 'Yes' },
  ]);
  const sealed = { type: 'thinking', thinking: '', signature: 'sealed hm, so' };
  expect((writer.message['content'] as object[])[0]).toEqual(sealed);
});

test('a call ends the block before it, and is the reason', () => {
  const call = { name: 'f', arguments: { a: 1 } };
  const { types, writer } = tell([{ content: 'Let me' }, { toolCalls: [call] }, end]);
  expect(types).toEqual([
    ...['message_start', 'ping', 'start', 'delta', 'stop', 'start', 'delta', 'stop'],
    ...['message_delta', 'message_stop'],
  ]);
  expect(writer.message).toMatchObject({
    content: [{ text: 'Let me' }, { type: 'tool_use', id: 'toolu_1', name: 'f', input: { a: 1 } }],
    ...{ stop_reason: 'tool_use', stop_sequence: null },
  });
});

test.each<[finish: FinishReason, stop: Piece['stop'], reason: string, sequence: string | null]>([
  ['stop', { token: 2 }, 'end_turn', null],
  ['stop', { format: 'complete' }, 'end_turn', null],
  ['stop', { text: 'END' }, 'stop_sequence', 'END'],
  ['length', undefined, 'max_tokens', null],
  ['deadline', undefined, 'max_tokens', null],
  ['context', undefined, 'model_context_window_exceeded', null],
])('an end by %s, %j, is %s', (finish, stop, reason, sequence) => {
  const piece = { ...PIECE, stop };
  const { deltas } = tell([{ content: 'x' }, { finish, piece, usage: USAGE }]);
  expect(deltas.at(-1)).toMatchObject({ stop_reason: reason, stop_sequence: sequence });
});

test('tokens that were cached are told apart; an answer under way counts what it has', () => {
  const { writer } = tell([{ content: 'a' }, { content: 'b' }]);
  expect(writer.message).toMatchObject({
    ...{ stop_reason: null, usage: { input_tokens: 10, output_tokens: 2 } },
  });
  expect(tell([{ content: 'a' }, end]).writer.message['usage']).toMatchObject({
    ...{ input_tokens: 2, cache_read_input_tokens: 8, output_tokens: 7 },
    output_tokens_details: { thinking_tokens: 2 },
  });
});
