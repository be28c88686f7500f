import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { runLine } from '../../scripts/run-line.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

const run = (line: string): ReturnType<typeof runLine> => runLine(line.split(' '));

test('bench speed runs what its options name, and prints it as JSON', async () => {
  const { code, stdout } = await run(
    'bench speed synthetic:tiny --quick --json --types q4_0 --tiles 1 --revectorize off ' +
      '--prefill 9,10 --batch 1,3 --context 12 --prompt-tokens 3 --tokens 5 --batch-tokens 6 ' +
      `--rounds 1 --no-extras --cache ${folder}`,
  );
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as {
    setting: { clock: string };
    tokensHash: string;
    bars: unknown[];
    groups: { type: string; rows: { name: string; task: object; samples: number[] }[] }[];
  };
  expect(report.setting.clock).toBe('wall');
  expect(report.tokensHash).toMatch(/^[0-9a-f]{16}$/);
  expect(report.groups.map(({ type }) => type)).toEqual(['q4_0']);
  expect(report.groups[0]!.rows.map(({ task }) => task)).toEqual([
    { kind: 'prefill', promptTokens: 9 },
    { kind: 'prefill', promptTokens: 10 },
    { kind: 'decode', sequences: 1, promptTokens: 3, tokens: 5 },
    { kind: 'decode', sequences: 3, promptTokens: 3, tokens: 6 },
    { kind: 'decode', sequences: 1, promptTokens: 12, tokens: 5 },
    { kind: 'embed', texts: 4 },
  ]);
});

test('calibrate and bench micro print tables, with the machine and the clock', async () => {
  const calibrated = await run(
    'calibrate --quick --threads 1 --mib 1 --rounds 1 --revectorize off',
  );
  expect(calibrated.code).toBe(0);
  expect(calibrated.stdout).toMatch(/Node v\d+[^]*wall clock[^]*1 MiB[^]*plain sum +1 +128/);
  const micro = await run('bench micro --quick --filter norm --rounds 1 --revectorize off');
  expect(micro.code).toBe(0);
  expect(micro.stdout).toMatch(/norm 64, 1 token +128[^]*results: hash [0-9a-f]{16}\n$/);
});
