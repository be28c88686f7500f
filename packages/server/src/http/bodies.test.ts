import { gzipSync } from 'node:zlib';
import { Packr } from 'msgpackr';
import { expect, test } from 'vitest';
import { readPacked } from '../../../../test/serve/spec/schemas.ts';
import { BODY_LIMITS_DEFAULT, readBody } from './bodies.ts';
import type { BodyForm } from './bodies.ts';

test('a body is taken if it is JSON, by the files of an outside suite, and only then', async () => {
  const files = Object.entries(readPacked<Record<string, string>>('json-parsing.json.gz'));
  const wrong: string[] = [];
  let count = 0;
  for (const [name, base64] of files.filter(([one]) => !one.startsWith('i_'))) {
    const form = { type: 'json' as const, encoding: undefined };
    const isTaken = await readBody(Buffer.from(base64, 'base64'), form, BODY_LIMITS_DEFAULT).then(
      // No body at all is no value, which each schema refuses.
      (value) => value !== undefined,
      () => false,
    );
    if (isTaken !== name.startsWith('y_')) wrong.push(name);
    count++;
  }
  expect(wrong).toEqual([]);
  expect(count).toBe(281);
});

const limits = { ...BODY_LIMITS_DEFAULT, bytesMax: 1000, depthMax: 4, itemsMax: 6 };
const packr = new Packr({ useRecords: false });

/** `taken`, or the code that a body is refused with, in either form. */
async function outcome(bytes: Buffer, form: Partial<BodyForm> = {}): Promise<string> {
  const how = { type: 'json' as const, encoding: undefined, ...form };
  return readBody(bytes, how, limits).then(
    () => 'taken',
    (error: unknown) => (error as { code: string; message: string }).message,
  );
}

const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;

test.each([
  ['as deep as it may be', nested(4), 'taken'],
  ['one deeper', nested(5), 'the body is nested more than 4 deep'],
  ['several side by side, none too deep', `[${[nested(3), nested(3)].join()}]`, 'taken'],
  ['brackets in a text', '["[[[[[[{{{{"]', 'taken'],
  ['a quote in a text, and brackets after it', String.raw`["\"[[[[[[", 1]`, 'taken'],
  ['a text that ends in a backslash', String.raw`["\\", [[[[1]]]]]`, /more than 4 deep/],
  ['as many values as there may be', '[1,2,3,4,5,6]', 'taken'],
  ['one value more', '[1,2,3,4,5,6,7]', 'the body has more than 6 values'],
  ['one name more', '{"a":1,"b":{"c":1,"d":2},"e":[1,2]}', 'the body has more than 6 values'],
  ['commas in a text', '[",,,,,,,,,:::::"]', 'taken'],
  ['a name that reaches the prototype', '{"a":{"__proto__":1}}', /'__proto__' is not taken/],
])('a body is bounded in depth and values: %s', async (_, text, expected) => {
  const said = await outcome(Buffer.from(text));
  if (typeof expected === 'string') expect(said).toBe(expected);
  else expect(said).toMatch(expected);
});

test.each([
  ['as deep as it may be', JSON.parse(nested(4)), 'taken'],
  ['one deeper', JSON.parse(nested(5)), 'the body is nested more than 4 deep'],
  ['as many values as there may be', [1, 2, 3, 4, 5, 6], 'taken'],
  ['one value more', [1, 2, 3, 4, 5, 6, 7], 'the body has more than 6 values'],
  ['a number beyond those of JSON', [2n ** 60n], 'a number is larger than JSON holds'],
])('a packed body is bounded as well: %s', async (_, value, expected) => {
  expect(await outcome(packr.pack(value), { type: 'msgpack' })).toBe(expected);
});

test('a body that is packed with gzip has no more bytes than one that is not', async () => {
  const small = gzipSync(Buffer.from(JSON.stringify('x'.repeat(900))));
  const large = gzipSync(Buffer.from(JSON.stringify('x'.repeat(1100))));
  for (const encoding of ['gzip', 'x-gzip']) {
    expect(await outcome(small, { encoding })).toBe('taken');
    expect(await outcome(large, { encoding })).toBe('the body is larger than 1000 bytes');
  }
  expect(await outcome(Buffer.from('1'), { encoding: 'gzip' })).toBe('the body is no valid gzip');
  expect(await outcome(Buffer.from('1'), { encoding: 'br' })).toMatch(/encoding br is not taken/);
  expect(await outcome(Buffer.from('1'), { encoding: 'identity' })).toBe('taken');
});
