/**
 * The files that a decoded token passes, as docs/architecture.md lists them, are those that run.
 */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { listPaths, readText, ROOT } from '../tidy/files.ts';

const TITLE = '### A decoded token, file by file';

const section = readText('docs/architecture.md').split(TITLE)[1]!.split(/^## /m)[0]!;
/** Names of the section, as they end paths. */
const named = [...section.matchAll(/`([^`]+\.ts)`/g)].map(([, name = '']) => wholeName(name));
const rows = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, name = '']) => wholeName(name));

/** `…` is the engine's folder, a package stands for its sources. */
function wholeName(name: string): string {
  return name
    .replace('…', 'runtime/engine')
    .replace(/^(core|fabric|runtime)\//, '$1/src/')
    .replace(/^(?!(?:core|fabric|runtime|kernels)\/)/, '/');
}

test('at each decoded token no file runs that is not named, and all of the list do', () => {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['test/sim/token-files.ts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const running = stdout.trim().split('\n');
  expect(running.filter((path) => !named.some((name) => `/${path}`.endsWith(name)))).toEqual([]);
  // Kernels are WebAssembly, which nobody counts here.
  const counted = rows.filter((name) => !name.startsWith('kernels/'));
  expect(counted.filter((name) => !running.includes(name))).toEqual([]);
});

test('a decoded token passes 14 files until it is chosen, and 6 until it is handed out', () => {
  const chosen = rows.indexOf('runtime/src/engine/sampler.ts') + 1;
  expect([chosen, rows.length - chosen]).toEqual([14, 6]);
  const paths = new Set(listPaths('packages'));
  expect(rows.filter((name) => !paths.has(`packages/${name}`))).toEqual([]);
});
