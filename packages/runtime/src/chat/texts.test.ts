import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openModel, writeModel } from '@wafer/models';
import type { Model } from '@wafer/models';
import { afterAll, expect, test } from 'vitest';
import { Texts } from './texts.ts';

const CONTEXT = 512;
const TEMPLATE = '{% for m in messages %}{{ m.content }}{% endfor %}{{ extra }}';
const folder = mkdtempSync(join(tmpdir(), 'wafer-texts-'));
const synthetic = await openModel('synthetic:tiny');
const { tokenizerJson } = synthetic.tokenizer!;
const tokenizerConfig = { chat_template: TEMPLATE };
const model: Model = { ...synthetic, tokenizer: { tokenizerJson, tokenizerConfig } };
const texts = new Texts(model, CONTEXT);
afterAll(async () => {
  await texts.close();
  rmSync(folder, { recursive: true });
});

const LONG = 'Once upon a time. '.repeat(6000);
const user = (content: string) => [{ role: 'user', content }] as const;

test('a text that cannot fit is refused by its length, unread', async () => {
  await expect(texts.prompt('word '.repeat(800_000))).rejects.toMatchObject({
    code: 'PROMPT_TOO_LONG',
    message: expect.stringMatching(/has at least \d+ tokens, the context holds 512/) as string,
  });
});

test('a chat that is far too long is refused before all of it is counted', async () => {
  await expect(texts.renderChat(user('word '.repeat(40_000)), {})).rejects.toMatchObject({
    code: 'PROMPT_TOO_LONG',
    message: expect.stringMatching(/has more than 65536 tokens/) as string,
  });
});

test('short texts and chats do not wait for long ones', async () => {
  const order: string[] = [];
  await texts.renderChat(user('Once'), {});
  const note = (name: string) => (): number => order.push(name);
  await Promise.all([
    texts.encode(LONG.repeat(8)).then(note('long text')),
    texts.renderChat(user(LONG.slice(0, 60_000)), {}).then(note('long chat')),
    texts.encode('Once').then(note('short text')),
    texts.renderChat(user('Once'), {}).then(note('short chat')),
  ]);
  expect(order.slice(0, 2).toSorted()).toEqual(['short chat', 'short text']);
});

test('a thread gives the ids that this thread gives, of files of both kinds', async () => {
  const path = join(folder, 'tiny.gguf');
  writeModel({ model: synthetic, format: 'gguf', path });
  const fromGguf = new Texts(await openModel(path), CONTEXT);
  for (const each of [texts, fromGguf]) {
    expect([...(await each.encode(LONG))]).toEqual(each.tokenizer.encode(LONG));
    expect([...(await each.encode(LONG, { addBegin: false }))]).toEqual(
      each.tokenizer.encode(LONG, { addBegin: false }),
    );
  }
  await fromGguf.close();
  await expect(fromGguf.encode(LONG)).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
});

test('a long chat has the ids of its text', async () => {
  const { text, tokens } = await texts.renderChat(user(LONG.slice(0, 50_000)), {});
  expect(text).toBe(LONG.slice(0, 50_000));
  expect(tokens).toEqual(texts.tokenizer.encode(text, { addBegin: false }));
});

test.each([
  ['a function among the variables', { variables: { extra: () => 1 } }],
  ['a variable that contains itself', { variables: { extra: selfContaining() } }],
  ['a number beyond JSON', { variables: { extra: 1n } }],
  ['a time that is a text', { now: '2026-01-01' as unknown as Date }],
  ['a time that is none', { now: new Date('never') }],
])('%s is refused, coded', async (_, options) => {
  await expect(texts.renderChat(user('Once'), options)).rejects.toMatchObject({
    code: 'REQUEST_INVALID',
  });
});

function selfContaining(): object {
  const value: Record<string, unknown> = {};
  value['self'] = value;
  return value;
}
