import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { writeModel } from '@wafer/models';
import { openModel } from '@wafer/runtime';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { MAIN, startCli, temporaryFolder } from './cli-process.ts';
import { faultsBy } from './json-schemas.ts';
import type { CliResult } from './cli-process.ts';
import { COMMIT, HubServer } from './hub-server.ts';

const folder = temporaryFolder();
const source = new Map<string, Uint8Array>();
const WEIGHTS = 'model.safetensors';
let hub: HubServer;
let target = '';
let count = 0;

beforeAll(async () => {
  const path = join(folder.path, 'source');
  writeModel({ model: await openModel('synthetic:tiny'), format: 'safetensors', path });
  for (const name of readdirSync(path)) source.set(name, readFileSync(join(path, name)));
});
afterAll(() => folder[Symbol.dispose]());

beforeEach(async () => {
  hub = await new HubServer().start();
  for (const [path, bytes] of source) hub.files.set(path, bytes);
  target = join(folder.path, `models-${count++}`);
});
afterEach(() => hub.close());

const environment = (): Record<string, string> => ({
  WAFER_MODELS: target,
  HF_ENDPOINT: hub.endpoint,
  HF_TOKEN: '',
  NO_PROXY: '127.0.0.1,localhost',
});

function wafer(words: readonly string[], env: Record<string, string> = {}): Promise<CliResult> {
  return startCli(words, '', { ...environment(), ...env }).ended;
}
const pull = (...words: string[]): Promise<CliResult> => wafer(['pull', 'org/model', ...words]);
const at = (...path: string[]): string => join(target, 'org', 'model', ...path);
const partials = (): string[] => readdirSync(at()).filter((name) => name.endsWith('.partial'));

/** The pulled file holds what the hub has. */
function expectWeights(): void {
  expect(readFileSync(at(WEIGHTS)).equals(source.get(WEIGHTS)!)).toBe(true);
  expect(partials()).toEqual([]);
}

