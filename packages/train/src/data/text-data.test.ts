import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { syntheticModel, SYNTHETIC_SPECS } from '@wafer/models';
import { chatTemplate, createTokenizer, withRoleTemplate } from '@wafer/text';
import { expect, onTestFinished, test } from 'vitest';
import { openData } from './open-data.ts';
import { hasChats } from './text-data.ts';
import type { TokenSource } from './token-source.ts';

const NAMED = syntheticModel({
  name: 'tiny',
  spec: SYNTHETIC_SPECS['tiny']!,
  type: 'f32',
  seed: 0,
});
/** The only special token there is: begin and end at once. */
const END = 256;
const { tokenizerJson, tokenizerConfig } = NAMED.tokenizer!;
const MODEL = {
  ...NAMED,
  tokenizer: {
    tokenizerJson,
    tokenizerConfig: { ...(tokenizerConfig as object), eos_token: '<begin>' },
  },
  special: { ...NAMED.special, ends: [END] },
};
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
  expect(idsOf(source)).toEqual([...first!, END, ...second!, END]);
  expect([...source.starts!]).toEqual([0, first!.length + 1]);
  expect(source.counts!.every((one) => one === 1)).toBe(true);
});

test('of prompt and completion only the completion counts', () => {
  const source = open(file('a.jsonl', '{"prompt":"ask","completion":"say"}\n\n'));
  const prompt = tokenizer.encode('ask');
  const completion = tokenizer.encode('say', { addBegin: false });
  expect(idsOf(source)).toEqual([...prompt, ...completion, END]);
  const counted = [...prompt.map(() => 0), ...completion.map(() => 1), 1];
  expect([...source.counts!]).toEqual(counted);
});

/** A chat as a JSONL line; who speaks begins each text. */
function chat(...texts: string[]): string {
  const roles: Record<string, string> = { S: 'system', U: 'user', A: 'assistant', Z: 'assistant' };
  const messages = texts.map((content) => {
    const weight = content.startsWith('Z') ? { weight: 0 } : {};
    return { role: roles[content[0]!], content, ...weight };
  });
  return JSON.stringify({ messages });
}

test('of a chat the answers count, with their ends, as the template writes them', () => {
  const model = withRoleTemplate(MODEL);
  expect(withRoleTemplate(model)).toBe(model);
  const path = file('a.jsonl', chat('Say', 'Up', 'A <begin> b', 'U2', 'Zero', 'U3', 'Again'));
  expect([hasChats([path]), hasChats([file('b.jsonl', '{"text":"a"}')])]).toEqual([true, false]);
  const source = openData([path], { model, separator: undefined });
  const [ids, counts] = [idsOf(source), [...source.counts!]];
  const answers: number[][] = [[]];
  ids.forEach((id, i) => {
    if (counts[i] === 1) answers.at(-1)!.push(id);
    else if (answers.at(-1)!.length > 0) answers.push([]);
  });
  const text = (content: string): number[] => tokenizer.encode(content, { addBegin: false });
  // What spells the end token in a message is text; the template's own end is the token.
  expect(answers).toEqual([
    [...text('A <begin> b'), END],
    [...text('Again'), END],
  ]);
  expect(ids.slice(0, 12)).toEqual([END, ...text('System:\nSay\nUser:\nUp')].slice(0, 12));
  expect(ids.filter((id) => id === END)).toHaveLength(4);
  expect(() => open(path)).toThrow('TEMPLATE_MISSING');
});

test('chats are told by the first line, however long, and no more is read of a file', () => {
  const long = JSON.stringify({ messages: [{ role: 'user', content: 'é'.repeat(70_000) }] });
  // Behind it is what no text has: whoever reads on fails.
  const bytes = Buffer.concat([Buffer.from(`\n \n${long}\n`), Buffer.alloc(200_000, 0xff)]);
  const packed = gzipSync(Buffer.concat([bytes, Buffer.from([1])]));
  for (const path of [file('a.jsonl', bytes), file('a.jsonl.gz', packed)]) {
    expect(hasChats([path])).toBe(true);
    expect(() => open(path)).toThrow('DATA_INVALID');
  }
  expect(hasChats([file('b.jsonl', '{"messages":[]}')])).toBe(true);
  expect(hasChats([file('b.jsonl', '')])).toBe(false);
  expect(() => hasChats([file('b.jsonl.gz', 'none')])).toThrow('DATA_INVALID');
});

test('a template that rewrites what came before is refused, with the line', () => {
  const named = withRoleTemplate(MODEL);
  const config = named.tokenizer!.tokenizerConfig as Record<string, unknown>;
  const chat_template = `{{ messages | length }}${chatTemplate(named)}`;
  const tokenizerConfig = { ...config, chat_template };
  const model = { ...named, tokenizer: { ...named.tokenizer!, tokenizerConfig } };
  const path = file('a.jsonl', `${chat('U', 'A')}\n`);
  expect(() => openData([path], { model, separator: undefined })).toThrow(/line 1: .*otherwise/);
});

const USER = { role: 'user', content: 'U' };
const answer = (content: string): object => ({ role: 'assistant', content });
const pairs = { tokensMax: 200 };

