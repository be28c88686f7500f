/**
 * The commands of docs/performance.md, each as it stands there: in quick sizes, as the page says.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { MAIN, temporaryFolder } from '../e2e/cli-process.ts';
import { fencesOf } from '../tidy/markdown.ts';

const PAGE = readFileSync(new URL('../../docs/performance.md', import.meta.url), 'utf8');
const folder = temporaryFolder();
afterAll(() => folder[Symbol.dispose]());

const commands = fencesOf(PAGE)
  .filter(({ language }) => language === 'sh')
  .flatMap(({ text }) => text.split('\n'))
  .filter((line) => line !== '');

test.each(commands)('`%s` runs', (command) => {
  const program = join(folder.path, 'wafer');
  writeFileSync(program, `#!/bin/sh\nexec "${process.execPath}" "${MAIN}" "$@"\n`);
  chmodSync(program, 0o755);
  const { status, stdout, stderr } = spawnSync('sh', ['-c', command], {
    cwd: folder.path,
    env: {
      ...process.env,
      WAFER_BENCH_QUICK: '1',
      PATH: `${folder.path}${delimiter}${process.env['PATH'] ?? ''}`,
    },
    encoding: 'utf8',
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toMatch(
    /synthetic:tiny|synthetic-tiny|stories|^tiny |traffic equals the plan|passed \d+; refused/m,
  );
});

test('the page has commands of every bench that it shows numbers of', () => {
  for (const words of ['bench', 'bench speed', 'bench speculation', 'bench train']) {
    expect(commands.some((command) => command.startsWith(`wafer ${words}`))).toBe(true);
  }
});
