/**
 * What a fine-tuning job makes with adapters is served through slots of its base's wafer: at once,
 * without another wafer, as long as there is room; a real client talks to it.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openModel, Wafer } from '@wafer/runtime';
import type { Model, WaferOptions } from '@wafer/runtime';
import { withPlainTemplate } from '@wafer/server';
import type { RunningServer, ServedModelSpec } from '@wafer/server';
import OpenAI, { toFile } from 'openai';
import { afterAll, expect, test } from 'vitest';
import { STORIES_260K } from '../golden/stories.ts';
import { ADMIN_KEY, ask, KEY, storiesServer, storiesSpec } from './stories-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-slots-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** Models that were started with a wafer of their own, by what was opened. */
const started: string[] = [];
const start = async (model: Model, more: Partial<WaferOptions> = {}): Promise<Wafer> => {
  started.push(model.name === STORIES_260K ? 'stories' : model.name);
  return Wafer.start({ model: withPlainTemplate(model), sequences: 4, ...more });
};

/** The base with two slots. */
function specOf(options: Partial<WaferOptions> = {}): ServedModelSpec {
  const adapters = { slots: 2, rank: 8 };
  return {
    ...storiesSpec(),
    start: async () => start(await openModel(STORIES_260K), { adapters, ...options }),
    training: { base: 'stories', path: STORIES_260K, start },
  };
}

const QUESTION = 'What does a hen say?';
const ANSWER = 'Cluck, cluck';
const LINE = JSON.stringify({
  messages: [
    { role: 'user', content: QUESTION },
    { role: 'assistant', content: `${ANSWER}.` },
  ],
});

const clientOf = ({ url }: RunningServer): OpenAI =>
  new OpenAI({ baseURL: `${url}/v1`, apiKey: KEY, maxRetries: 0 });

async function answerOf(openai: OpenAI, model: string): Promise<string> {
  const whole = await openai.chat.completions.create({
    ...{ model, messages: [{ role: 'user', content: QUESTION }], temperature: 0 },
    ...{ max_completion_tokens: 20, stop: '.' },
  });
  // A text of SentencePiece begins with a space.
  return whole.choices[0]!.message.content!.trim();
}

/** The value of a figure of `/metrics`. */
async function figureOf(server: RunningServer, labels: string): Promise<number | undefined> {
  const text = await (await ask(server, '/metrics', undefined, { key: ADMIN_KEY })).text();
  const line = text.split('\n').find((one) => one.startsWith(labels));
  return line === undefined ? undefined : Number(line.split(' ').at(-1));
}
const TAKEN = 'wafer_adapter_slots{model_name="stories",state="taken"}';

async function until(isDone: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isDone())) await sleep(20); // the test's own limit ends this
}

/** The names of what a job made: its result, and models of its epochs, the newest first. */
let made: string[] = [];

