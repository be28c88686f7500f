import { expect, test } from 'vitest';
import { calibrate, calibrationLines, variantsHere } from './calibrate.ts';

const QUICK = { isQuick: true, bytes: 2 ** 16, rounds: 1 };

test('every ceiling of every variant is measured in every round, and named', async () => {
  const calibration = await calibrate({ ...QUICK, threadsMax: 2 });
  const names = calibration.rows.map(
    ({ quantity, threadCount, isRevectorized }) => `${quantity} ${threadCount} ${isRevectorized}`,
  );
  const wanted = variantsHere().flatMap((isWide) => [
    ...['read', 'copy', 'fma'].flatMap((quantity) =>
      [1, 2].map((n) => `${quantity} ${n} ${isWide}`),
    ),
    ...['doorbell', 'wake', 'spin', 'handover'].map((quantity) => `${quantity} 2 ${isWide}`),
  ]);
  expect(names).toEqual(wanted);
  for (const { quantity, samples } of calibration.rows) {
    expect(samples).toHaveLength(1);
    if (!['doorbell', 'wake'].includes(quantity)) expect(Math.min(...samples)).toBeGreaterThan(0);
  }
  const lines = calibrationLines(calibration).join('\n').split('\n');
  expect(lines.join('\n')).toMatch(/wall clock[^]*GB\/s[^]*GFLOP\/s[^]*µs/);
  expect(lines.length).toBeGreaterThan(calibration.rows.length);
});

test('threads, rounds, bytes and vectors are what was asked for', async () => {
  const options = { ...QUICK, bytes: 2 ** 17, rounds: 2, threadsMax: 1, revectorize: [false] };
  const { bytes, rounds, rows } = await calibrate(options);
  expect({ bytes, rounds }).toEqual({ bytes: 2 ** 17, rounds: 2 });
  expect(rows.map(({ quantity }) => quantity)).toEqual(['read', 'copy', 'fma']);
  expect(
    rows.every(({ isRevectorized, threadCount }) => !isRevectorized && threadCount === 1),
  ).toBe(true);
});

test('a signal ends it', async () => {
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(calibrate({ ...QUICK, revectorize: [false], signal })).rejects.toThrow('enough');
});
