import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { createTokenizer } from '@wafer/text';
import { expect, test } from 'vitest';
import { TextStream } from './text-stream.ts';

/** Streams byte strings as if each were a token; checks each piece on its way. */
function stream(tokens: readonly Uint8Array[], stops: readonly string[] = []): string {
  const text = new TextStream((token) => tokens[token]!, stops);
  let all = '';
  for (const token of tokens.keys()) {
    const piece = text.push(token);
    expect(piece.isWellFormed()).toBe(true);
    all += piece;
  }
  return all + text.finish();
}

/** The plain meaning: decode everything, cut before the stop that is complete first. */
function reference(bytes: Uint8Array, stops: readonly string[]): string {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const [first] = stops
    .filter((stop) => text.includes(stop))
    .map((stop) => ({ start: text.indexOf(stop), end: text.indexOf(stop) + stop.length }))
    .sort((a, b) => a.end - b.end || a.start - b.start);
  return first === undefined ? text : text.slice(0, first.start);
}

function cut(bytes: Uint8Array, at: readonly number[]): Uint8Array[] {
  const ends = [...at.map((i) => i % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.subarray(ends[i - 1] ?? 0, end));
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);

const piece = fc.oneof(
  fc.constantFrom('a', 'b', 'ab', 'é', '€', '😀', '😁', '\ufeff', '\ufffd').map(utf8),
  fc.uint8Array({ maxLength: 4 }), // mostly no UTF-8
);
const stopString = fc
  .array(fc.constantFrom('a', 'b', 'é', '😀', '\ufffd'), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''));

test('any cut into tokens gives the whole text up to the first stop', () => {
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 30 }),
      fc.array(fc.nat(), { maxLength: 40 }),
      fc.array(stopString, { maxLength: 3 }),
      (pieces, at, stops) => {
        const bytes = Uint8Array.from(pieces.flatMap((part) => [...part]));
        expect(stream(cut(bytes, at), stops)).toBe(reference(bytes, stops));
      },
    ),
    { numRuns: 1500 },
  );
});

test('a stop string is found behind a failed beginning of itself', () => {
  for (const [text, stop, before] of [
    ['aaab!', 'aab', 'a'],
    ['ababac!', 'abac', 'ab'],
    ['aabaabaaac', 'aabaaac', 'aab'],
  ] as const) {
    const tokens = Array.from(text, utf8);
    expect(stream(tokens, [stop])).toBe(before);
  }
});

test('an unfinished character waits, and is U+FFFD if nothing follows', () => {
  const bytes = utf8('😀!');
  const text = new TextStream((token) => bytes.subarray(token, token + 1));
  expect([0, 1, 2, 3, 4].map((token) => text.push(token))).toEqual(['', '', '', '😀', '!']);
  expect(stream([utf8('x'), bytes.subarray(0, 2)])).toBe('x\ufffd');
});

test('what may begin a stop string waits, and comes back when it does not', () => {
  const words = ['the e', 'n', 'd', 'e', 'n!'].map(utf8);
  const text = new TextStream((token) => words[token]!, ['enden?']);
  expect(words.map((_, token) => text.push(token))).toEqual(['the ', '', '', '', 'enden!']);
  expect(text.isStopped).toBe(false);
  expect(text.finish()).toBe('');
});

test('a stopped stream says with what, and takes no more', () => {
  const words = ['stop? ', 'no STOP, never', 'more'].map(utf8);
  const text = new TextStream((token) => words[token]!, ['never', 'STOP']);
  expect(text.push(0) + text.push(1)).toBe('stop? no ');
  expect(text.isStopped).toBe(true);
  expect(text.stopString).toBe('STOP');
  expect(text.push(2) + text.finish()).toBe('');
});

test('of stop strings that end together the longest counts', () => {
  expect(stream([utf8('xabc')], ['bc', 'abc'])).toBe('x');
});

test('time grows with the text, not with the text times the stop string', () => {
  const length = 200_000;
  const bytes = new Uint8Array(length).fill(0x61);
  const text = new TextStream(
    (token) => bytes.subarray(token, token + 1),
    [`${'a'.repeat(50_000)}b`],
  );
  let emittedLength = 0;
  // Quadratic would be 10^10 units: the test's own time-out.
  for (let token = 0; token < length; token++) emittedLength += text.push(token).length;
  expect(emittedLength + text.finish().length).toBe(length);
});

test('a token after the end, and half a character as stop string, are bugs', () => {
  const text = new TextStream(() => utf8('a'));
  text.finish();
  expect(() => text.push(0)).toThrow('no token follows');
  expect(() => new TextStream(() => utf8('a'), ['\ud83d'])).toThrow('stop strings are text');
});

const GOLDEN = '../../../../test/golden/tokenizers/';

test.each(['bytes', 'pieces', 'unigram'])(
  'ids of every kind of vocabulary (%s) stream as whole characters',
  (name) => {
    const json = readFileSync(new URL(`${GOLDEN}${name}.json`, import.meta.url), 'utf8');
    const tokenizer = createTokenizer({ tokenizerJson: JSON.parse(json), tokenizerConfig: {} });
    const id = fc.oneof(
      fc.integer({ min: 0, max: tokenizer.vocabCount }),
      // Bytes of characters, whole and broken.
      fc.integer({ min: 0, max: 260 }),
    );
    fc.assert(
      fc.property(fc.array(id, { maxLength: 40 }), (ids) => {
        const text = new TextStream((token) => tokenizer.decodeToken(token));
        const parts = [...ids.map((token) => text.push(token)), text.finish()];
        expect(parts.every((part) => part.isWellFormed())).toBe(true);
        const whole = Buffer.concat(ids.map((token) => tokenizer.decodeToken(token)));
        const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
        expect(parts.join('')).toBe(decoder.decode(whole));
      }),
      { numRuns: 300, seed: 41 },
    );
  },
);
