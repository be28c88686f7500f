import { expect, test } from 'vitest';
import { readPacked } from '../../../../test/serve/spec/schemas.ts';
import { BODY_LIMITS_DEFAULT, readBody } from './bodies.ts';

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
