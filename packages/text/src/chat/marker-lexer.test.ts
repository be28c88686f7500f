import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MarkerLexer } from './marker-lexer.ts';

const MARKERS = ['<a>', '<ab>', '</a>', '[X]', 'functools['];

/** What a lexer says of a text that comes in these parts: texts joined, markers apart. */
function lexed(parts: readonly string[]): string[] {
  const said: { isMarker: boolean; text: string }[] = [];
  const lexer = new MarkerLexer(MARKERS, {
    text: (text) => {
      const last = said.at(-1);
      if (last?.isMarker === false) last.text += text;
      else said.push({ isMarker: false, text });
    },
    marker: (text) => said.push({ isMarker: true, text }),
  });
  for (const part of parts) lexer.push(part);
  lexer.finish();
  return said.map(({ isMarker, text }) => (isMarker ? `!${text}` : text));
}

test.each([
  [['one<a>two</a>'], ['one', '!<a>', 'two', '!</a>']],
  [
    ['<a', '>', '<', 'ab>'],
    ['!<a>', '!<ab>'],
  ],
  [['<a'], ['<a']],
  [['so <', 'b> func', 'tools'], ['so <b> functools']],
  [
    ['func', 'tools[', '[X'],
    ['!functools[', '[X'],
  ],
])('%j is read as %j', (parts, expected) => {
  expect(lexed(parts)).toEqual(expected);
});

test('no character is lost or said twice, and it does not matter where a text is cut', () => {
  const piece = fc.constantFrom(...MARKERS, '<', 'a', '>', '[', 'func', ' ', '</');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), fc.array(fc.nat({ max: 4 })), (all, sizes) => {
      const text = all.join('');
      const parts: string[] = [];
      let at = 0;
      for (const size of sizes) parts.push(text.slice(at, (at += size)));
      parts.push(text.slice(at));
      const whole = lexed([text]);
      expect(lexed(parts)).toEqual(whole);
      expect(whole.map((one) => one.replace(/^!/, '')).join('')).toBe(text);
    }),
    { numRuns: 500 },
  );
});
