import { expect, test } from 'vitest';
import { microLines, runMicro } from './run-micro.ts';

test('every kernel and channel runs, with the same bits in either width of vectors', async () => {
  const report = await runMicro({ isQuick: true });
  const names = [...new Set(report.rows.map(({ name }) => name))];
  for (const what of ['linear f32', 'linear f16', 'linear q8_0', 'linear q4_0', 'attention']) {
    expect(names.filter((name) => name.startsWith(what)).length).toBeGreaterThan(1);
  }
  for (const what of ['norm', 'copy 64 KiB', 'channel window 4 KiB', 'channel port 64 KiB']) {
    expect(names.some((name) => name.startsWith(what))).toBe(true);
  }
  for (const { samples, gigabytesPerSecond } of report.rows) {
    expect(samples).toHaveLength(report.rounds);
    expect(gigabytesPerSecond).toBeGreaterThan(0);
  }
  const hashes = new Set(report.rows.map(({ hash }) => hash));
  // Messages carry the bytes that are copied; every other output is its own.
  expect(hashes.size).toBe(names.length - 4);
  expect(report.channelRatio).toBeGreaterThan(0);
  expect(microLines(report).at(-1)).toBe(`results: hash ${report.hash}`);
});

test('cases, vectors and rounds are what was asked for', async () => {
  const options = { isQuick: true, filter: 'q4_0', revectorize: [false], rounds: 1 };
  const { rows, rounds, channelRatio } = await runMicro(options);
  expect(rounds).toBe(1);
  expect(rows.length).toBeGreaterThan(0);
  expect(rows.every(({ name, isRevectorized }) => name.includes('q4_0') && !isRevectorized)).toBe(
    true,
  );
  expect(channelRatio).toBeUndefined();
});

test('a filter that no case has is known before anything is warmed up', async () => {
  const said: string[] = [];
  const say = (text: string): void => void said.push(text);
  const { rows } = await runMicro({ isQuick: false, filter: 'nothing', rounds: 1, say });
  expect(rows).toEqual([]);
  expect(said.filter((text) => text.startsWith('warming up'))).toHaveLength(1);
});