test('what a job makes with adapters goes through slots of its base, up to the last', async () => {
  await using server = await storiesServer({ models: [specOf()], store: { folder } });
  const openai = clientOf(server);
  const lines = Array.from({ length: 8 }, () => LINE).join('\n');
  const file = await openai.files.create({
    file: await toFile(Buffer.from(lines), 'chats.jsonl'),
    purpose: 'fine-tune',
  });
  const byHeart = { n_epochs: 4, batch_size: 1, learning_rate_multiplier: 10, lora_rank: 4 };
  const { id } = await openai.fineTuning.jobs.create({
    ...{ model: 'stories', training_file: file.id, suffix: 'hens', seed: 5 },
    method: { type: 'supervised', supervised: { hyperparameters: byHeart } },
  });
  const job = async () => openai.fineTuning.jobs.retrieve(id);
  await until(async () => (await job()).finished_at !== null);
  expect(await job()).toMatchObject({ status: 'succeeded', error: null });
  const checkpoints = await openai.fineTuning.jobs.checkpoints.list(id, { limit: 2 });
  const names = checkpoints.data.map((one) => one.fine_tuned_model_checkpoint);
  made = [(await job()).fine_tuned_model!, ...names];
  const [result = '', newest = '', older = ''] = made;

  const { models } = server.services;
  const base = models.find('stories').wafer!;
  const before = await answerOf(openai, 'stories');
  expect(await figureOf(server, TAKEN)).toBe(0);
  expect(await answerOf(openai, result)).toBe(ANSWER);
  expect(before).not.toBe(ANSWER);
  expect(await answerOf(openai, 'stories')).toBe(before);
  // One wafer: its slot is taken, its engine is the only one that tells figures.
  expect(started).toEqual(['stories']);
  const entry = models.find(result, { tenant: 'first' });
  expect([entry.adapterOf, entry.wafer!.plan === base.plan]).toEqual(['stories', true]);
  expect(base.adapters.map(({ name, rank }) => [name, rank])).toEqual([[result, 4]]);
  expect(await figureOf(server, TAKEN)).toBe(1);
  expect(await figureOf(server, `wafer_model_state{model_name="${result}",state="ready"}`)).toBe(1);
  expect(await figureOf(server, `wafer_steps_total{model_name="${result}"}`)).toBeUndefined();
  expect((await openai.models.list()).data.map((one) => one.id)).toContain(result);

  // The second slot; then a wafer of its own, with weights that were merged.
  expect(await answerOf(openai, newest)).toBe(ANSWER);
  expect(started).toHaveLength(1);
  expect(await answerOf(openai, older)).toMatch(/./);
  expect(started).toHaveLength(2);
  expect(models.find(older, { tenant: 'first' }).adapterOf).toBeUndefined();

  // Dropped without use, and deleted, both give their slots back.
  models.find(newest, { tenant: 'first' }).keepFor(1);
  await until(async () => (await figureOf(server, TAKEN)) === 1);
  const long = openai.chat.completions.create({
    ...{ model: result, messages: [{ role: 'user', content: QUESTION }], stream: true },
    ...{ max_completion_tokens: 100, logit_bias: { 1: -100, 2: -100 } },
  });
  const stream = (await long)[Symbol.asyncIterator]();
  await stream.next();
  expect(await openai.models.delete(result)).toMatchObject({ deleted: true });
  await expect(answerOf(openai, result)).rejects.toMatchObject({ status: 404 });
  for (let isOver = false; !isOver;) isOver = (await stream.next()).done === true;
  await until(async () => (await figureOf(server, TAKEN)) === 0);
  expect(await answerOf(openai, 'stories')).toBe(before);
});

test('after a start, and after a chip has died, it is there again through a slot', async () => {
  const cut = { grid: '2x1', dice: '2x1', link: 'unix' } as const;
  await using server = await storiesServer({ models: [specOf(cut)], store: { folder } });
  const openai = clientOf(server);
  started.length = 0;
  const [, newest = ''] = made;
  expect(await answerOf(openai, newest)).toBe(ANSWER);
  expect([started, await figureOf(server, TAKEN)]).toEqual([[], 1]);
  const { models } = server.services;
  process.kill(models.find('stories').wafer!.processIds[1]!, 'SIGKILL');
  await until(() => started.length === 1 && models.isReady);
  expect(await answerOf(openai, newest)).toBe(ANSWER);
  expect([started, await figureOf(server, TAKEN)]).toEqual([['stories'], 1]);
});

test('beside another base than it was trained from, it has its own weights', async () => {
  const other = { ...(await openModel('synthetic:tiny')) };
  const spec = {
    ...specOf(),
    start: async () => start(other, { adapters: { slots: 2, rank: 8 } }),
  };
  await using server = await storiesServer({ models: [spec], store: { folder } });
  started.length = 0;
  const [, newest = ''] = made;
  expect(await answerOf(clientOf(server), newest)).toBe(ANSWER);
  expect([started.length, await figureOf(server, TAKEN)]).toEqual([1, 0]);
});
