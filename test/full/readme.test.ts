import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVE = 'npm run -s wafer -- serve';

const README = readFileSync(`${ROOT}README.md`, 'utf8');
/** What docs/server.md has a reader ask that server. */
const SERVER_PAGE = readFileSync(`${ROOT}docs/server.md`, 'utf8');
const SERVER_LINES = SERVER_PAGE.split('\n').filter((line) => line.startsWith('curl '));

/**
 * The command lines of README.md, but for `npm test`, which runs whoever runs this; and what is
 * added here, so that no size is left out and none is measured for long.
 */
const COMMANDS: readonly (readonly [string, string])[] = [
  ['npm run -s wafer -- run "Once upon a time"', ''],
  ['npm run bench', ' -- --repetitions 1 --max-tokens 16'],
];

test.each(COMMANDS)('`%s` does what README.md says', (command, added) => {
  expect(README).toContain(`\n${command}\n`);
  const { status, stdout, stderr } = spawnSync(`${command}${added}`, {
    cwd: ROOT,
    shell: true,
    encoding: 'utf8',
    maxBuffer: 1 << 26,
  });
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).not.toBe('');
});

test('`npm run -s wafer -- serve` answers as README.md says and docs/server.md asks', async () => {
  const server = spawn(SERVE, { cwd: ROOT, shell: true, detached: true });
  try {
    for await (const line of createInterface(server.stderr)) {
      if (line.includes('serving')) break;
    }
    server.stderr.resume();
    const answer = await fetch('http://127.0.0.1:8080/v1/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'stories', prompt: 'Once', max_tokens: 4, temperature: 0 }),
    });
    expect(await answer.json()).toMatchObject({ usage: { completion_tokens: 4 } });
    const answers = SERVER_LINES.map((line) => {
      const { status, stdout } = spawnSync('sh', ['-c', line], { encoding: 'utf8' });
      return { status, stdout };
    });
    const says = (text: RegExp): unknown => ({ status: 0, stdout: expect.stringMatching(text) });
    const [models, whole, streamed] = [/"id":"stories"/, /"completion_tokens":32/, /\[DONE\]\s*$/];
    expect(answers).toEqual([says(models), says(whole), says(streamed)]);
  } finally {
    process.kill(-server.pid!, 'SIGINT');
    await once(server, 'exit');
  }
});
