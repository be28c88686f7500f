/**
 * Attack class A6: schemas, expressions and grammars that are deep, wide, cyclic or exponential are
 * answered or refused by name within bounds; the loop goes on, and the next request finds all well.
 */
import type { RunningServer } from '@wafer/server';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ask, storiesServer } from './stories-server.ts';

let server: RunningServer;
beforeAll(async () => {
  server = await storiesServer();
});
afterAll(() => server.close());

function nested(depth: number): object {
  let schema: object = { type: 'string' };
  for (let i = 0; i < depth; i++) schema = { type: 'array', items: schema };
  return schema;
}

const wide = (count: number): object => ({
  anyOf: Array.from({ length: count }, (_, i) => ({ const: `value ${i}` })),
});
const required = Array.from({ length: 300 }, (_, i) => `p${i}`);

const SCHEMAS: readonly [string, object][] = [
  ['a cycle of references', { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/a' } } }],
  ['a reference that grows', { $defs: { a: { items: { $ref: '#/$defs/a' } } }, $ref: '#/$defs/a' }],
  ['a reference to elsewhere', { $ref: 'http://169.254.169.254/schema' }],
  ['ten thousand alternatives', wide(10_000)],
  ['a thousand million items', { type: 'array', items: {}, minItems: 1e9 }],
  ['a thousand million characters', { type: 'string', maxLength: 1e9, minLength: 1e9 }],
  ['sixty levels', nested(50)],
  ['a hostile pattern', { type: 'string', pattern: '(x{1000}){1000}' }],
  ['an invalid pattern', { type: 'string', pattern: '(' }],
  ['names of the prototype', { type: 'object', properties: JSON.parse('{"constructor":{}}') }],
  [
    'many names in any order',
    { type: 'object', required, properties: Object.fromEntries(required.map((p) => [p, {}])) },
  ],
];

const OTHERS: readonly [string, object][] = [
  ...[
    '(a+)+$',
    '(x{1000}){1000}',
    '(?<=a)b',
    '(',
    'a'.repeat(100_000),
    '[\\u{1F600}-\\u{10FFFF}]',
  ].map((pattern): [string, object] => [`/${pattern.slice(0, 20)}/`, { guided_regex: pattern }]),
  ['a rule of itself alone', { grammar: 'root ::= root' }],
  ['rules that double', { grammar: doubling(40) }],
  ['deep brackets', { grammar: `root ::= ${'('.repeat(20_000)}"a"${')'.repeat(20_000)}` }],
  ['no rule', { grammar: 'x ::=' }],
  ['ten thousand choices', { guided_choice: Array.from({ length: 10_000 }, (_, i) => `c${i}`) }],
];

function doubling(depth: number): string {
  const rules = Array.from({ length: depth }, (_, i) => `r${i} ::= r${i + 1} r${i + 1}`);
  return ['root ::= r0', ...rules, `r${depth} ::= "a"`].join('\n');
}

const formatOf = (schema: object): object => ({
  response_format: { type: 'json_schema', json_schema: { name: 's', schema, strict: true } },
});

test.each([
  ...SCHEMAS.map(([what, schema]): [string, object] => [what, formatOf(schema)]),
  ...OTHERS,
])('%s: an answer or a refusal by name, and the loop goes on', async (_what, more) => {
  const chat = { model: 'stories', max_tokens: 2, messages: [{ role: 'user', content: 'x' }] };
  const asked = ask(server, '/v1/chat/completions', { ...chat, ...more });
  expect((await fetch(`${server.url}/live`)).status).toBe(200);
  const response = await asked;
  const body = (await response.json()) as { error?: { code: string; message: string } };
  expect([200, 400]).toContain(response.status);
  if (response.status === 400) {
    expect(body.error?.code).toMatch(/^(grammar_\w+|invalid_\w+|unsupported_parameter)$/);
    expect(body.error?.message).not.toMatch(/Maximum call stack|heap|undefined/);
  }
  expect((await ask(server, '/v1/chat/completions', chat)).status).toBe(200);
});

test('many schemas that are seen once do not fill memory', async () => {
  const chat = { model: 'stories', max_tokens: 1, messages: [{ role: 'user', content: 'x' }] };
  const one = async (n: number): Promise<number> => {
    const schema = { type: 'object', properties: { [`p${n}`]: wide(200) } };
    return (await ask(server, '/v1/chat/completions', { ...chat, ...formatOf(schema) })).status;
  };
  const grown: number[] = [];
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 60; n++) expect(await one(round * 60 + n)).toBe(200);
    grown.push(process.memoryUsage().rss / 2 ** 20);
  }
  console.log(`resident MiB after 60, 120 and 180 schemas: ${grown.map(Math.round).join(', ')}`);
});
