import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN, temporaryFolder } from './cli-process.ts';
import { hasPseudoTerminal, startOnTerminal } from './pseudo-terminal.ts';

const folder = temporaryFolder();
beforeAll(() => {
  const lines = Array.from({ length: 20_000 }, (_, i) => `Once there were ${i} dogs by the sea.\n`);
  writeFileSync(join(folder.path, 'long.txt'), lines.join(''));
});
afterAll(() => folder[Symbol.dispose]());

interface Case {
  words: string[];
  /** What is said when it is time; where nothing is said, ms since the start. */
  when: RegExp | number;
}

const CASES: Case[] = [
  { words: ['bench', 'speed', '--quick', '--rounds', '99999'], when: /opening all engines/ },
  { words: ['bench', 'speed', '--quick', '--rounds', '99999'], when: /round 2/ },
  { words: ['bench', 'micro'], when: /round 1/ },
  {
    words: ['bench', 'grammar', '--quick', '--rounds', '99999'],
    when: /compiling, .* schemas/,
  },
  { words: ['calibrate'], when: /warming up/ },
  { words: ['calibrate', '--quick', '--rounds', '99999'], when: /round 2/ },
  { words: ['bench', 'synthetic:15m', '--repetitions', '999'], when: /whole/ },
  { words: ['run', 'synthetic:tiny', '-'], when: 2500 },
  { words: ['stress', 'links'], when: /./ },
  // What computes for seconds without a pause, and what writes.
  { words: ['init', './large', '--shape', '1b'], when: 2500 },
  { words: ['quantize', 'synthetic:110m', './large.gguf', '--type', 'q4_k'], when: /writing/ },
  { words: ['plan', 'synthetic:110m', '--grid', '32x32'], when: 1200 },
  { words: ['eval', 'stories', '--data', './long.txt'], when: 2500 },
  {
    words: 'train stories --data ./long.txt --out ./trained --checkpoint-every 0'.split(' '),
    when: 2500,
  },
  // Loaded or not before the limit of such an end: it ends all the same.
  { words: ['serve', 'synthetic:110m:f32', '--port', '0'], when: /"state":"loading"/ },
  { words: ['run', 'synthetic:110m:f32', 'x'], when: /./ },
  { words: ['chip', '--listen', '127.0.0.1:0'], when: /waiting at/ },
];

test.each(CASES)('Ctrl-C ends `wafer $words` after $when', async ({ words, when }) => {
  const mark = `WAFER_TEST_${process.pid}_${Math.random()}`;
  const env = { ...process.env, WAFER_SECRET: '0123456789abcdef', TEST_MARK: mark };
  // A process group of its own, as a shell gives to each command.
  const child = spawn(process.execPath, [MAIN, ...words], {
    cwd: folder.path,
    detached: true,
    env,
  });
  let said = '';
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (out += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = new Promise<number | null>((resolve) => child.on('close', resolve));
  const isOver = { value: false };
  void ended.then(() => (isOver.value = true));
  if (typeof when === 'number') await sleep(when);
  else while (!when.test(said + out) && !isOver.value) await sleep(20);
  expect(isOver.value, said).toBe(false);
  process.kill(-child.pid!, 'SIGINT');
  expect(await ended, said).toBe(130);
  // A server's log may have a line on its way.
  expect(said).toMatch(/(^|\n)wafer: interrupted\n(\{.*\}\n)*$/);
  expect(said).not.toMatch(/bug|Error|EPIPE/);
  const left = readdirSync(folder.path, { recursive: true, encoding: 'utf8' });
  expect(left.filter((path) => path.endsWith('.partial'))).toEqual([]);
  // The system needs a moment to end what was killed.
  while (withMark(mark).length > 0) await sleep(20);
});

/** Processes that were started with this word in their environment. */
function withMark(mark: string): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((id) => {
    if (!/^\d+$/.test(id)) return false;
    try {
      const isZombie = / Z /.test(readFileSync(join('/proc', id, 'stat'), 'utf8'));
      return !isZombie && readFileSync(join('/proc', id, 'environ'), 'utf8').includes(mark);
    } catch {
      return false; // It has ended since.
    }
  });
}

// Only who watches is told of a load that takes less than two seconds.
test
  .skipIf(!hasPseudoTerminal)
  .each([
    [['run', 'synthetic:110m', 'x']],
    [['chat', 'synthetic:110m']],
    [['logits', 'synthetic:110m', '--tokens', '1,2,3']],
  ])('Ctrl-C while `wafer $0` loads gives the shell a line of its own', async (words) => {
  const terminal = startOnTerminal(words);
  await terminal.see('loading');
  terminal.type('\u0003');
  const clear = String.raw`\r\u001b\[2K`;
  await terminal.see(new RegExp(`${clear}[^\\n]*wafer:[^\\n]*interrupted\\r\\n`));
  expect(await terminal.ended).toBe(130);
});

test.skipIf(!hasPseudoTerminal)(
  'Ctrl-C at a question is an answer to it: interrupted',
  async () => {
    const terminal = startOnTerminal(['run', 'nobody/nothing', 'x']);
    await terminal.see('[y/N]');
    terminal.type('\u0003');
    await terminal.see(/\r\n[^\n]*wafer:[^\n]*interrupted\r\n/);
    expect(await terminal.ended).toBe(130);
  },
);
