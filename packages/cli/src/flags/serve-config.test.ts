import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import { afterAll, expect, test } from 'vitest';
import { readServeConfig } from './serve-config.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-config-'));
afterAll(() => rmSync(folder, { recursive: true }));

let count = 0;
function config(text: string): string {
  const path = join(folder, `config-${count++}.mjs`);
  writeFileSync(path, text);
  return path;
}

/** A command as `serve`, of two flags, as it is after these words. */
function parsed(...words: string[]): Command {
  const command = new Command('serve').option('--port <n>').option('--data <folder>', '', 'none');
  return command.option('--config <file>').parse(words, { from: 'user' });
}

test('a field stands for its flag where none was given, before its default', async () => {
  const path = config('export default { port: 1, data: "state", keys: [], prices: { m: {} } };');
  const command = parsed('--port', '2');
  expect(await readServeConfig(command, path)).toEqual({ keys: [], prices: { m: {} } });
  expect(command.opts()).toMatchObject({ port: '2', data: 'state' });
});

test.each([
  ['export default { prot: 1 };', /prot is no field; those are port, data, keys, prices/],
  ['export default { config: "x" };', /config is no field/],
  ['export default 5;', /exports no object as its default/],
  ['export const a = 1;', /exports no object as its default/],
  ['export default {', /^--config /],
])('%j is refused', async (text, message) => {
  await expect(readServeConfig(parsed(), config(text))).rejects.toThrow(message);
});

test('a file that is named has to be there', async () => {
  const path = join(folder, 'none.ts');
  await expect(readServeConfig(parsed(), path)).rejects.toThrow(/none\.ts: no such file/);
});
