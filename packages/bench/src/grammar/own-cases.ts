/**
 * Schemas of the kinds that people hold answers to, each with instances that are valid and some
 * that are not: calls of tools, records, lists, choices, recursion, patterns, formats, bounds.
 */
import type { GrammarCase } from './grammar-case.ts';

const TEXT = { type: 'string' };
const NUMBER = { type: 'number' };
const COUNT = { type: 'integer', minimum: 0 };

/** An object that has these members and no others. */
function closed(properties: Record<string, unknown>, required = Object.keys(properties)): object {
  return { type: 'object', properties, required, additionalProperties: false };
}

type Row = readonly [name: string, schema: unknown, valid: unknown[], invalid: unknown[]];

const WEATHER = closed({
  city: TEXT,
  unit: { enum: ['celsius', 'fahrenheit'] },
  days: { type: 'integer', minimum: 1, maximum: 14 },
});
const PERSON = closed({
  name: { type: 'string', minLength: 1, maxLength: 80 },
  email: { type: 'string', format: 'email' },
  born: { type: 'string', format: 'date' },
  address: closed({ street: TEXT, city: TEXT, zip: { type: 'string', pattern: '^[0-9]{5}$' } }),
  phones: { type: 'array', items: { type: 'string', pattern: '^\\+[0-9 ]{6,20}$' } },
});
const TREE = {
  $ref: '#/$defs/node',
  $defs: {
    node: closed({ value: NUMBER, children: { type: 'array', items: { $ref: '#/$defs/node' } } }),
  },
};
const EVENT = {
  oneOf: [
    closed({ kind: { const: 'click' }, x: COUNT, y: COUNT }),
    closed({ kind: { const: 'key' }, key: TEXT, isHeld: { type: 'boolean' } }),
    closed({ kind: { const: 'scroll' }, by: { type: 'integer', minimum: -500, maximum: 500 } }),
  ],
};
const DEPLOYMENT = {
  type: 'object',
  required: ['apiVersion', 'kind', 'metadata', 'spec'],
  properties: {
    apiVersion: { enum: ['v1', 'apps/v1', 'batch/v1'] },
    kind: TEXT,
    metadata: {
      type: 'object',
      properties: {
        name: { type: 'string', pattern: '^[a-z0-9]([-a-z0-9]*[a-z0-9])?$', maxLength: 63 },
        labels: { type: 'object', additionalProperties: TEXT },
      },
      required: ['name'],
    },
    spec: {
      type: 'object',
      properties: {
        replicas: COUNT,
        ports: { type: 'array', items: { type: 'integer', minimum: 1, maximum: 65_535 } },
      },
    },
  },
};

const person = {
  ...{ name: 'Ada Lovelace', email: 'ada@example.org', born: '1815-12-10' },
  address: { street: '12 St. James’s Square', city: 'London', zip: '10115' },
  phones: ['+44 20 7946 0018', '+1 555 0100'],
};
const leaf = (value: number): object => ({ value, children: [] });
const deployment = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
  metadata: { name: 'web-front-7', labels: { app: 'web', 'tier/name': 'front "end"' } },
  spec: { replicas: 3, ports: [80, 8443] },
};

