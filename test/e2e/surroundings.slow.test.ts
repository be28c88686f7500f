/**
 * A wafer in processes that are started in other ways than ours: with flags of Node's own, under
 * other test runners, restricted.
 */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const program = (name: string): string =>
  fileURLToPath(new URL(`./programs/${name}.ts`, import.meta.url));

interface Ended {
  code: number | null;
  output: string;
}

function runNode(words: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  // Vitest's own settings are for its own processes.
  const { NODE_OPTIONS: _o, VITEST: _v, NODE_TEST_CONTEXT: _t, ...inherited } = process.env;
  const child = spawn(process.execPath, words, {
    cwd: ROOT,
    env: { ...inherited, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, output }));
  });
}

test('a wafer of threads starts under flags of the process and of V8', async () => {
  const v8 = ['--max-old-space-size=512', '--expose-gc', '--stack-size=900'];
  const node = [
    '--title=mine',
    '--stack-trace-limit=50',
    '--v8-pool-size=2',
    '--track-heap-objects',
  ];
  const more = ['--no-warnings', '--conditions', 'development', '--test-concurrency=2'];
  const words = [...v8, ...node, ...more, program('answer'), '{"grid":"2x1"}'];
  const { code, output } = await runNode(words);
  expect({ code, output }).toEqual({ code: 0, output: 'answered 3\n' });
});

test('a wafer of processes starts under flags, and with flags in NODE_OPTIONS', async () => {
  const options = '{"grid":"2x1","dice":"2x1","link":"unix"}';
  const flags = ['--expose-gc', '--max-old-space-size=512', '--title=mine'];
  const env = { NODE_OPTIONS: '--max-old-space-size=512 --no-warnings --stack-trace-limit=20' };
  const { code, output } = await runNode([...flags, program('answer'), options], env);
  expect({ code, output }).toEqual({ code: 0, output: 'answered 3\n' });
});

test('a program given on the command line starts a wafer', async () => {
  const address = JSON.stringify(program('answer'));
  const module = ['--input-type=module', '--eval', `await import(${address})`];
  for (const words of [module, ['--print', `import(${address})`]]) {
    const { output } = await runNode(words);
    expect(output).toContain('answered 3');
  }
});

test("a wafer runs under Node's test runner", async () => {
  const { code, output } = await runNode(['--test', program('runner')]);
  expect(output).toMatch(/pass 1\n/);
  expect(code).toBe(0);
});

test('a wafer runs in the realms of a test runner', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-realm-'));
  const config = join(folder, 'vitest.config.mjs');
  const test = { pool: 'vmThreads', include: ['test/e2e/programs/realm.ts'], testTimeout: 30_000 };
  writeFileSync(config, `export default ${JSON.stringify({ test })};`);
  const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs');
  try {
    const { code, output } = await runNode([vitest, 'run', '--root', ROOT, '--config', config]);
    expect({ code, output }).toMatchObject({
      code: 0,
      output: expect.stringContaining('2 passed'),
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a folder that was removed under the command is told of', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-gone-'));
  const main = join(ROOT, 'packages/cli/src/main.ts');
  const line = `cd '${folder}' && rmdir '${folder}' && exec '${process.execPath}' '${main}' list`;
  const { status, stderr } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
  expect(status).toBe(1);
  expect(stderr).toMatch(/wafer: the folder that you stand in was removed; go to another one\n$/);
});

const MAIN = join(ROOT, 'packages/cli/src/main.ts');
const RUN = ['run', 'synthetic:tiny', 'x', '--max-tokens', '2'];
const UNIX = ['--grid', '2x1', '--dice', '2x1', '--link', 'unix'];

test.each([
  ['that is not there', (folder: string) => join(folder, 'none'), 'no such file or'],
  ['where none can be made', () => (process.platform === 'linux' ? '/proc' : '/dev'), 'TMPDIR'],
  ['too deep for sockets', (folder: string) => join(folder, 'x'.repeat(99)), 'a shorter path'],
])('a temporary folder %s costs links of files alone, and is not made', async (...given) => {
  const [, place, reason] = given;
  const folder = mkdtempSync(join(tmpdir(), 'wafer-places-'));
  try {
    const TMPDIR = place(folder);
    const isThere = existsSync(TMPDIR);
    const plain = await runNode([MAIN, ...RUN], { TMPDIR });
    expect(plain.code, plain.output).toBe(0);
    const { code, output } = await runNode([MAIN, ...RUN, ...UNIX], { TMPDIR });
    expect({ code, output }).toMatchObject({ code: 1, output: expect.stringContaining(reason) });
    expect(output).toMatch(/wafer: HOST_REFUSED: .*TMPDIR/);
    expect(existsSync(TMPDIR)).toBe(isThere);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.each(['--preserve-symlinks', '--preserve-symlinks-main'])('%s is named', async (flag) => {
  const { code, output } = await runNode([flag, MAIN, 'list']);
  expect({ code, output }).toEqual({
    code: 1,
    output: expect.stringMatching(/^wafer: what a clone installs are links.*\n$/),
  });
});
