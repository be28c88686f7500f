import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { readFormat } from './format-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-format-'));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

test('each flag is the format that it names, files are read, and none is none', async () => {
  const schema = '{"type":"integer"}';
  expect(await readFormat({})).toBeUndefined();
  expect(await readFormat({ jsonSchema: file('s.json', schema) })).toEqual({ json: schema });
  expect(await readFormat({ grammar: file('g.gbnf', 'root ::= "a"') })).toEqual({
    grammar: 'root ::= "a"',
  });
  expect(await readFormat({ regex: '[ab]+' })).toEqual({ regex: '[ab]+' });
  expect(await readFormat({ choices: ['yes', 'no'] })).toEqual({ choices: ['yes', 'no'] });
});

test('two formats, files that are not there and formats that are none are refused', async () => {
  await expect(readFormat({ regex: 'a', choices: ['b'] })).rejects.toThrow(
    '--regex and --choices exclude each other',
  );
  await expect(readFormat({ jsonSchema: 'none', regex: 'a' })).rejects.toThrow(
    '--json-schema and --regex exclude each other',
  );
  await expect(readFormat({ grammar: join(folder, 'none') })).rejects.toThrow(
    /--grammar: cannot read .*none.*check the path/,
  );
  await expect(readFormat({ regex: '(' })).rejects.toMatchObject({ code: 'GRAMMAR_INVALID' });
});
