import { FAULTS } from '@wafer/fabric/links';
import { expect, test } from 'vitest';
import { runCli, runCliJson, runCliWell, startCli } from './cli-process.ts';

test('stress fabric passes messages between threads, and loses none', async () => {
  const words = ['stress', 'fabric', '--quick', '--threads', '3'];
  expect(await runCliWell(words)).toMatch(/^2,\d+ messages over 6 channels in 1 run: none lost/m);
  const report = await runCliJson([...words, '--messages', '60000', '--json']);
  expect(report).toMatchObject({ threads: 3, runs: 2, channels: 12 });
  expect(report['messages']).toBeGreaterThanOrEqual(60_000);
});

test('a stuck fabric ends with 1, every ring and the circle of waits', async () => {
  const words = ['stress', 'fabric', '--quick', '--deaf', '1', '--stall-ms', '300'];
  const { code, stdout, stderr } = await runCli(words);
  expect(code).toBe(1);
  expect(stdout).toMatch(/then it failed/);
  expect(stderr.match(/Channel\[stress<\d\] (full|empty): pushed \d+, popped \d+/g)).toHaveLength(
    8,
  );
  expect(stderr).toMatch(/^ {2}wait cycle: (\d → )+\d$/m);
  expect(stderr).toMatch(/^wafer: STRESS_FAILED: the fabric failed under stress: .* seed, 1$/m);
});

test('stress links injects every fault, and delivers nothing wrong', async () => {
  const words = ['stress', 'links', '--quick', '--faults', '50'];
  const text = await runCliWell(words);
  for (const fault of FAULTS) {
    expect(text).toMatch(new RegExp(`^virtual +${fault}( +[\\d,]+){6} +0$`, 'm'));
  }
  expect(text).toMatch(/^tcp +all( +[\d,]+){6} +0$/m);
  const report = await runCliJson([...words, '--over', 'virtual', '--seed', '7', '--json']);
  const rows = report['rows'] as Record<string, number>[];
  expect(rows.map((row) => row['kind'])).toEqual([...FAULTS, 'all']);
  for (const row of rows) {
    expect(row['injected']).toBeGreaterThanOrEqual(50);
    expect(row['closed']! + row['coded']!).toBe(row['links']);
    expect(row['wrong']).toBe(0);
  }
  // The seed replays virtual links to the last count.
  expect(await runCliJson([...words, '--over', 'virtual', '--seed', '7', '--json'])).toEqual(
    report,
  );
});

test.each(['fabric', 'links'])('Ctrl-C ends stress %s with 130', async (command) => {
  const { child, ended } = startCli(['stress', command]);
  child.stderr!.once('data', () => child.kill('SIGINT'));
  const { code, stdout } = await ended;
  expect({ code, stdout }).toEqual({ code: 130, stdout: '' });
});
