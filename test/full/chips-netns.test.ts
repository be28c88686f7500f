/**
 * A wafer over two machines, as near as one machine comes to it: two network namespaces that only
 * a veth pair joins, a chip in each, and the run in the first.
 *
 * Needs root and `ip` (iproute2); without them it fails, since nothing else shows this.
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MAIN } from '../e2e/cli-process.ts';

const PORT = 7000;
const NAMES = [0, 1].map((host) => `wafer-${process.pid}-${host}`);
const HOSTS = ['10.213.77.1', '10.213.77.2'];
const env = { ...process.env, WAFER_SECRET: `secret of process ${process.pid}, random enough` };

function ip(...words: string[]): string {
  const { error, status, stdout, stderr } = spawnSync('ip', words, { encoding: 'utf8' });
  if (error !== undefined) throw new Error(`ip: ${error.message}; install iproute2`);
  if (status !== 0) throw new Error(`ip ${words.join(' ')}: ${stderr.trim()}; run as root`);
  return stdout;
}

/** Runs `wafer` in a namespace. */
function startIn(host: number, ...words: string[]): ChildProcess {
  const args = ['netns', 'exec', NAMES[host]!, process.execPath, MAIN, ...words];
  return spawn('ip', args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
}

async function startChip(host: number): Promise<ChildProcess> {
  const child = startIn(host, 'chip', '--listen', `${HOSTS[host]}:${PORT}`);
  const [line] = (await once(createInterface({ input: child.stderr! }), 'line')) as [string];
  expect(line).toBe(`waiting at ${HOSTS[host]}:${PORT}`);
  return child;
}

async function outputOf(child: ChildProcess): Promise<string> {
  let [stdout, stderr] = ['', ''];
  child.stdout!.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr!.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code] = (await once(child, 'close')) as [number];
  if (code !== 0) throw new Error(`wafer ended with ${code}: ${stderr}`);
  return stdout;
}

beforeAll(() => {
  const links = [0, 1].map((host) => `wafer${process.pid % 100_000}${'ab'[host]}`);
  for (const name of NAMES) ip('netns', 'add', name);
  ip('link', 'add', links[0]!, 'type', 'veth', 'peer', 'name', links[1]!);
  for (const host of [0, 1]) {
    ip('link', 'set', links[host]!, 'netns', NAMES[host]!);
    ip('-n', NAMES[host]!, 'address', 'add', `${HOSTS[host]}/24`, 'dev', links[host]!);
    ip('-n', NAMES[host]!, 'link', 'set', links[host]!, 'up');
    ip('-n', NAMES[host]!, 'link', 'set', 'lo', 'up');
  }
});

// Removing a namespace removes its end of the pair, and with it the other end.
afterAll(() => {
  for (const name of NAMES) spawnSync('ip', ['netns', 'delete', name]);
});

test('two hosts, a chip on each: the tokens and logits of the uncut wafer', async () => {
  const words = ['logits', 'synthetic:15m', '--tokens', '1,403,407', '--greedy', '24'];
  const uncut = await outputOf(spawn(process.execPath, [MAIN, ...words, '--grid', '1x1']));
  const chips = await Promise.all([startChip(0), startChip(1)]);
  const exits = chips.map((chip) => once(chip, 'exit'));
  const addresses = HOSTS.map((host) => `${host}:${PORT}`).join(',');
  const cut = ['--grid', '2x2', '--dice', '2x1', '--link', 'tcp', '--chips', addresses];
  expect(await outputOf(startIn(0, ...words, ...cut))).toBe(uncut);
  expect((await Promise.all(exits)).map(([code]) => code as number)).toEqual([0, 0]);
});