test('a model is pulled whole, runs by its name, and is kept by a second pull', async () => {
  hub.files.set('README.md', Buffer.from('# no part of the model'));
  hub.files.set('onnx/model.onnx', new Uint8Array(20_000));
  const { code, stdout, stderr } = await pull('--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  const pulled = JSON.parse(stdout) as { commit: string; files: { path: string }[] };
  expect(faultsBy('pull', pulled)).toEqual([]);
  expect(pulled.commit).toBe(COMMIT);
  expect(pulled.files.map(({ path }) => path)).toEqual([
    'config.json',
    'tokenizer.json',
    'tokenizer_config.json',
    WEIGHTS,
  ]);
  expectWeights();
  const run = ['hello', '--max-tokens', '4'];
  const byName = await wafer(['run', 'org/model', ...run]);
  expect(byName).toMatchObject({ code: 0 });
  expect(byName.stdout).toBe((await wafer(['run', join(folder.path, 'source'), ...run])).stdout);
  const again = await pull();
  expect(again.stdout).toContain('(0 B fetched)');
  expect(hub.downloads).toHaveLength(1);
});

test('shards are those that the index names, and no others', async () => {
  const path = join(folder.path, 'shards');
  const model = await openModel('synthetic:tiny');
  writeModel({ model, format: 'safetensors', path, shardCount: 2, isForced: true });
  hub.files.clear();
  for (const name of readdirSync(path)) hub.files.set(name, readFileSync(join(path, name)));
  hub.files.set('model-00003-of-00003.safetensors', new Uint8Array(20_000));
  expect(await pull()).toMatchObject({ code: 0 });
  const shards = readdirSync(at()).filter((name) => name.endsWith('.safetensors'));
  expect(shards).toEqual(['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors']);
  expect(await wafer(['inspect', 'org/model'])).toMatchObject({ code: 0 });
});

test('a newer commit takes the place of an older one, and nothing is left in its way', async () => {
  hub.files.set('chat_template.jinja', Buffer.from('old'));
  expect(await pull()).toMatchObject({ code: 0 });
  writeFileSync(at('own.gguf'), 'mine');
  const path = join(folder.path, 'newer');
  const model = await openModel('synthetic:tiny:f32:7');
  writeModel({ model, format: 'safetensors', path, shardCount: 2 });
  hub.files.clear();
  for (const name of readdirSync(path)) hub.files.set(name, readFileSync(join(path, name)));
  hub.commit = 'decade'.padEnd(40, '0');
  hub.faults.push({ kind: 'cut', afterBytes: 1000 });
  expect(await pull('--retries', '0')).toMatchObject({ code: 1 });
  expect((await wafer(['run', 'org/model', 'hello'])).stderr).toContain('MODEL_NOT_PULLED');
  expect(await pull()).toMatchObject({ code: 0 });
  expect(readdirSync(at()).toSorted()).toEqual(
    [...readdirSync(path), 'own.gguf', 'wafer-pull.json'].toSorted(),
  );
  const run = ['hello', '--max-tokens', '4'];
  const { stdout } = await wafer(['run', path, ...run]);
  expect(await wafer(['run', 'org/model', ...run])).toMatchObject({ code: 0, stdout });
});

test('of several GGUF files one is named, by --file; folders inside stay folders', async () => {
  const path = join(folder.path, 'tiny.gguf');
  writeModel({ model: await openModel('synthetic:tiny'), format: 'gguf', path, isForced: true });
  hub.files.clear();
  for (const name of ['a-q8.gguf', 'q4/b.gguf']) hub.files.set(name, readFileSync(path));
  const refused = await pull();
  expect(refused).toMatchObject({ code: 2, stdout: '' });
  expect(refused.stderr).toMatch(/PULL_CHOICE: .* 2 GGUF files.*a-q8\.gguf .*q4\/b\.gguf/);
  expect(await pull('--file', '*b.gguf')).toMatchObject({ code: 0 });
  expect(await wafer(['inspect', 'org/model/q4/b.gguf'])).toMatchObject({ code: 0 });
  expect((await pull('--file', '*.bin')).stderr).toContain('PULL_EMPTY');
});

test('cut connections, 5xx and 429 are survived, and bytes come once', async () => {
  hub.faults.push(
    { kind: 'cut', afterBytes: 100_000 },
    { kind: 'status', status: 503 },
    { kind: 'cut', afterBytes: 100_000 },
    { kind: 'status', status: 429, headers: { 'retry-after': '0' } },
  );
  hub.apiFaults.push({ kind: 'status', status: 500 });
  expect(await pull()).toMatchObject({ code: 0 });
  expectWeights();
  const starts = hub.downloads.map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
  expect(starts.map((start) => start > 0)).toEqual([false, true, true, true, true]);
  expect(starts).toEqual(starts.toSorted((a, b) => a - b));
});

test('a hub that ignores ranges costs the bytes again, and gives the right file', async () => {
  hub.faults.push({ kind: 'cut', afterBytes: 100_000 }, { kind: 'ignoreRange' });
  expect(await pull()).toMatchObject({ code: 0 });
  expectWeights();
});

test('a lost connection keeps its part, and the same command goes on', async () => {
  hub.faults.push({ kind: 'cut', afterBytes: 100_000 });
  const lost = await pull('--retries', '0');
  expect(lost).toMatchObject({ code: 1, stdout: '' });
  expect(lost.stderr).toMatch(/^wafer: PULL_CONNECTION: .*same command/);
  expect(partials()).toHaveLength(1);
  const unfinished = await wafer(['run', 'org/model', 'hello']);
  expect(unfinished).toMatchObject({ code: 3 });
  expect(unfinished.stderr).toMatch(/MODEL_NOT_PULLED: .*wafer pull org\/model/);
  const { code, stdout } = await pull('--json');
  expect(code).toBe(0);
  expect(stdout).toContain('"outcome":"resumed"');
  expectWeights();
});

test('a hub that drips is given up, and so is one that sends nothing but redirects', async () => {
  hub.faults.push({ kind: 'drip' });
  const dripped = await pull('--timeout', '1', '--retries', '0');
  expect(dripped.stderr).toMatch(/PULL_CONNECTION: .*nothing came for 1 s/);
  hub.faults.push(
    { kind: 'loop' },
    ...Array.from({ length: 30 }, () => ({ kind: 'loop' }) as const),
  );
  expect((await pull()).stderr).toMatch(/PULL_ANSWER: .*redirects without end/);
});

test('Ctrl-C leaves what has come, and says so in a word', async () => {
  hub.faults.push({ kind: 'drip' });
  const { child, ended } = startCli(['pull', 'org/model'], '', environment());
  await expect.poll(() => hub.downloads.length, { timeout: 10_000 }).toBe(1);
  await expect
    .poll(() => statSync(at(partials()[0]!)).size, { timeout: 10_000 })
    .toBeGreaterThan(2);
  child.kill('SIGINT');
  expect(await ended).toMatchObject({
    code: 130,
    stdout: '',
    stderr: 'wafer: interrupted\n',
  });
  expect(partials()).toHaveLength(1);
  expect(await pull()).toMatchObject({ code: 0 });
  expectWeights();
});

test('wrong bytes are removed; a part that was wrong before is fetched anew', async () => {
  hub.faults.push({ kind: 'wrongByte' });
  const wrong = await pull();
  expect(wrong).toMatchObject({ code: 1 });
  expect(wrong.stderr).toMatch(/PULL_CHECKSUM: model\.safetensors came with checksum [0-9a-f]{64}/);
  expect(existsSync(at(WEIGHTS))).toBe(false);
  expect(partials()).toEqual([]);
  hub.faults.push({ kind: 'cut', afterBytes: 100_000 });
  await pull('--retries', '0');
  writeFileSync(at(partials()[0]!), new Uint8Array(50_000));
  expect(await pull()).toMatchObject({ code: 0 });
  expectWeights();
});

test('a file that was changed here is put right', async () => {
  await pull();
  writeFileSync(at(WEIGHTS), new Uint8Array(source.get(WEIGHTS)!.length));
  expect((await pull()).code).toBe(0);
  expectWeights();
});

test('gated models ask for HF_TOKEN, which goes to the hub and not to its storage', async () => {
  hub.token = 'hf_secret';
  const refused = await pull();
  expect(refused).toMatchObject({ code: 3 });
  expect(refused.stderr).toMatch(/PULL_ACCESS: .*model org\/model \(401 Access.*HF_TOKEN/);
  expect(await wafer(['pull', 'org/model'], { HF_TOKEN: 'hf_secret' })).toMatchObject({ code: 0 });
  expect(hub.tokens.length).toBeGreaterThan(2);
  expect(hub.tokens.filter(({ isStorage }) => isStorage)).toEqual([]);
  expect(hub.downloads).toHaveLength(1);
});

test('what is not there is told apart: model, revision, hub', async () => {
  const model = await wafer(['pull', 'org/other']);
  expect(model).toMatchObject({ code: 3 });
  expect(model.stderr).toContain('has no model org/other;');
  const revision = await wafer(['pull', 'org/model@none']);
  expect(revision.stderr).toContain('has no revision none of org/model;');
  expect((await wafer(['pull', 'org/model@v1'])).stdout).toContain(join(target, 'org/model@v1'));
  const gone = await new HubServer().start();
  const { endpoint } = gone;
  gone.close();
  const offline = await pull('--endpoint', endpoint);
  expect(offline).toMatchObject({ code: 1 });
  expect(offline.stderr).toContain('PULL_CONNECTION');
  for (const words of [
    ['pull', '../x'],
    ['pull', 'a/..'],
    ['pull', 'x'],
    ['pull', 'a/b@../c'],
  ]) {
    expect(await wafer(words)).toMatchObject({ code: 2 });
  }
});

const entry = (path: string, size = 5): HubServer['listed'][number] => ({
  type: 'file',
  path,
  size,
  oid: 'a'.repeat(40),
});

test.each([
  ['a way up', '../evil.gguf'],
  ['a way up inside', 'a/../../evil.gguf'],
  ['an absolute path', '/evil.gguf'],
  ['a backslash', '..\\evil.gguf'],
  ['a drive', 'C:evil.gguf'],
  ['a zero byte', 'evil\0.gguf'],
  ['an escape sequence', 'evil\u001b[2J.gguf'],
  ['the record of a pull', 'wafer-pull.json'],
])('a file with %s in its name is refused before anything is written', async (_, path) => {
  hub.listed.push(entry(path));
  const { code, stderr } = await pull('--file', '*');
  expect({ code, text: stderr.slice(0, 19) }).toEqual({ code: 1, text: 'wafer: PULL_ANSWER:' });
  expect(stderr).not.toContain('\u001b');
  expect(existsSync(target)).toBe(false);
});

test('absurd sizes, lists without end and endless bodies are refused', async () => {
  hub.listed.push(entry('x.gguf', 2 ** 60));
  expect((await pull()).stderr).toMatch(/PULL_ANSWER: .*x\.gguf.* with \d+ bytes/);
  hub.listed.splice(0, 1, { ...entry('x.gguf', 2 ** 43), oid: 'b'.repeat(40) });
  expect(await pull('--file', 'x.gguf')).toMatchObject({ code: 5 });
  hub.listed.length = 0;
  hub.faults.push({ kind: 'endless' });
  expect((await pull()).stderr).toMatch(/PULL_ANSWER: .*longer than/);
  hub.isEndless = true;
  expect((await pull()).stderr).toMatch(/PULL_ANSWER: .*never ends/);
});

test('a disk that takes no more is an output error, and what it took is kept', async () => {
  const limited = ['-c', 'ulimit -f 200; exec "$0" "$@"', process.execPath, MAIN];
  const words = ['pull', 'org/model', '--file', WEIGHTS];
  const env = { ...process.env, ...environment() };
  const child = spawn('bash', [...limited, ...words], { env, stdio: 'ignore' });
  expect(await once(child, 'close')).toEqual([5, null]);
  expect(statSync(at(partials()[0]!)).size).toBe(200 * 1024);
  expect(await pull()).toMatchObject({ code: 0 });
  expectWeights();
});

test('no link in the folder leads a file out of it', async () => {
  mkdirSync(at(), { recursive: true });
  const outside = join(folder.path, 'outside');
  mkdirSync(outside, { recursive: true });
  symlinkSync(outside, at('sub'));
  hub.files.set('sub/x.gguf', new Uint8Array(100));
  expect((await pull('--file', 'sub/*')).stderr).toMatch(/OUTPUT_FAILED: .*leads out of/);
  expect(readdirSync(outside)).toEqual([]);
  rmSync(outside, { recursive: true });
});

test('a proxy of the environment is asked, and not where NO_PROXY says so', async () => {
  const asked: (string | undefined)[] = [];
  const proxy = createServer((request, response) => {
    asked.push(request.url);
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  const env = { HTTP_PROXY: `127.0.0.1:${port}`, NO_PROXY: '', no_proxy: '' };
  const words = ['pull', 'org/model', '--endpoint', 'http://hub.invalid', '--retries', '0'];
  expect((await wafer(words, env)).stderr).toContain('PULL_NOT_FOUND');
  expect(asked[0]).toMatch(/^http:\/\/hub\.invalid\/api\//);
  const count = asked.length;
  expect((await wafer(words, { ...env, NO_PROXY: '.invalid' })).stderr).toContain(
    'PULL_CONNECTION',
  );
  expect(asked).toHaveLength(count);
  proxy.closeAllConnections();
  await new Promise((resolve) => proxy.close(resolve));
  // Nobody would look for a fault of the hub at an address that he was not told of.
  expect((await wafer(words, env)).stderr).toContain(`by way of the proxy 127.0.0.1:${port}`);
});
