/**
 * A test of somebody else's program, for a runner with realms of their own, as Jest has: what Node
 * throws there is no instance of the realm's `Error`, nor are its arrays of the realm's `Array`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { writeModel } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';

test('the realm is one of its own', () => {
  const attempt = (): void => rmSync('/no/such/file');
  let thrown: unknown;
  try {
    attempt();
  } catch (error) {
    thrown = error;
  }
  expect(Error.isError(thrown)).toBe(true);
  expect(thrown instanceof Error).toBe(false);
});

test('a folder without optional files opens, chats, and refuses by code', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-realm-'));
  const path = join(folder, 'model');
  try {
    await expect(openModel(path)).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' });
    writeModel({ model: await openModel('synthetic:tiny'), format: 'safetensors', path });
    await using wafer = await Wafer.start({ model: path, grid: '2x1', dice: '2x1', link: 'unix' });
    const prompts = ['[1, 2]', 'new Int32Array([1, 2])', 'new Uint8Array([1, 2])'];
    for (const prompt of prompts.map((text) => runInNewContext(text) as ArrayLike<number>)) {
      const tokens: number[] = [];
      const options = { maxTokens: 2, stop: runInNewContext('["zzz"]') as string[] };
      for await (const { token } of wafer.generate(prompt, options)) tokens.push(token);
      expect(tokens).toHaveLength(2);
    }
    const refused = wafer.generate([1], { temperature: -1 }).next();
    await expect(refused).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    const chat = wafer.chat([{ role: 'user', content: 'hi' }]).next();
    await expect(chat).rejects.toMatchObject({ code: 'TEMPLATE_MISSING' });
  } finally {
    rmSync(folder, { recursive: true });
  }
});
