import { expect, test } from 'vitest';
import { tokenTraffic } from '@wafer/core';
import { openModel, planModel, resolveOptions } from '@wafer/runtime';
import { runCliJson, runCliWell } from './cli-process.ts';

interface Row {
  row: string;
  repetitions: number;
  decodeTokensPerSecond: { median: number; min: number; max: number };
  shares: Record<string, number>;
  kerfBytesPerToken: number;
  tokensHash: string;
}

test('bench --json measures a whole and a diced wafer, with the same tokens', async () => {
  const report = await runCliJson(['bench', '--quick', '--repetitions', '3', '--json']);
  expect(report).toMatchObject({ clock: 'wall', model: 'synthetic:tiny' });
  expect(report['machine']).toMatchObject({ node: process.version });
  const [whole, diced] = report['rows'] as [Row, Row];
  expect([whole.row, diced.row]).toEqual(['2x1 whole', '2x1 diced 2x1 port']);
  expect(diced.tokensHash).toBe(whole.tokensHash);
  expect(report['tokensHash']).toMatch(/^[0-9a-f]{16}$/);
  expect(whole.kerfBytesPerToken).toBe(0);
  for (const { repetitions, decodeTokensPerSecond: decode, shares } of [whole, diced]) {
    expect(repetitions).toBe(3);
    expect(decode.min).toBeLessThanOrEqual(decode.median);
    expect(decode.median).toBeLessThanOrEqual(decode.max);
    const sum = Object.values(shares).reduce((total, share) => total + share, 0);
    expect(sum).toBeCloseTo(1, 9);
  }
  // What the plan says a token moves between the chips, but for the embedding: prompt tokens of
  // one half of the vocabulary are sent by the other chip.
  const model = await openModel('synthetic:tiny');
  const plan = planModel(model, resolveOptions({ model, grid: '2x1' }, model));
  const planned = tokenTraffic(plan).payloadBytes;
  expect(diced.kerfBytesPerToken).toBeGreaterThanOrEqual(planned);
  expect(diced.kerfBytesPerToken).toBeLessThanOrEqual(planned + 64 * 4);
});

test('bench prints machine, date and clock, a row at a time, and a hash of its work', async () => {
  const words = ['bench', 'synthetic:tiny', '--grid', '2x2', '--dice', '1x2', '--repetitions', '1'];
  const text = await runCliWell([...words, '--prompt-tokens', '5', '--max-tokens', '4']);
  expect(text).toMatch(/^wafer bench · synthetic:tiny · \d{4}-\d\d-\d\dT/);
  expect(text).toContain(`Node ${process.version}`);
  expect(text).toContain('wall clock · prompt of 5 tokens, 4 generated');
  expect(text).toMatch(/^2x2 whole +\d.* 0$/m);
  expect(text).toMatch(/^2x2 diced 1x2 port +\d.* [\d,]+$/m);
  expect(text).toMatch(
    /\nSame tokens, hash [0-9a-f]{16}; traffic equals the plan to the byte\.\n$/,
  );
});
