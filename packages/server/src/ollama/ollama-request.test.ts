import { openModel, Wafer } from '@wafer/runtime';
import { withChatTemplate } from '@wafer/text';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '../http/route.ts';
import type { Lease } from '../models/model-entry.ts';
import { generationOfChat, generationOfText, keepModel } from './ollama-request.ts';
import type { OllamaText } from './ollama-schema.ts';

let wafer: Wafer;
beforeAll(async () => {
  const model = withChatTemplate(await openModel('synthetic:tiny'), '{{ enable_thinking }}');
  wafer = await Wafer.start({ model, contextTokens: 64, sequences: 1 });
});
afterAll(() => wafer.close());

const caller = { tenant: 't', role: 'user', weight: 1 };
const call = { caller, headers: {} } as unknown as Call;
const textOf = async (body: Partial<OllamaText>): ReturnType<typeof generationOfText> =>
  generationOfText({ model: 'm', prompt: 'Once', ...body }, call, { wafer } as Lease);

test('a text is a chat of one message, unless it is raw or filled in', async () => {
  const { input } = await textOf({ system: 'Be brief.', suffix: '' });
  expect(input).toMatchObject({
    kind: 'chat',
    messages: [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Once' },
    ],
  });
  expect((await textOf({ raw: true })).input).toEqual({ kind: 'text', prompt: 'Once' });
  await expect(textOf({ raw: true, system: 'x' })).rejects.toThrow("'system' is for a template");
});

test('a penalty that looks back at nothing is none; no bound is the context', async () => {
  const options = { repeat_penalty: 1.5, num_predict: -1 };
  const [asked, none] = await Promise.all([
    textOf({ raw: true, options }),
    textOf({ raw: true, options: { ...options, repeat_last_n: 0 } }),
  ]);
  expect(asked.options).toMatchObject({ repetitionPenalty: 1.5, maxTokens: 64 });
  expect(none.options.repetitionPenalty).toBe(undefined);
  for (const change of [{ num_predict: 0 }, { num_ctx: 65 }]) {
    await expect(textOf({ options: change })).rejects.toMatchObject({ status: 400 });
  }
});

test.each([
  [true, true],
  ['high', true],
  [false, false],
  [null, undefined],
])('think: %j switches thinking to %j where a template knows of it', (think, isOn) => {
  const body = { model: 'm', messages: [{ role: 'user', content: 'x' }], think };
  const { input } = generationOfChat(body, call, { wafer } as Lease);
  const { rendering } = input as Extract<typeof input, { kind: 'chat' }>;
  expect(rendering.variables?.['enable_thinking']).toBe(isOn);
});

test.each([
  ['5m', 300_000],
  ['1h30m', 5_400_000],
  ['1.5s', 1500],
  ['250ms', 250],
  [10, 10_000],
  ['10', 10_000],
  [0, 0],
  [-1, Infinity],
  ['-1m', Infinity],
  ['', undefined],
  [null, undefined],
])('keep_alive %j is %j milliseconds', (keep_alive, ms) => {
  const kept: number[] = [];
  const entry = { spec: {}, idleMs: 60_000, keepFor: (time: number) => void kept.push(time) };
  const admin = { caller: { ...caller, role: 'admin' } } as unknown as Call;
  expect(keepModel(entry as never, { keep_alive }, admin)).toBe(ms);
  expect(kept).toEqual(ms === undefined ? [] : [ms]);
  const may = ms === undefined || (ms > 0 && ms <= 60_000);
  const asked = (): unknown => keepModel(entry as never, { keep_alive }, call);
  if (may) expect(asked()).toBe(ms);
  else expect(asked).toThrow(expect.objectContaining({ status: 403 }));
  expect(kept).toHaveLength(ms === undefined ? 0 : 1);
});
