import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { drawControls, Terminal } from './terminal.ts';

/** What a terminal, or a pipe, got of a text that is not ours. */
async function shown(text: string, isTTY: boolean): Promise<string> {
  let got = '';
  const stream = (): Writable => {
    const write = (chunk: string, _encoding: unknown, done: () => void): void => {
      got += chunk;
      done();
    };
    return Object.assign(new Writable({ decodeStrings: false, write }), { isTTY, columns: 80 });
  };
  const terminal = new Terminal({ out: stream(), errors: stream() });
  await terminal.writeText(text);
  terminal.sayPart(text);
  return got;
}

test('what would steer a terminal is drawn, line ends and tabs stay', () => {
  expect(drawControls('a\u001b[2Jb\u0007\u000e\u007f\u009b1m')).toBe('a␛[2Jb␇␎␡\ufffd1m');
  expect(drawControls('one\r\n\ttwo\nthree\rfour é 界 \u{1f600}')).toBe(
    'one\r\n\ttwo\nthree␍four é 界 \u{1f600}',
  );
});

test('a pipe gets every byte of a text that is not ours, a terminal none that steers', async () => {
  const text = 'bell \u0007, colors \u001b[31m';
  expect(await shown(text, false)).toBe(text + text);
  expect(await shown(text, true)).not.toContain('\u0007');
  expect(await shown(text, true)).not.toContain('\u001b[31m');
});
