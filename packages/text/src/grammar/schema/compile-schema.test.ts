import { Ajv2020 as Ajv } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import { Budget } from '../budget.ts';
import { Automaton } from '../run/automaton.ts';
import { compileSchema } from './compile-schema.ts';

const encoder = new TextEncoder();

function automatonOf(schema: unknown, isOrdered = false): Automaton {
  const text = JSON.stringify(schema);
  return new Automaton(compileSchema(text, { budget: new Budget(), isOrdered }));
}

function reads(automaton: Automaton, text: string): boolean {
  const at = automaton.read(automaton.start, encoder.encode(text));
  return at >= 0 && automaton.isAccepting(at);
}

// Not a key of the code's: what has one is taken for a promise.
const THEN = JSON.parse('"then"') as string;

/** A schema, values that satisfy it, and values that do not. */
const CASES: readonly [name: string, schema: unknown, yes: unknown[], no: unknown[]][] = [
  ['types', { type: ['integer', 'null'] }, [0, -7, null], [1.5, '1', true, [], {}]],
  [
    'bounds',
    { type: 'number', minimum: -1.5, exclusiveMaximum: 10 },
    [-1.5, 9.99, 0],
    [-1.51, 10, 11],
  ],
  ['multiples', { type: 'number', multipleOf: 0.25 }, [0, 1.75, -2.5], [0.3, 1.1]],
  ['lengths', { type: 'string', minLength: 2, maxLength: 3 }, ['ab', '😀😀😀'], ['a', 'abcd']],
  ['patterns', { type: 'string', pattern: '^a+$', maxLength: 3 }, ['a', 'aaa'], ['', 'b', 'aaaa']],
  ['formats', { type: 'string', format: 'date' }, ['2024-02-29'], ['2023-02-29', '1-1-1']],
  [
    'objects',
    { properties: { a: { type: 'integer' } }, required: ['a'], additionalProperties: false },
    [{ a: 1 }, 'other'],
    [{}, { a: 'x' }, { a: 1, b: 2 }],
  ],
  [
    'patterns of keys',
    { patternProperties: { '^n': { type: 'number' } }, additionalProperties: { type: 'string' } },
    [{ n1: 1, s: 'x' }, {}],
    [{ n1: 'x' }, { s: 1 }],
  ],
  ['counted keys', { type: 'object', minProperties: 2 }, [{ a: 1, b: 2 }], [{}, { a: 1 }]],
  ['names of keys', { propertyNames: { maxLength: 1 } }, [{ a: 1 }, 3], [{ ab: 1 }]],
  [
    'arrays',
    { prefixItems: [{ type: 'null' }], items: { type: 'boolean' } },
    [[], [null, true]],
    [[1], [null, 1]],
  ],
  [
    'contains',
    { type: 'array', contains: { const: 5 }, maxContains: 1 },
    [[5], [1, 5, 2]],
    [[], [5, 5]],
  ],
  [
    'differing items',
    { items: { enum: ['a', 'b'] }, uniqueItems: true },
    [['a', 'b']],
    [['a', 'a']],
  ],
  ['one of', { oneOf: [{ type: 'integer' }, { minimum: 2 }] }, [1, 2.5, 'x'], [3, 1.5]],
  ['not', { not: { type: ['string', 'object'] } }, [1, [], null], ['x', {}]],
  ['not a key', { not: { required: ['a'] } }, [{ b: 1 }, {}], [{ a: 1 }, 3]],
  ['all of', { allOf: [{ minimum: 3 }, { maximum: 5 }, { type: 'integer' }] }, [3, 5], [2, 6]],
  [
    'conditions',
    {
      if: { properties: { k: { const: 1 } }, required: ['k'] },
      [THEN]: { required: ['v'] },
      else: { maxProperties: 1 },
    },
    [{ k: 1, v: 0 }, { z: 1 }],
    [{ k: 1 }, { k: 2, v: 0 }],
  ],
  ['what depends', { dependentRequired: { a: ['b'] } }, [{ a: 1, b: 2 }, { b: 1 }], [{ a: 1 }]],
  [
    'references',
    {
      $ref: '#/$defs/tree',
      $defs: {
        tree: {
          type: 'object',
          properties: { kids: { type: 'array', items: { $ref: '#/$defs/tree' } } },
          additionalProperties: false,
        },
      },
    },
    [{ kids: [{}, { kids: [] }] }],
    [{ kids: [1] }, { kid: [] }],
  ],
  [
    'what was not evaluated',
    { allOf: [{ properties: { a: true } }], unevaluatedProperties: false },
    [{ a: 1 }, {}],
    [{ a: 1, b: 2 }],
  ],
  [
    'constants',
    { const: { a: [1, 'x'], b: null } },
    [{ a: [1, 'x'], b: null }],
    [{}, { a: [1], b: null }],
  ],
];

