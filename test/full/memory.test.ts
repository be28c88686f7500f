/**
 * Fifty loads and drops leave the process as large as ten did.
 */
import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

const PROGRAM = `
  const { Wafer, openModel } = await import('@wafer/runtime');
  const model = await openModel('synthetic:15m:q8_0');
  const options = { model, grid: '1x1', contextTokens: 256 };
  const residents = [];
  for (let i = 0; i < 50; i++) {
    await using wafer = await Wafer.start(options);
    for await (const _ of wafer.generate('a', { maxTokens: 1 })) void _;
    residents.push(process.memoryUsage.rss());
  }
  console.log(JSON.stringify(residents));
`;

test('resident memory is flat over fifty loads and drops', { timeout: 240_000 }, () => {
  const output = execFileSync('node', ['--input-type=module', '-e', PROGRAM], {
    cwd: new URL('..', import.meta.url),
    encoding: 'utf8',
    timeout: 230_000,
  });
  const residents = JSON.parse(output) as number[];
  const peakOf = (from: number, to: number): number => Math.max(...residents.slice(from, to));
  // The weights are 16 MB: a leak of every load would show as 640 MB.
  expect(peakOf(40, 50) - peakOf(0, 10)).toBeLessThan(100 * 2 ** 20);
});
