import { Writable } from 'node:stream';
import { inspect, styleText } from 'node:util';
import { expect, onTestFinished, test, vi } from 'vitest';
import { terminalKind } from './kind.ts';
import { drawControls, STYLES, Terminal } from './terminal.ts';

/** What a terminal, or a pipe, got of a text that is not ours. */
async function shown(text: string, isTTY: boolean): Promise<string> {
  return heard({ isTTY, columns: 80 }, async (terminal) => {
    await terminal.writeText(text);
    terminal.sayPart(text);
  });
}

/** What both streams got of what was said. */
async function heard(
  facts: { isTTY: boolean; columns: number; isAscii?: boolean },
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
  await say(new Terminal({ out: stream(), errors: stream(), isAscii: facts.isAscii ?? false }));
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

/**
 * Grounds, letters and the sixteen colors' red of what people read on: xterm, Visual Studio Code,
 * Solarized, GitHub, Windows Terminal, the Terminal of macOS, GNOME's on Ubuntu.
 */
const PALETTES: Readonly<Record<string, { ground: string; letters: string; red: string }>> = {
  xterm: { ground: '#000000', letters: '#e5e5e5', red: '#cd0000' },
  'xterm, light': { ground: '#ffffff', letters: '#000000', red: '#cd0000' },
  'Code, dark': { ground: '#1e1e1e', letters: '#cccccc', red: '#cd3131' },
  'Code, light': { ground: '#ffffff', letters: '#333333', red: '#cd3131' },
  'Solarized, dark': { ground: '#002b36', letters: '#839496', red: '#dc322f' },
  'Solarized, light': { ground: '#fdf6e3', letters: '#657b83', red: '#dc322f' },
  'GitHub, dark': { ground: '#0d1117', letters: '#e6edf3', red: '#ff7b72' },
  'GitHub, light': { ground: '#ffffff', letters: '#1f2328', red: '#cf222e' },
  Campbell: { ground: '#0c0c0c', letters: '#cccccc', red: '#c50f1f' },
  'Terminal, dark': { ground: '#000000', letters: '#f2f2f2', red: '#c23621' },
  'Terminal, light': { ground: '#ffffff', letters: '#000000', red: '#c23621' },
  Ubuntu: { ground: '#300a24', letters: '#ffffff', red: '#c01c28' },
};

/**
 * Least contrast of a colored word. What WCAG asks of large or bold text is 3; a word in color is
 * never all that says it failed, and Ubuntu's own red on its own violet has 2.9.
 */
const CONTRAST_MIN = 2.8;

function luminance(color: string): number {
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const share = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

/** Source: WCAG 2.2, contrast ratio. */
function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

test.each(Object.entries(PALETTES))('all styles can be read on %s', (_, palette) => {
  for (const style of Object.values(STYLES)) {
    const [code] = inspect.colors[style]!;
    // Letters that are bold or slanted have the color of the others.
    const color = code === 1 || code === 3 ? palette.letters : palette[style as 'red'];
    expect(color, `${style} is a color of each palette here`).toBeDefined();
    expect(contrast(color, palette.ground)).toBeGreaterThan(CONTRAST_MIN);
  }
});

test('what is left out cannot be read on one ground or the other', () => {
  const { ground } = PALETTES['Solarized, light']!;
  for (const bright of ['#b58900', '#859900', '#93a1a1', '#839496']) {
    expect(contrast(bright, ground)).toBeLessThan(3.1);
  }
  expect(contrast('#0000ee', PALETTES['xterm']!.ground)).toBeLessThan(CONTRAST_MIN);
});

test.each([
  { isTTY: true, set: {}, isStyled: true },
  { isTTY: false, set: {}, isStyled: false },
  { isTTY: true, set: { NO_COLOR: '1' }, isStyled: false },
  { isTTY: true, set: { NO_COLOR: '' }, isStyled: true },
  { isTTY: false, set: { FORCE_COLOR: '1' }, isStyled: true },
  { isTTY: true, set: { FORCE_COLOR: '0' }, isStyled: false },
  { isTTY: true, set: { FORCE_COLOR: '1', NO_COLOR: '1' }, isStyled: false },
])('styles of $isTTY with $set: $isStyled', ({ isTTY, set, isStyled }) => {
  onTestFinished(() => void vi.unstubAllEnvs());
  const all = { NO_COLOR: undefined, FORCE_COLOR: undefined, ...set };
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  const stream = Object.assign(new Writable(), { isTTY });
  const terminal = new Terminal({ out: stream, errors: stream });
  const red = styleText('red', 'x', { validateStream: false });
  expect([terminal.style('failure', 'x'), terminal.styleSaid('failure', 'x')]).toEqual(
    isStyled ? [red, red] : ['x', 'x'],
  );
});

test('a line in place is cut by cells, of which some characters take two', async () => {
  const facts = { isTTY: true, columns: 10 };
  const said = async (line: string): Promise<string> =>
    heard(facts, (terminal) => terminal.sayInPlace(line));
  expect(await said('昔々昔々昔々')).toBe('\r\u001b[2K昔々昔々');
  expect(await said('昔々 · 昔々昔々')).toBe('\r\u001b[2K昔々');
  expect(await said('123456789')).toBe('\r\u001b[2K123456789');
});

test('text that comes in pieces is wrapped on a terminal alone', async () => {
  const said = async (isTTY: boolean): Promise<string> =>
    heard({ isTTY, columns: 10 }, async (terminal) => {
      for (const piece of ['said the ', 'Scare', 'crow']) await terminal.writeText(piece);
    });
  expect(await said(true)).toBe('said the \nScarecrow');
  expect(await said(false)).toBe('said the Scarecrow');
});

test("in a locale without UTF-8 marks of ours are of ASCII, others' texts stay", async () => {
  const said = async (isTTY: boolean): Promise<string> =>
    heard({ isTTY, columns: 80, isAscii: true }, async (terminal) => {
      await terminal.writeLines(['┌─╥─┐ 2 × 3 µs · a → b …', 'naïve']);
      terminal.sayInPlace('loading ██░░');
      await terminal.writeText('2 × 3');
      await terminal.writeJson({ text: '×' });
    });
  expect(await said(true)).toBe(
    '+-#-+ 2 x 3 us - a > b .\nnaïve\n' + '\r\u001b[2Kloading ##..\r\u001b[2K2 × 3{"text":"×"}\n',
  );
  expect(await said(false)).toContain('┌─╥─┐ 2 × 3 µs · a → b …');
});

test.each([
  [{}, false],
  [{ LANG: 'C' }, true],
  [{ LANG: 'de_DE.ISO-8859-1' }, true],
  [{ LANG: 'C', LC_ALL: 'C.UTF-8' }, false],
  [{ LC_ALL: '', LC_CTYPE: 'POSIX', LANG: 'en_US.utf8' }, true],
])('a locale %j is ASCII: %s', (environment, isAscii) => {
  expect(terminalKind(environment)).toEqual({ isPlain: false, isAscii });
});
