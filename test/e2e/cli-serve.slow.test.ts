/**
 * `wafer serve` as an operator starts it: a process, its first line, an answer, a signal.
 */
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runCli, runCliWell, startCli, temporaryFolder } from './cli-process.ts';
import { faultsBy } from './json-schemas.ts';

const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until the model answers, or the command has ended. */
async function whenReady(url: string, ended: Promise<{ stderr: string }>): Promise<void> {
  const failed = ended.then(({ stderr }) => Promise.reject(new Error(stderr)));
  const ready = async (): Promise<void> => {
    for (;;) {
      const response = await fetch(`${url}/ready`).catch(() => undefined);
      if (response?.status === 200) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  await Promise.race([ready(), failed]);
}

test('serves without a model named, and a signal lets an open stream end', async () => {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { child, ended } = startCli(['serve', '--port', String(port)]);
  await whenReady(url, ended);
  const response = await fetch(`${url}/v1/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'stories',
      prompt: 'Once upon a time',
      max_tokens: 100,
      temperature: 0,
      stream: true,
    }),
  });
  expect(response.status).toBe(200);
  child.kill('SIGTERM');
  const events = (await response.text()).split('\n\n').filter((event) => event !== '');
  expect(events.at(-1)).toBe('data: [DONE]');
  const text = events.slice(0, -1).map((event) => {
    const { choices } = JSON.parse(event.slice('data: '.length)) as { choices: { text: string }[] };
    return choices[0]?.text ?? '';
  });
  expect(text.join('')).toMatch(/^, there was a little girl named Lily\./);
  const { code, stdout, stderr } = await ended;
  expect(stderr).toContain(`wafer: serving stories at ${url}/v1`);
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  await expect(fetch(`${url}/live`)).rejects.toThrow('fetch failed');
});

/** Runs a command on the store in `state`; what it printed. */
const operate = async (state: string, ...words: string[]): Promise<string> =>
  runCliWell([...words, '--data', state]);

test('an operator makes keys and copies beside a running server, and puts back', async () => {
  const [state, copy] = [join(folder.path, 'state'), join(folder.path, 'copy.db')];
  const [keyFile, nextFile] = [join(folder.path, 'a.key'), join(folder.path, 'b.key')];
  writeFileSync(keyFile, '11'.repeat(32));
  writeFileSync(nextFile, '22'.repeat(32));
  const sealed = ['--data-key-file', keyFile];
  const admin = await operate(state, 'keys', 'create', '--tenant', 'ops', ...sealed);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { child, ended } = startCli(['serve', '--port', String(port), '--data', state, ...sealed]);
  await whenReady(url, ended);
  const statusWith = async (key: string): Promise<number> => {
    const headers = { authorization: `Bearer ${key.trim()}` };
    return (await fetch(`${url}/v1/models`, { headers })).status;
  };
  expect([await statusWith(admin), await statusWith('none')]).toEqual([200, 401]);
  const made = JSON.parse(
    await operate(state, 'keys', 'create', '--tenant', 'acme', '--days', '9', '--json', ...sealed),
  ) as { id: string; key: string };
  expect(await statusWith(made.key)).toBe(200);
  await operate(state, 'backup', copy, ...sealed);
  const rotated: unknown = JSON.parse(
    await operate(state, 'keys', 'rotate', made.id, '--json', ...sealed),
  );
  expect(faultsBy('keys-rotate', rotated)).toEqual([]);
  const { key: next } = rotated as { key: string };
  await operate(state, 'keys', 'revoke', made.id, ...sealed);
  expect([await statusWith(made.key), await statusWith(next)]).toEqual([401, 200]);
  expect(await operate(state, 'keys', 'list', ...sealed)).not.toContain(next.trim());
  expect(await operate(state, 'audit', 'verify', ...sealed)).toMatch(/^5 entries, the chain is/);
  const busy = await runCli(['restore', copy, '--data', state, '--force']);
  expect(busy).toMatchObject({ code: 1, stderr: expect.stringContaining('another server uses') });
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
  await operate(state, 'rekey', '--new-key-file', nextFile, ...sealed);
  const old = await runCli(['keys', 'list', '--data', state, ...sealed]);
  expect(old).toMatchObject({ code: 2, stderr: expect.stringContaining('another key') });
  await operate(state, 'restore', copy, '--force');
  const listed = await operate(state, 'keys', 'list', '--json', ...sealed);
  const { keys } = JSON.parse(listed) as { keys: { id: string }[] };
  expect(keys.map(({ id }) => id)).toContain(made.id);
  expect(keys).toHaveLength(2);
  const none = await runCli(['audit', 'verify', '--data', join(folder.path, 'nowhere')]);
  expect(none).toMatchObject({ code: 5, stderr: expect.stringContaining('no such file') });
});

const slips: readonly [string[], RegExp][] = [
  [['--host', '0.0.0.0'], /key/],
  [['--model', 'nameless'], /--model nameless: give NAME=MODEL/],
  [['--pin', 'other'], /--pin other: no such model/],
  [['--keys-file', join(folder.path, 'none.json')], /--keys-file .*ENOENT/],
  [['--keys-file', join(folder.path, 'short.json')], /keys of 16 or more characters/],
  [['--data-key-file', 'x'], /--data-key-file needs --data/],
  [['--adapter-rank', '8'], /--adapter-rank 8 needs --adapter-slots/],
];

test.each(slips)('%j is a slip of the user', async (words, message) => {
  writeFileSync(join(folder.path, 'short.json'), '[{ "key": "abc", "tenant": "t" }]');
  const { code, stdout, stderr } = await runCli(['serve', '--port', '0', ...words]);
  expect(stderr).toMatch(message);
  expect(stderr.split('\n')).toHaveLength(2);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
});
