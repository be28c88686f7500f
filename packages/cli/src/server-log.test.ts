import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../test/e2e/cli-process.ts';
import { serverLog } from './server-log.ts';

const numbersIn = (path: string): number[] =>
  readFileSync(path, 'utf8')
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { number: number }).number);

test('lines of requests wait, and are written with the next that is none', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'log');
  vi.useFakeTimers({ toFake: ['setInterval'] }); // it is never time
  const log = serverLog(path);
  vi.useRealTimers();
  log.info({ number: 0 }, 'request');
  await sleep(20);
  expect(readFileSync(path, 'utf8')).toBe('');
  log.info({ number: 1, state: 'loading' }, 'model');
  await vi.waitFor(() => expect(numbersIn(path)).toEqual([0, 1]), { timeout: 5000 });
});

test('a line by itself is written soon, and what waits at the end is not lost', async () => {
  using folder = temporaryFolder();
  const path = join(folder.path, 'log');
  const log = serverLog(path);
  log.info({ number: 0 }, 'request');
  await vi.waitFor(() => expect(numbersIn(path)).toEqual([0]), { timeout: 5000 });
  const source = new URL('./server-log.ts', import.meta.url).href;
  const program = `
    const { serverLog } = await import(${JSON.stringify(source)});
    const log = serverLog(${JSON.stringify(`${path}2`)});
    for (let number = 0; number < 99; number++) log.info({ number }, 'request');
    setTimeout(() => process.exit(0), 20);`;
  expect(spawnSync(process.execPath, ['--input-type=module', '-e', program]).status).toBe(0);
  expect(numbersIn(`${path}2`)).toEqual(Array.from({ length: 99 }, (_, i) => i));
});