test('a preference is two documents, in whichever shape, and only what answers counts', () => {
  const model = withRoleTemplate(MODEL);
  const [A, B] = [[answer('Aye')], [answer('Bah')]];
  const shapes = [
    { prompt: [USER], chosen: A, rejected: B },
    { chosen: [USER, ...A], rejected: [USER, ...B] },
    { input: { messages: [USER] }, preferred_output: A, non_preferred_output: B },
  ];
  const path = file('a.jsonl', shapes.map((one) => JSON.stringify(one)).join('\n'));
  const arePreferences = true;
  expect([hasChats([path], { arePreferences }), hasChats([path])]).toEqual([true, false]);
  const source = openData([path], { model, separator: undefined, pairs });
  const ids = idsOf(source);
  const documents = [...source.starts!].map((start, at) => {
    const end = source.starts![at + 1] ?? source.count;
    return { ids: ids.slice(start, end), counts: [...source.counts!.subarray(start, end)] };
  });
  expect(documents).toHaveLength(6);
  expect(documents.slice(2, 4)).toEqual(documents.slice(0, 2));
  expect(documents.slice(4)).toEqual(documents.slice(0, 2));
  const learned = documents.map((one) => one.ids.filter((_, i) => one.counts[i] === 1));
  const text = (content: string): number[] => tokenizer.encode(content, { addBegin: false });
  expect(learned.slice(0, 2)).toEqual([
    [...text('Aye'), END],
    [...text('Bah'), END],
  ]);
  const plain = file('b.jsonl', '{"prompt":"ask","chosen":"say","rejected":"so"}');
  expect(hasChats([plain], { arePreferences })).toBe(false);
  const texts = openData([plain], { model: MODEL, separator: undefined, pairs });
  const ask = tokenizer.encode('ask');
  expect(idsOf(texts)).toEqual([...ask, ...text('say'), END, ...ask, ...text('so'), END]);
});

test.each([
  [{ text: 'a' }, /line 1: neither "prompt", "chosen"/],
  [{ prompt: 'a', chosen: 'b', rejected: 'b' }, /both answers are the same/],
  [{ prompt: 'a', chosen: 'b', rejected: '' }, /an answer has no text/],
  [{ prompt: [USER], chosen: [USER], rejected: [answer('a')] }, /"chosen": the last message/],
  [{ prompt: [USER], chosen: [answer('a')], rejected: [] }, /"rejected" is no list/],
  [{ prompt: 'a', chosen: [answer('a')], rejected: [] }, /what was asked is no list/],
  [{ chosen: [answer('a')], rejected: [answer('b')] }, /no beginning in common/],
  [{ prompt: 'a'.repeat(300), chosen: 'b', rejected: 'c' }, /303 tokens, a row takes 200/],
])('the preference %j is refused by line', (line, reason) => {
  const use = { model: withRoleTemplate(MODEL), separator: undefined, pairs };
  expect(() => openData([file('a.jsonl', JSON.stringify(line))], use)).toThrow(reason);
  expect(() => openData([file('a.txt', 'a')], use)).toThrow(/preferences are read from .jsonl/);
});

test('a preference may be as long as a row, and of turns that both have nothing is learned', () => {
  const use = { model: withRoleTemplate(MODEL), separator: undefined, pairs };
  const line = { prompt: 'a'.repeat(197), chosen: 'b', rejected: 'c' };
  const longest = openData([file('a.jsonl', JSON.stringify(line))], use);
  expect([...longest.starts!, longest.count]).toEqual([0, 200, 400]);
  const shared = [USER, answer('Shared'), USER];
  const chats = { chosen: [...shared, answer('Aye')], rejected: [...shared, answer('Bah')] };
  const source = openData([file('b.jsonl', JSON.stringify(chats))], use);
  const learned = idsOf(source).filter((_, i) => source.counts![i] === 1);
  const text = (content: string): number[] => tokenizer.encode(content, { addBegin: false });
  expect(learned).toEqual([...text('Aye'), END, ...text('Bah'), END]);
});

test('parts that hold nothing are no documents; bytes that are no text are refused', () => {
  const source = open(file('a.txt', 'one\n---\n \n---\ntwo---'), '---');
  expect(source.starts).toHaveLength(2);
  expect(() => open(file('a.txt', Uint8Array.of(0x61, 0xff)))).toThrow('DATA_INVALID');
});

test('gzip changes nothing', () => {
  const text = '{"text":"a b c"}\n{"text":"d"}';
  const plain = idsOf(open(file('a.jsonl', text)));
  expect(idsOf(open(file('a.jsonl.gz', gzipSync(text))))).toEqual(plain);
});

test.each([
  ['a.jsonl', '{"text":"a"}\n{"text":1}', /line 2: neither/],
  ['a.jsonl', '{"text":"a"}\nno', /line 2: no JSON/],
  ['a.jsonl', '{"messages":[]}', /line 1: "messages" is no list/],
  ['a.jsonl', `${chat('U', 'A')}\n${chat('A', 'U')}`, /line 2: the last message/],
  ['a.jsonl', chat('U', 'Z'), /no message is to be learned/],
  ['a.jsonl', '{"messages":[{"role":"king","content":"a"}]}', /message 0 has the role "king"/],
  ['a.jsonl', '{"messages":[{"role":"user"}]}', /message 0 has no text/],
  ['a.csv', 'a', /ends in none of/],
  ['a.txt.gz', 'a', /line 0/],
])('%s with %j is refused by line', (name, text, reason) => {
  const use = { model: withRoleTemplate(MODEL), separator: undefined };
  expect(() => openData([file(name, text)], use)).toThrow(reason);
});

test('a file that is not there is told of as that, and no line of it', () => {
  const use = { model: withRoleTemplate(MODEL), separator: undefined };
  for (const ending of ['.txt', '.txt.gz', '.u16']) {
    const path = `${file('there', '')}-not${ending}`;
    expect(() => openData([path], use)).toThrow(/DATA_UNREADABLE.*ENOENT.*path/);
  }
});

test('text needs a tokenizer', () => {
  const path = file('a.txt', 'a');
  const model = { ...MODEL, tokenizer: undefined };
  expect(() => openData([path], { model, separator: undefined })).toThrow('TOKENIZER_MISSING');
});
