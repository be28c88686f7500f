import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MAIN } from '../e2e/cli-process.ts';
import { fetchNode, readSnippet, ROOT } from './packed.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-first-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

interface Ended {
  status: number | null;
  stdout: string;
  stderr: string;
}

function run(program: string, words: readonly string[], cwd: string = folder): Ended {
  const { status, stdout, stderr } = spawnSync(program, words, { cwd, encoding: 'utf8' });
  return { status, stdout, stderr };
}

test.each(['18', '20', '22.12.0'])('Node.js %s hands over to the one of the clone', (version) => {
  const node = fetchNode(version);
  const { status, stdout, stderr } = run(node, [MAIN, 'run', 'no-such-model', 'x']);
  expect({ status, stdout, stderr }).toMatchObject({ status: 3, stdout: '' });
  expect(stderr).toMatch(/^wafer: MODEL_NOT_FOUND/);
  // Where there is none, it says what it needs and no more.
  const alone = join(folder, `alone-${version}`, 'a/b/c/entry');
  cpSync(join(dirname(MAIN), 'entry'), alone, { recursive: true });
  expect(run(node, [join(alone, 'main.ts'), '--help'])).toEqual({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^wafer: needs Node\.js 24 or later, this is [\d.]+\n$/),
  });
});

test('a clone that is not installed says so', () => {
  const alone = join(folder, 'bare/packages/cli');
  cpSync(join(ROOT, 'packages/cli/src'), join(alone, 'src'), { recursive: true });
  writeFileSync(join(alone, 'package.json'), '{ "type": "module" }');
  const { status, stdout, stderr } = run(process.execPath, [join(alone, 'src/entry/main.ts')]);
  expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
  expect(stderr).toMatch(/^wafer: something is not installed.*\n$/);
});

test('the first command of a fresh clone writes nothing but its result', () => {
  const clone = join(folder, 'clone');
  const copied = spawnSync('git', ['clone', '-q', '--no-local', ROOT, clone]);
  expect(copied.status, 'a clone of what is committed').toBe(0);
  mkdirSync(join(clone, 'deep/er'), { recursive: true });
  const words = ['run', '-s', 'wafer', '--', 'init', './tiny'];
  const { status, stdout, stderr } = run('npm', words, join(clone, 'deep/er'));
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(/^wrote folder \.\/tiny: .*\n$/);
  expect(run('ls', [], join(clone, 'deep/er')).stdout).toBe('tiny\n');
});

test("README's program runs in a clone", () => {
  mkdirSync(join(ROOT, '.cache'), { recursive: true });
  const home = mkdtempSync(join(ROOT, '.cache', 'program-'));
  try {
    writeFileSync(join(home, 'program.mts'), readSnippet());
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain('`npx node story.ts`');
    const { status, stdout, stderr } = run('npx', ['node', 'program.mts'], home);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).not.toBe('');
  } finally {
    rmSync(home, { recursive: true });
  }
});
