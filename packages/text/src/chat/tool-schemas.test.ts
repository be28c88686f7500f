/** Types of arguments: what the tool's schema says, in every format. */
import { expect, test } from 'vitest';
import { ANSWER_FORMATS } from './answer-formats.ts';
import type { ChatMessage } from './messages.ts';
import { WholeAnswer } from './whole-answer.ts';

function parse(
  name: string,
  parts: readonly string[],
  { tools }: { tools: readonly object[] },
): ChatMessage {
  const parser = ANSWER_FORMATS.find((known) => known.name === name)!.parser('', tools);
  const whole = new WholeAnswer();
  for (const part of parts) whole.add(parser.push(part));
  whole.add(parser.finish());
  return whole.message;
}

const SHIP = {
  type: 'function',
  function: {
    name: 'ship',
    parameters: {
      type: 'object',
      properties: {
        postcode: { type: 'string' },
        count: { type: 'integer' },
        price: { type: 'number' },
        fast: { type: 'boolean' },
        note: { type: ['string', 'null'] },
        size: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
        color: { enum: ['red', 'true'] },
        place: { $ref: '#/$defs/place' },
        list: { type: 'array', items: { type: 'string' } },
        box: { $ref: '#/$defs/box' },
        pair: { type: 'array', prefixItems: [{ type: 'string' }, { type: 'integer' }] },
        both: { allOf: [{ properties: { a: { type: 'string' } } }, { $ref: '#/$defs/box' }] },
        either: { oneOf: [{ properties: { id: { type: 'string' } } }, { $ref: '#/$defs/named' }] },
        round: { $ref: '#/$defs/round' },
        maybe: { anyOf: [{ type: 'array', items: { type: 'boolean' } }, { type: 'null' }] },
      },
      $defs: {
        place: { type: 'object' },
        named: { properties: { id: { type: 'string' }, n: { type: 'integer' } } },
        // Without a look at what was seen, types of this take 20^16 steps.
        round: {
          anyOf: [
            ...Array.from({ length: 20 }, () => ({ $ref: '#/$defs/round' })),
            { type: 'string' },
          ],
        },
        box: {
          type: 'object',
          properties: { code: { type: 'string' }, inner: { $ref: '#/$defs/box' } },
          additionalProperties: { type: 'string' },
        },
      },
    },
  },
};

test.each([
  ['postcode', '10115', '10115'],
  ['postcode', 'null', 'null'],
  ['postcode', '"quoted"', '"quoted"'],
  ['postcode', ' a\n b ', ' a\n b '],
  ['count', '3', 3],
  ['count', '12345678901234567890', '12345678901234567890'],
  ['count', 'many', 'many'],
  ['price', '1.10', 1.1],
  ['fast', 'True', true],
  ['fast', 'false', false],
  ['note', 'null', null],
  ['note', 'None', null],
  ['note', '007', '007'],
  ['size', '5', 5],
  ['size', '1.10', '1.10'],
  ['size', 'XL', 'XL'],
  ['color', 'true', 'true'],
  ['place', '{"a": 1}', { a: 1 }],
  ['place', "{'a': None}", { a: null }],
  ['list', '["1"]', ['1']],
  ['list', '[1.10, "2", true]', ['1.10', '2', 'true']],
  ['box', '{"code": 1.0, "inner": {"code": 007}}', { code: '1.0', inner: { code: '007' } }],
  [
    'box',
    '{"code": 1.0, "inner": {"code": 7, "x": 5}}',
    { code: '1.0', inner: { code: '7', x: '5' } },
  ],
  ['both', '{"a": 1, "code": 007}', { a: '1', code: '007' }],
  ['either', '{"id": 10115, "n": 3}', { id: '10115', n: 3 }],
  ['round', '10115', '10115'],
  ['pair', '[1, "2", 3]', ['1', 2, 3]],
  ['maybe', '["True", null]', [true, null]],
  ['other', '10115', 10115],
  ['other', '1.10', '1.10'],
  ['other', '12345678901234567890', '12345678901234567890'],
  ['other', 'true', true],
])('a tagged argument %s of %j is what its schema says', (key, text, expected) => {
  const tools = [SHIP];
  const tagged = `<function=ship>\n<parameter=${key}>\n${text}\n</parameter>\n</function>`;
  const [qwen] = parse('qwen', [`<tool_call>${tagged}</tool_call>`], { tools }).toolCalls ?? [];
  expect(qwen?.arguments).toEqual({ [key]: expected });
  const pair = `<arg_key>${key}</arg_key><arg_value>${text}</arg_value>`;
  const [glm] = parse('glm', [`<tool_call>ship${pair}</tool_call>`], { tools }).toolCalls ?? [];
  expect(glm?.arguments).toEqual({ [key]: expected });
});

test('a number keeps how it was written where the schema wants text, in any format', () => {
  const tools = [SHIP];
  const json = '{"name": "ship", "arguments": {"postcode": 1.10, "box": {"code": 1e3}}}';
  const expected = { postcode: '1.10', box: { code: '1e3' } };
  const read = (name: string, text: string): unknown =>
    parse(name, [text], { tools }).toolCalls?.[0]?.arguments;
  expect(read('qwen', `<tool_call>${json}</tool_call>`)).toEqual(expected);
  expect(read('mistral', `[TOOL_CALLS][${json}]`)).toEqual(expected);
  expect(read('llama', json)).toEqual(expected);
  expect(read('llama', "[ship(postcode=1.10, box={'code': 1e3})]")).toEqual(expected);
  const inside = '<|message|>{"postcode": 1.10}<|call|>';
  expect(read('harmony', `<|channel|>commentary to=functions.ship${inside}`)).toEqual({
    postcode: '1.10',
  });
});

test('numbers in JSON keep their digits, and become text where the schema wants text', () => {
  const call = '{"name": "ship", "arguments": {"postcode": 10115, "other": 12345678901234567890}}';
  const expected = { postcode: '10115', other: '12345678901234567890' };
  const tools = [SHIP];
  for (const text of [`<tool_call>${call}</tool_call>`]) {
    expect(parse('qwen', [text], { tools }).toolCalls?.[0]?.arguments).toEqual(expected);
  }
  const python = '[ship(postcode=10115, other=12345678901234567890)]';
  expect(parse('llama', [python], { tools }).toolCalls?.[0]?.arguments).toEqual(expected);
});