test.each(CASES)(
  '%s: what satisfies the schema can be written, and nothing else',
  (_, schema, yes, no) => {
    const automaton = automatonOf(schema);
    const ajv = new Ajv({ strict: false, validateFormats: false });
    expect(yes.map((value) => reads(automaton, JSON.stringify(value)))).toEqual(
      yes.map(() => true),
    );
    expect(no.map((value) => reads(automaton, JSON.stringify(value)))).toEqual(no.map(() => false));
    if (_ !== 'formats')
      expect(no.some((value) => ajv.validate(schema as object, value))).toBe(false);
  },
);

test('spaces go as people write them, and no others', () => {
  const automaton = automatonOf({ type: 'object' });
  const value = { a: [1, { b: 'x' }], c: {} };
  for (const text of [JSON.stringify(value), JSON.stringify(value, null, 2), '{ "a": 1 }']) {
    expect(reads(automaton, text)).toBe(true);
  }
  expect(reads(automaton, '{  "a":1}')).toBe(false);
  expect(reads(automaton, '{"a" :1}')).toBe(false);
});

test('names come in the order of the schema, unless any order is asked for', () => {
  const schema = { properties: { a: { type: 'null' }, b: { type: 'null' } }, required: ['b'] };
  const texts = ['{"a":null,"b":null}', '{"b":null,"a":null}', '{"b":null,"c":1}'];
  expect(texts.map((text) => reads(automatonOf(schema, true), text))).toEqual([true, false, true]);
  expect(texts.map((text) => reads(automatonOf(schema), text))).toEqual([true, true, true]);
});

test.each([
  [{ uniqueItems: true, type: 'array' }, 'uniqueItems'],
  [{ $ref: 'https://example.com/other' }, '$ref'],
  [{ type: 'string', format: 'color' }, 'format'],
  [{ type: 'string', pattern: '(?<=a)b' }, '(?<='],
  [{ not: { patternProperties: { '^a': true } }, type: 'object' }, 'patternProperties'],
  [{ type: 'integer', nullable: true }, 'nullable'],
])('%j is refused, by the keyword that would not be enforced', (schema, keyword) => {
  expect(() => automatonOf(schema)).toThrow(`GRAMMAR_UNSUPPORTED: ${keyword}`);
});

test.each([
  [{ type: 'object', required: ['a'], properties: { a: false } }, 'no value'],
  [{ allOf: [{ type: 'string' }, { type: 'number' }] }, 'no value'],
  [{ type: 'string', pattern: '[' }, 'regular expression'],
  [{ properties: 3 }, 'an object is wanted'],
  [{ minimum: 'x' }, 'a number is wanted'],
])('%j is refused as one that means nothing', (schema, reason) => {
  expect(() => automatonOf(schema)).toThrow(reason);
});

const deep = (levels: number): string => `${'{"items":'.repeat(levels)}true${'}'.repeat(levels)}`;
const ring = { $ref: '#/$defs/a', $defs: { a: { $ref: '#/$defs/b' }, b: { $ref: '#/$defs/a' } } };
const HOSTILE: readonly [string, string][] = [
  ['10,000 levels', deep(10_000)],
  ['a ring of references', JSON.stringify(ring)],
  [
    '10,000 choices',
    JSON.stringify({ anyOf: Array.from({ length: 10_000 }, (_, i) => ({ const: i })) }),
  ],
  [
    '10,000 objects',
    JSON.stringify({ anyOf: Array.from({ length: 10_000 }, (_, i) => ({ required: [`k${i}`] })) }),
  ],
  ['minItems of a billion', '{"type":"array","minItems":1000000000}'],
  ['maxItems of a billion', '{"type":"array","maxItems":1000000000}'],
  ['maxLength of a billion', '{"type":"string","maxLength":1000000000}'],
  ['a pattern of 100 kB', JSON.stringify({ pattern: 'a?'.repeat(50_000) })],
  ['nested counts', JSON.stringify({ pattern: '(x{1000}){1000}' })],
  [
    'one of 200 like objects',
    JSON.stringify({
      oneOf: Array.from({ length: 200 }, () => ({ type: 'object', properties: { a: true } })),
    }),
  ],
  [
    'a product of choices',
    JSON.stringify({
      allOf: Array.from({ length: 30 }, (_, i) => ({
        anyOf: [{ required: [`a${i}`] }, { required: [`b${i}`] }],
      })),
    }),
  ],
  ['text after text', '{} {}'],
  ['a prototype', '{"properties":{"__proto__":{"type":"integer"}},"required":["__proto__"]}'],
];

test.each(HOSTILE)('%s: an answer or a coded refusal', (_, text) => {
  try {
    const program = compileSchema(text, { budget: new Budget(), isOrdered: true });
    expect(new Automaton(program).goesOn(new Automaton(program).start)).toBe(true);
  } catch (error) {
    expect((error as { code?: string }).code).toMatch(/^GRAMMAR_/);
  }
});