const ROWS: readonly Row[] = [
  [
    'a call of a tool',
    WEATHER,
    [{ city: 'São Paulo', unit: 'celsius', days: 7 }],
    [
      { city: 'Rome', unit: 'kelvin', days: 7 },
      { city: 'Rome', unit: 'celsius', days: 15 },
    ],
  ],
  [
    'a person',
    PERSON,
    [person],
    [
      { ...person, born: '1815-13-10' },
      { ...person, phones: ['none'] },
      { ...person, more: 1 },
    ],
  ],
  [
    'a tree',
    TREE,
    [{ value: 1.5, children: [leaf(-2), { value: 3e10, children: [leaf(0), leaf(4)] }] }],
    [{ value: 1, children: [{ value: 2 }] }],
  ],
  [
    'events of three kinds',
    { type: 'array', items: EVENT, minItems: 1 },
    [
      [
        { kind: 'click', x: 10, y: 20 },
        { kind: 'key', key: 'Enter', isHeld: false },
        { kind: 'scroll', by: -120 },
      ],
    ],
    [[], [{ kind: 'click', x: -1, y: 0 }], [{ kind: 'scroll', by: 501 }]],
  ],
  ['a deployment', DEPLOYMENT, [deployment], [{ ...deployment, apiVersion: 'v2' }]],
  [
    'any value under any name',
    { type: 'object' },
    [{ a: [1, null, true, { b: 'c\n"d"' }], é: {}, '': -0.5 }],
    [[], 'text'],
  ],
  [
    'texts of a length',
    { type: 'array', items: { type: 'string', minLength: 3, maxLength: 12 } },
    [['one', 'twenty-three', 'a "b" c\\']],
    [['no'], ['more than twelve']],
  ],
  [
    'formats',
    closed({
      id: { type: 'string', format: 'uuid' },
      at: { type: 'string', format: 'date-time' },
      link: { type: 'string', format: 'uri' },
      host: { type: 'string', format: 'hostname' },
      ip: { type: 'string', format: 'ipv4' },
    }),
    [
      {
        id: '7f3c2b1a-9d4e-4f60-8a71-0b2c3d4e5f60',
        ...{ at: '2026-11-29T19:30:00.25Z', link: 'https://example.org/a/b?c=d#e' },
        ...{ host: 'node-1.example.org', ip: '192.168.0.254' },
      },
    ],
    [{ id: 'none', at: '2026', link: 'x', host: '-', ip: '300.1.1.1' }],
  ],
  [
    'a tuple, then numbers',
    { type: 'array', prefixItems: [TEXT, { type: 'boolean' }], items: NUMBER, maxItems: 6 },
    [['x', true, 1, 2.5, -3e-2], ['y']],
    [['x', 1], [1]],
  ],
  [
    'names by pattern',
    {
      type: 'object',
      patternProperties: { '^x-[a-z]+$': TEXT, '^n[0-9]{2}$': NUMBER },
      additionalProperties: false,
    },
    [{ 'x-trace': 'on', n07: 7, 'x-long': 'a longer text, with more words' }],
    [{ y: 1 }, { n7: 7 }, { n07: 'seven' }],
  ],
  [
    'what depends',
    {
      type: 'object',
      properties: { card: TEXT, address: TEXT, name: TEXT },
      dependentRequired: { card: ['address'] },
      additionalProperties: false,
    },
    [{ card: '4111', address: 'here' }, { name: 'nobody' }],
    [{ card: '4111' }],
  ],
  [
    'either or both',
    { anyOf: [{ type: 'string', maxLength: 5 }, { type: 'integer', multipleOf: 5 }, WEATHER] },
    ['short', 25, { city: 'Oslo', unit: 'celsius', days: 3 }],
    ['too long', 26, {}],
  ],
  [
    'bounded numbers',
    { type: 'array', items: { type: 'number', exclusiveMinimum: -1.5, maximum: 99.25 } },
    [[0, -1.25, 99.25, 12.5]],
    [[-1.5], [99.5]],
  ],
  [
    'an analysis with an enum of many',
    closed({
      label: { enum: Array.from({ length: 64 }, (_, i) => `class-${i * 37}`) },
      confidence: { type: 'number', minimum: 0, maximum: 1 },
      evidence: { type: 'array', items: closed({ quote: TEXT, page: COUNT }), maxItems: 5 },
    }),
    [
      {
        ...{ label: 'class-1184', confidence: 0.875 },
        evidence: [
          { quote: 'It was a dark and stormy night; the rain fell in torrents.', page: 1 },
        ],
      },
    ],
    [{ label: 'class-1', confidence: 0.5, evidence: [] }],
  ],
];

/** All of them. */
export function ownCases(): GrammarCase[] {
  return ROWS.map(([name, schema, valid, invalid]) => ({
    ...{ name, schema },
    instances: [
      ...valid.map((value) => ({ isValid: true, value })),
      ...invalid.map((value) => ({ isValid: false, value })),
    ],
  }));
}
