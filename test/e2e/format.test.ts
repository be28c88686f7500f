import { afterAll, beforeAll, expect, test } from 'vitest';
import { STORIES_260K } from '../golden/stories.ts';
import { Wafer, type AnswerFormat, type GenerateOptions, type Piece } from '@wafer/runtime';

let wafer: Wafer;
beforeAll(async () => {
  wafer = await Wafer.start({ model: STORIES_260K, contextTokens: 256, threads: 1 });
});
afterAll(() => wafer.close());

interface Answer {
  text: string;
  tokens: number[];
  last: Piece;
}

async function ask(format: AnswerFormat, options: GenerateOptions = {}): Promise<Answer> {
  const pieces: Piece[] = [];
  for await (const piece of wafer.generate('Once', { maxTokens: 200, format, ...options })) {
    pieces.push(piece);
  }
  const tokens = pieces.map(({ token }) => token);
  return { text: pieces.map(({ text }) => text).join(''), tokens, last: pieces.at(-1)! };
}

const SCHEMA = {
  type: 'object',
  properties: {
    name: { type: 'string', maxLength: 12 },
    age: { type: 'integer', minimum: 0, maximum: 120 },
    kind: { enum: ['cat', 'dog', 'a very long word that must come'] },
  },
  required: ['name', 'age', 'kind'],
  additionalProperties: false,
};

const FORMATS: readonly [string, AnswerFormat, (text: string) => boolean][] = [
  [
    'a schema',
    { json: SCHEMA },
    (text) => {
      const { name, age, kind } = JSON.parse(text) as Record<string, unknown>;
      const isAge = Number.isInteger(age) && Number(age) >= 0 && Number(age) <= 120;
      return (
        typeof name === 'string' && isAge && SCHEMA.properties.kind.enum.includes(String(kind))
      );
    },
  ],
  [
    'an expression',
    { regex: '[A-Z][a-z]{2,8}(, [a-z]{2,5}){1,3}\\.' },
    (text) => /^[A-Z][a-z]{2,8}(, [a-z]{2,5}){1,3}\.$/.test(text),
  ],
  [
    'a grammar',
    { grammar: 'root ::= "(" [a-z]{1,9} ")" | "[" [0-9]{1,9} "]"' },
    (text) => /^(\([a-z]{1,9}\)|\[[0-9]{1,9}\])$/.test(text),
  ],
  [
    'choices',
    { choices: ['yes', 'no', 'not at all'] },
    (text) => ['yes', 'no', 'not at all'].includes(text),
  ],
  ['characters of several bytes', { regex: '[é-ü]{3}😀' }, (text) => /^[é-ü]{3}😀$/u.test(text)],
];

test.each(FORMATS)('an answer held to %s is one, greedy and drawn', async (_, format, isFine) => {
  for (const options of [{ temperature: 0 }, { seed: 1 }, { seed: 2, temperature: 1.5 }]) {
    const { text, last } = await ask(format, options);
    expect([text, isFine(text), last.finish]).toEqual([text, true, 'stop']);
  }
});

test('the same tokens come alone, beside others, and with guesses or without', async () => {
  const options = { seed: 7, temperature: 1.2 };
  const formats = FORMATS.map(([, format]) => format);
  const alone: Answer[] = [];
  for (const format of formats) alone.push(await ask(format, { ...options, speculation: 'off' }));
  const together = await Promise.all(formats.map((format) => ask(format, options)));
  const looked = await Promise.all(
    formats.map((format) => ask(format, { ...options, speculation: 'lookup' })),
  );
  const tokensOf = (answers: Answer[]): number[][] => answers.map(({ tokens }) => tokens);
  expect(tokensOf(together)).toEqual(tokensOf(alone));
  expect(tokensOf(looked)).toEqual(tokensOf(alone));
  expect(alone.every(({ last }) => last.usage!.draftedTokens === 0)).toBe(true);
});

test('where nothing may follow, the answer ends without an end token', async () => {
  const { last, text } = await ask({ choices: ['yes'] });
  expect(text).toBe('yes');
  expect(last.stop).toEqual({ format: 'complete' });
});

test('what must come costs no step', async () => {
  const only = 'one two three four five six seven eight';
  const before = (await wafer.metrics()).stepCount;
  const { text, tokens } = await ask({ choices: [only] }, { temperature: 0 });
  const steps = (await wafer.metrics()).stepCount - before;
  expect(text).toBe(only);
  expect(steps).toBeLessThan(tokens.length);
});

test('at maxTokens an answer is a beginning of one', async () => {
  const { text, last } = await ask({ json: SCHEMA }, { maxTokens: 5 });
  expect(last.finish).toBe('length');
  expect(text.startsWith('{')).toBe(true);
});

test('JSON mode gives an object, or the beginning of one', async () => {
  const { text, last } = await ask({ jsonMode: true }, { maxTokens: 60, seed: 3 });
  expect(text.startsWith('{')).toBe(true);
  if (last.finish === 'stop') expect(JSON.parse(text)).toBeTypeOf('object');
});

test('several answers to one prompt are each held to the format', async () => {
  const texts = ['', '', ''];
  const format = { choices: ['red', 'green', 'blue'] };
  for await (const piece of wafer.generate('Once', { n: 3, format, seed: 5 })) {
    texts[piece.index] += piece.text;
  }
  expect(texts.every((text) => format.choices.includes(text))).toBe(true);
});

test.each([
  [{ json: { type: 'string', format: 'color' } }, 'GRAMMAR_UNSUPPORTED: format'],
  [{ json: { minItems: 1e9, type: 'array' } }, 'GRAMMAR_LIMIT'],
  [{ regex: '(a+' }, 'GRAMMAR_INVALID'],
  [{ regex: '(x{1000}){1000}' }, 'GRAMMAR_LIMIT'],
  [{ json: {}, regex: 'a' }, 'REQUEST_INVALID'],
  [{ jsonMode: false }, 'REQUEST_INVALID'],
  [{}, 'REQUEST_INVALID'],
])('the format %j is refused with its code, and the wafer goes on', async (format, code) => {
  await expect(ask(format as AnswerFormat)).rejects.toThrow(code);
  expect((await ask({ choices: ['ok'] })).text).toBe('ok');
});
