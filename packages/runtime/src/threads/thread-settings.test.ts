import { Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { workerExecArgv } from './thread-settings.ts';

test('flags of V8, of the process, of a program and of a runner stay with the process', () => {
  const flags = ['--max-old-space-size=9', '--expose-gc', '--title', 'x', '--stack-size=9'];
  expect(
    workerExecArgv([...flags, '--test', '-e', '1', '--input-type=module', '--inspect']),
  ).toEqual([]);
});

test('what a thread can have goes along, with its value, whether apart or joined', () => {
  const flags = ['--import', './a.mjs', '--require=./b.cjs', '-C', 'x', '--no-warnings'];
  expect(workerExecArgv(['--expose-gc', ...flags])).toEqual(flags);
  expect(workerExecArgv(['--permission', '--allow-fs-read=/a'])).toEqual([
    '--permission',
    '--allow-fs-read=/a',
  ]);
});

test('Node lets a thread have every flag that goes along', async () => {
  const plain = [
    '--no-warnings',
    '--enable-source-maps',
    '--preserve-symlinks',
    '--trace-warnings',
  ];
  const more = ['--trace-uncaught', '--no-deprecation', '--trace-deprecation'];
  const valued = ['-r', 'node:fs', '--import=node:fs', '-C', 'x', '--disable-warning=DEP0001'];
  const permissions = ['--permission', '--allow-worker', '--allow-fs-read=*', '--allow-wasi'];
  const hasFfi = process.getBuiltinModule('node:ffi' as string) !== undefined;
  const ffi = hasFfi ? ['--allow-ffi', '--no-experimental-ffi'] : [];
  const given = [...plain, ...more, ...valued, ...permissions, ...ffi];
  expect(workerExecArgv(given)).toEqual(given);
  const code = "require('node:worker_threads').parentPort.postMessage(process.execArgv)";
  const worker = new Worker(code, { eval: true, execArgv: given });
  const got = await new Promise((resolve, reject) => {
    worker.once('message', resolve).once('error', reject);
  });
  expect(got).toEqual(given);
  await worker.terminate();
});
