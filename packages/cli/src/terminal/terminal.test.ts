import { Writable } from 'node:stream';
import { expect, test } from 'vitest';
import { drawControls, Terminal } from './terminal.ts';

/** What a terminal, or a pipe, got of a text that is not ours. */
async function shown(text: string, isTTY: boolean): Promise<string> {
  return heard({ isTTY, columns: 80 }, async (terminal) => {
    await terminal.writeText(text);
    terminal.sayPart(text);
  });
}

/** What both streams got of what was said. */
async function heard(
  facts: { isTTY: boolean; columns: number },
  say: (terminal: Terminal) => unknown,
): Promise<string> {
  let got = '';
  const stream = (): Writable => {
    const write = (chunk: string, _encoding: unknown, done: () => void): void => {
      got += chunk;
      done();
    };
    return Object.assign(new Writable({ decodeStrings: false, write }), facts);
  };
  await say(new Terminal({ out: stream(), errors: stream() }));
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

test('a line in place is cut by cells, of which some characters take two', async () => {
  const facts = { isTTY: true, columns: 10 };
  const said = async (line: string): Promise<string> =>
    heard(facts, (terminal) => terminal.sayInPlace(line));
  expect(await said('昔々昔々昔々')).toBe('\r\u001b[2K昔々昔々');
  expect(await said('昔々 · 昔々昔々')).toBe('\r\u001b[2K昔々');
  expect(await said('123456789')).toBe('\r\u001b[2K123456789');
});
