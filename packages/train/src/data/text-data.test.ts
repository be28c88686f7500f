import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { syntheticModel, SYNTHETIC_SPECS } from '@wafer/models';
import { createTokenizer } from '@wafer/text';
import { expect, onTestFinished, test } from 'vitest';
import { openData } from './open-data.ts';
import type { TokenSource } from './token-source.ts';

const NAMED = syntheticModel({
  name: 'tiny',
  spec: SYNTHETIC_SPECS['tiny']!,
  type: 'f32',
  seed: 0,
});
const MODEL = { ...NAMED, special: { ...NAMED.special, ends: [2] } };
const tokenizer = createTokenizer(MODEL.tokenizer!, 'tiny');

function file(name: string, contents: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-text-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, name);
  writeFileSync(path, contents);
  return path;
}

function open(path: string, separator?: string): TokenSource {
  return openData([path], { model: MODEL, separator });
}

function idsOf(source: TokenSource): number[] {
  const ids = new Uint32Array(source.count);
  source.read(0, ids);
  return [...ids];
}

test('documents follow one another, each with its end', () => {
  const source = open(file('a.txt', 'one story\n<|end|>\nanother\n'), '<|end|>');
  const [first, second] = ['one story', 'another'].map((text) => tokenizer.encode(text));
  expect(idsOf(source)).toEqual([...first!, 2, ...second!, 2]);
  expect([...source.starts!]).toEqual([0, first!.length + 1]);
  expect(source.counts!.every((one) => one === 1)).toBe(true);
});

test('of prompt and completion only the completion counts', () => {
  const source = open(file('a.jsonl', '{"prompt":"ask","completion":"say"}\n\n'));
  const prompt = tokenizer.encode('ask');
  const completion = tokenizer.encode('say', { addBegin: false });
  expect(idsOf(source)).toEqual([...prompt, ...completion, 2]);
  const counted = [...prompt.map(() => 0), ...completion.map(() => 1), 1];
  expect([...source.counts!]).toEqual(counted);
});

test('gzip changes nothing', () => {
  const text = '{"text":"a b c"}\n{"text":"d"}';
  const plain = idsOf(open(file('a.jsonl', text)));
  expect(idsOf(open(file('a.jsonl.gz', gzipSync(text))))).toEqual(plain);
});

test.each([
  ['a.jsonl', '{"text":"a"}\n{"text":1}', /line 2: neither/],
  ['a.jsonl', '{"text":"a"}\nno', /line 2: no JSON/],
  ['a.csv', 'a', /ends in none of/],
  ['a.txt.gz', 'a', /line 0/],
])('%s with %j is refused by line', (name, text, reason) => {
  expect(() => open(file(name, text))).toThrow(reason);
});

test('text needs a tokenizer', () => {
  const path = file('a.txt', 'a');
  const model = { ...MODEL, tokenizer: undefined };
  expect(() => openData([path], { model, separator: undefined })).toThrow('TOKENIZER_MISSING');
});
