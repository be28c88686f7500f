import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { ProgressLine } from './progress.ts';
import { Terminal } from './terminal.ts';

/** Loads in five reports, one a second; what standard error then holds. */
function load(isWatched: boolean, totalBytes = 4 * 2 ** 20, columns = 80, isPlain = false): string {
  let said = '';
  const stream = (isTTY: boolean): Writable & { isTTY: boolean; columns: number } =>
    Object.assign(
      new Writable({
        decodeStrings: false,
        write: (text: string, _encoding, done) => {
          said += text;
          done();
        },
      }),
      { isTTY, columns },
    );
  let nowMs = 0;
  const terminal = new Terminal({ out: stream(false), errors: stream(isWatched), isPlain });
  const progress = new ProgressLine(terminal, 'loading', () => nowMs);
  for (let second = 0; second <= 4; second++) {
    nowMs = second * 1000;
    progress.report({ doneBytes: second * 2 ** 20, totalBytes });
  }
  progress.close();
  return said;
}

test('a load that lasts says so every two seconds, in plain lines', () => {
  expect(load(false)).toBe(
    'wafer: loading, 2.0 MiB of 4.0 MiB\nwafer: loading, 4.0 MiB of 4.0 MiB\n',
  );
});

test('a terminal that takes control codes for text gets plain lines', () => {
  expect(load(true, undefined, undefined, true)).toBe(load(false));
});

test('on a terminal the line is in place, and gone at the end', () => {
  const said = load(true);
  expect(said).toContain(`loading ${'█'.repeat(12)}${'░'.repeat(12)} 2.0 MiB of 4.0 MiB`);
  expect(said).not.toContain('\n');
  expect(said.endsWith('\r\u001b[2K')).toBe(true);
});

test('a bar is full where more came than was said', () => {
  expect(load(true, 3 * 2 ** 20)).toContain(`${'█'.repeat(24)} 4.0 MiB of 3.0 MiB`);
});

test('where not all fits, the amount is whole', () => {
  expect(load(true, 4 * 2 ** 20, 24)).toContain('\u001b[2K2.0 MiB of 4.0 MiB\r');
});

test.each([10, 30, 40, 55, 120])('at %i columns the line never reaches the last one', (columns) => {
  const said = load(true, 4 * 2 ** 20, columns);
  const lines = said.split('\r\u001b[2K');
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((line) => line.length >= columns)).toEqual([]);
  // Nor is a word or a number cut.
  const words = lines.flatMap((line) => line.split(' '));
  const cut = words.filter((word) => !/^([█░]*|loading|of|0|B|MiB|\d\.\d)$/.test(word));
  expect(cut).toEqual([]);
});
