/**
 * Texts on which tokenizers disagree: spaces, control characters, special tokens spelled out, bytes
 * that no piece covers, characters of several code units, and random mixtures of all that.
 */

const ALPHABET = [
  ...Array.from(' abcdefgtheLilyOnce.,!?\'"-'),
  '  ',
  '\n',
  '\t',
  '▁',
  'é',
  'ß',
  '日',
  '👩',
  '<s>',
  '</s>',
  '<0x41>',
  'the ',
  'once upon',
];
const RANDOM_COUNT = 200;

const WRITTEN: readonly string[] = [
  '',
  ' ',
  '  ',
  '   ',
  'Once upon a time',
  ' Once upon a time',
  'Once upon a time ',
  'Once  upon   a    time',
  '\n',
  '\n\n\n',
  '\r\n',
  '\t\ttabs',
  'a\nb',
  ' \n ',
  '<s>',
  '</s>',
  '<unk>',
  '<s>Once</s>',
  'a<s>b',
  '<0x0A>',
  '▁',
  '▁▁',
  '▁Once',
  ' ▁ Once',
  'Once▁upon',
  'é',
  'e\u0301',
  'naïve café',
  'Ünïcödé',
  '日本語のテキスト',
  'мама мыла раму',
  '👍',
  '👩‍👩‍👧',
  '🏳️‍🌈 flag',
  '\uFEFFbom',
  'zero\u200Bwidth',
  '\u00A0nbsp',
  'a'.repeat(100),
  'ab'.repeat(100),
  ' '.repeat(50),
  '0123456789',
  "don't can't won't",
  'x=1;y={z:[1,2]}',
  'ALL CAPS',
  'https://example.org/?q=1&r=2#s',
  '\u0001\u0002\u007F',
  '…—“quotes”',
  'thethethethe',
];

/** Whole numbers below a bound, from a seed. */
function randomFrom(seed: number): (count: number) => number {
  let state = seed;
  return (count) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
}

function randomTexts(): string[] {
  const below = randomFrom(7);
  return Array.from({ length: RANDOM_COUNT }, () =>
    Array.from({ length: 1 + below(40) }, () => ALPHABET[below(ALPHABET.length)]).join(''),
  );
}

export const NASTY_TEXTS: readonly string[] = [...WRITTEN, ...randomTexts()];

/** First and last code points of scripts; none in which editions of Unicode add many. */
const SCRIPTS: readonly (readonly [number, number])[] = [
  [0x00, 0x7f],
  [0xa0, 0x24f],
  [0x300, 0x36f],
  [0x391, 0x3a1],
  [0x400, 0x52f],
  [0x5d0, 0x5ea],
  [0x620, 0x6ff],
  [0x905, 0x939],
  [0xe01, 0xe3a],
  [0x1e00, 0x1eff],
  [0x2000, 0x2064],
  [0x2070, 0x2071],
  [0x2100, 0x218b],
  [0x2190, 0x23ff],
  [0x3000, 0x303f],
  [0x3041, 0x3096],
  [0x4e00, 0x9fa5],
  [0xac00, 0xd7a3],
  [0xff01, 0xff9f],
  [0x1d400, 0x1d454],
  [0x1f300, 0x1f64f],
];
const GAPS = [' ', '  ', '\t', '\n', '\r\n', '\r', '\v', '\f', '\u0085', '\u00a0', '\u2003'];
const MORE_GAPS = ['\u2028', '\u3000', '\ufeff', '\u200b', 'a', '1', '.', "'s", "'LL", 'B'];
const WORDS =
  "the The THE don't I'll we'Ve 'S camelCaseWord HTTPServer x1y2 123456789 " +
  '3.14159 0x1F é É ǅ ʰ ª º ' +
  'ß ẞ İ ı ﬁ Ⅷ ½ ٣ १२३ 你好 世界 こんにちは カタカナ 한국어 👍🏽 👨‍👩‍👧‍👦 🇩🇪 e\u0301 n\u0303 ' +
  'if(x){return;} => != // /* */ <|im_start|> <think> </think> <tool_call> http://a.b/c?d=e&f';

function mixed(seed: number, parts: readonly string[], gaps: readonly string[]): string[] {
  const below = randomFrom(seed);
  const pick = (list: readonly string[]): string => list[below(list.length)] ?? '';
  return Array.from({ length: 400 }, () =>
    Array.from({ length: 1 + below(30) }, () => pick(parts) + pick(gaps)).join(''),
  );
}

function scriptTexts(): string[] {
  const below = randomFrom(12_345);
  return Array.from({ length: 400 }, (_, index) => {
    const only = index % 2 === 0 ? SCRIPTS[below(SCRIPTS.length)] : undefined;
    const characters = Array.from({ length: 1 + below(60) }, () => {
      const [first, last] = only ?? SCRIPTS[below(SCRIPTS.length)] ?? [97, 122];
      const space = below(4) === 0 ? ' ' : '';
      return String.fromCodePoint(first + below(last - first + 1)) + space;
    });
    return characters.join('').replaceAll('\0', '');
  });
}

/** The nasty texts and 1,200 more: scripts, white space of all kinds, words and code. */
export const MANY_TEXTS: readonly string[] = [
  ...NASTY_TEXTS,
  ...scriptTexts(),
  ...mixed(3, [...GAPS, ...MORE_GAPS], ['']),
  ...mixed(5, WORDS.split(' '), [' ', ' ', ' ', '', '\n', '\n\n', '\t', '  ', ' \n ']),
];
