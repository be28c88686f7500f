/**
 * Texts on which tokenizers disagree: spaces, control characters, special tokens spelt out, bytes
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

function randomTexts(): string[] {
  let state = 7;
  const below = (count: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * count);
  };
  return Array.from({ length: RANDOM_COUNT }, () =>
    Array.from({ length: 1 + below(40) }, () => ALPHABET[below(ALPHABET.length)]).join(''),
  );
}

export const NASTY_TEXTS: readonly string[] = [...WRITTEN, ...randomTexts()];
