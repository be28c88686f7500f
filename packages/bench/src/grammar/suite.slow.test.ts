/**
 * The required part of JSON Schema's own test suite, drafts 2020-12 and 7, token by token: a schema
 * is enforced or refused by its code, no invalid instance passes, and which valid ones are blocked
 * is told here, with the reason.
 */
import { expect, test } from 'vitest';
import { readPacked } from '../../../../test/serve/spec/schemas.ts';
import { runGrammar } from './run-grammar.ts';
import { madeUpVocabulary } from './vocabulary.ts';

interface Group {
  description: string;
  schema: unknown;
  tests: { data: unknown; valid: boolean }[];
}

/** Members come in the order of the schema's properties; the suite has another here. */
const ORDER = [
  'allOf.json: allOf',
  'allOf.json: allOf with base schema',
  'const.json: const with object',
  'ref.json: refs with relative uris and defs',
  'ref.json: relative refs with absolute uris and defs',
];
const BLOCKED: Readonly<Record<string, readonly string[]>> = {
  '2020-12': [
    ...ORDER,
    'dependentRequired.json: single dependency',
    'dependentRequired.json: multiple dependents required',
    'dependentRequired.json: dependencies with escaped characters',
    'unevaluatedProperties.json: unevaluatedProperties with nested properties',
    'unevaluatedProperties.json: unevaluatedProperties with $ref',
    'unevaluatedProperties.json: unevaluatedProperties before $ref',
    // Formats are held; for the suite they are notes. Those that are not known are refused.
    ...['email', 'ipv4', 'ipv6', 'hostname', 'date', 'date-time', 'time', 'json-pointer'],
    ...['relative-json-pointer', 'uri', 'uri-reference', 'uuid', 'duration'],
    // Keywords mean the same under any metaschema, and references the same wherever they stand.
    'vocabulary.json: schema that uses custom metaschema with with no validation vocabulary',
    'dynamicRef.json: A $dynamicRef that initially resolves to a schema without a matching ' +
      '$dynamicAnchor behaves like a normal $ref to $anchor',
  ].map((name) => (name.includes(':') ? name : `format.json: ${name} format`)),
  '7': [...ORDER, 'dependencies.json: dependencies', 'dependencies.json: multiple dependencies'],
};
/** A schema that says which draft it is of, as a document does that is not of the latest. */
function named(schema: unknown, draft: string): unknown {
  if (draft !== '7' || typeof schema !== 'object') return schema;
  return { $schema: 'http://json-schema.org/draft-07/schema#', ...schema };
}

test.each(['2020-12', '7'])('draft %s: held, or refused by a code', (draft) => {
  const file = `json-schema-draft${draft}.json.gz`;
  const { tests } = readPacked<{ tests: Record<string, Group[]> }>(file);
  const cases = Object.entries(tests)
    .filter(([name]) => !name.startsWith('optional'))
    .flatMap(([name, groups]) =>
      groups.map(({ description, schema, tests: instances }) => ({
        name: `${name}: ${description}`,
        schema: named(schema, draft),
        instances: instances.map(({ data, valid }) => ({ isValid: valid, value: data })),
      })),
    );
  const { signal } = new AbortController();
  const results = runGrammar(cases, madeUpVocabulary(300), { rounds: 1, signal });
  const { refused, passedCount, blocked, letThrough } = results;
  console.log(
    `draft ${draft}: ${cases.length} groups, ${passedCount} passed, refused ` +
      JSON.stringify(refused),
  );
  expect([...new Set(blocked)].toSorted()).toEqual(BLOCKED[draft]!.toSorted());
  expect(letThrough).toEqual([]);
  // GRAMMAR_UNSUPPORTED names a keyword, GRAMMAR_INVALID what holds nothing at all.
  expect(Object.keys(refused).every((code) => code.startsWith('GRAMMAR_'))).toBe(true);
  expect(passedCount / cases.length).toBeGreaterThan(0.7);
});
