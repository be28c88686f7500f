/**
 * A wafer of 256 tiles on two threads: 4 stages of 64 tiles, within 2 GB, audited to the byte.
 *
 * It runs in a process of its own, so that the peak is its own.
 */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const PROGRAM = `
  const { auditSteps } = await import('@wafer/core');
  const { Wafer } = await import('@wafer/runtime');
  const run = async (layout) => {
    await using wafer = await Wafer.start({ model: 'synthetic:15m', recordSteps: true, ...layout });
    const tokens = [];
    const options = { maxTokens: 8, temperature: 0 };
    for await (const { token } of wafer.generate('Once upon a time', options)) tokens.push(token);
    const { steps } = await wafer.metrics();
    const counted = wafer.traffic().channels.map(
      ({ channel, messages, payloadBytes }) => ({ channel, messages, payloadBytes }));
    const isAudited = JSON.stringify(counted) === JSON.stringify(auditSteps(wafer.plan, steps));
    const groups = wafer.plan.groups.map(({ tiles }) => tiles.length);
    return { tokens, isAudited, groups, channelCount: counted.length };
  };
  const many = await run({ grid: '16x16', stages: 4, threads: 2 });
  const peakBytes = process.resourceUsage().maxRSS * 1024;
  const one = await run({ grid: '1x1' });
  console.log(JSON.stringify({ many, one, peakBytes }));
`;

interface Run {
  tokens: number[];
  isAudited: boolean;
  groups: number[];
  channelCount: number;
}

test('4 stages of 64 tiles on two threads fit in 2 GB and move what was predicted', () => {
  const output = execFileSync('node', ['--input-type=module', '-e', PROGRAM], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
    timeout: 120_000,
  });
  const { many, one, peakBytes } = JSON.parse(output) as { many: Run; one: Run; peakBytes: number };
  expect(many.groups).toEqual([64, 64, 64, 64]);
  expect(many.channelCount).toBeGreaterThan(10_000);
  expect(many.isAudited).toBe(true);
  expect(many.tokens).toEqual(one.tokens);
  expect(peakBytes).toBeLessThan(2 * 1024 ** 3);
});
