/**
 * Fine-tuning through OpenAI's own client: a job from an uploaded file, its events, its model; and
 * jobs that are paused, cut by a restart of the server, canceled, wrong, or another tenant's.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openModel, Wafer } from '@wafer/runtime';
import { withPlainTemplate } from '@wafer/server';
import type { RunningServer, ServedModelSpec } from '@wafer/server';
import OpenAI, { toFile } from 'openai';
import type { FineTuningJob } from 'openai/resources/fine-tuning';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { STORIES_260K } from '../golden/stories.ts';
import { ADMIN_KEY, ask, KEY, OTHER_KEY, storiesServer, storiesSpec } from './stories-server.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-tuning-'));
const start = async (model: Parameters<typeof withPlainTemplate>[0]): Promise<Wafer> =>
  Wafer.start({ model: withPlainTemplate(model), sequences: 4 });
const SPEC: ServedModelSpec = {
  ...storiesSpec(),
  start: async () => start(await openModel(STORIES_260K)),
  training: { base: 'stories', path: STORIES_260K, start },
};

let server: RunningServer;
let openai: OpenAI;
const begin = async (): Promise<void> => {
  server = await storiesServer({ models: [SPEC], store: { folder } });
  openai = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: KEY, maxRetries: 0 });
};
beforeAll(begin);
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

const QUESTION = 'What does a hen say?';
const ANSWER = 'Cluck, cluck.';
const chatLine = JSON.stringify({
  messages: [
    { role: 'user', content: QUESTION },
    { role: 'assistant', content: ANSWER },
  ],
});

async function upload(lines: readonly string[]): Promise<string> {
  const file = await toFile(Buffer.from(lines.join('\n')), 'chats.jsonl');
  return (await openai.files.create({ file, purpose: 'fine-tune' })).id;
}

/** Rates and epochs by which a model of this size learns a line by heart in a few seconds. */
const BY_HEART = { n_epochs: 3, batch_size: 1, learning_rate_multiplier: 30 };
const jobOf = async (
  file: string,
  change: Partial<OpenAI.FineTuning.JobCreateParams> = {},
): Promise<FineTuningJob> =>
  openai.fineTuning.jobs.create({
    ...{ model: 'stories', training_file: file, suffix: 'hens', seed: 5 },
    method: { type: 'supervised', supervised: { hyperparameters: BY_HEART } },
    ...change,
  });

async function until(id: string, ...statuses: string[]): Promise<FineTuningJob> {
  for (;;) {
    const job = await openai.fineTuning.jobs.retrieve(id);
    if (statuses.includes(job.status)) return job;
    const isOver = job.finished_at !== null;
    if (isOver) throw new Error(`the job is ${job.status}: ${JSON.stringify(job.error)}`);
    await sleep(50);
  }
}

test('a client creates a job, follows it, and talks to the result', async () => {
  const file = await upload(Array.from({ length: 8 }, () => chatLine));
  const created = await jobOf(file, { validation_file: file, metadata: { of: 'hens' } });
  expect(created).toMatchObject({ status: 'queued', model: 'stories', seed: 5 });
  const job = await until(created.id, 'succeeded');
  expect(job.fine_tuned_model).toMatch(/^ft:stories:hens:[0-9a-f]{12}$/);
  expect(job.hyperparameters).toMatchObject(BY_HEART);
  expect(job.trained_tokens).toBeGreaterThan(100);

  const events = [];
  const paged = openai.fineTuning.jobs.listEvents(job.id, { limit: 7 });
  for await (const event of paged) events.push(event);
  expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
  const losses = events
    .filter(({ type }) => type === 'metrics')
    .map(({ data }) => (data as { train_loss: number }).train_loss);
  expect(losses[0]).toBeLessThan(losses.at(-1)! / 2); // the newest first

  const checkpoints = await openai.fineTuning.jobs.checkpoints.list(job.id, { limit: 2 });
  expect(checkpoints.data.map(({ step_number: step }) => step)).toEqual([21, 14]);
  expect(checkpoints.has_more).toBe(true);
  const [newest] = checkpoints.data;
  expect(newest!.metrics.full_valid_loss).toBeLessThan(1);

  const answerOf = async (model: string): Promise<string> => {
    const messages = [{ role: 'user' as const, content: QUESTION }];
    const whole = await openai.chat.completions.create({
      ...{ model, messages, temperature: 0, max_completion_tokens: 20 },
    });
    // A text of SentencePiece begins with a space.
    return whole.choices[0]!.message.content!.trim();
  };
  expect(await answerOf(job.fine_tuned_model!)).toBe(ANSWER);
  expect(await answerOf(newest!.fine_tuned_model_checkpoint)).toBe(ANSWER);
  expect(await answerOf('stories')).not.toBe(ANSWER);

  const results = await openai.files.content(job.result_files[0]!);
  expect((await results.text()).split('\n')[0]).toBe('step,train_loss,learning_rate');
  const list = await openai.fineTuning.jobs.list({ metadata: { of: 'hens' } });
  expect(list.data.map(({ id }) => id)).toEqual([job.id]);
  expect((await openai.fineTuning.jobs.list({ metadata: { of: 'cows' } })).data).toEqual([]);
});

test('a model learns which of two answers is preferred, with a dpo job', async () => {
  const pair = (better: string, other: string): string => {
    const messages = [{ role: 'user', content: QUESTION }];
    const said = (content: string): object[] => [{ role: 'assistant', content }];
    const outputs = { preferred_output: said(better), non_preferred_output: said(other) };
    return JSON.stringify({ input: { messages }, ...outputs });
  };
  const file = await upload([pair(ANSWER, 'Moo.'), pair(ANSWER, 'I am a cow.')]);
  const hyperparameters = { beta: 0.3, n_epochs: 10, batch_size: 2, learning_rate_multiplier: 10 };
  const method = { type: 'dpo' as const, dpo: { hyperparameters } };
  const created = await jobOf(file, { method, validation_file: file });
  const job = await until(created.id, 'succeeded');
  expect(job.method).toEqual(method);
  const { data } = await openai.fineTuning.jobs.listEvents(job.id, { limit: 100 });
  const margins = data
    .filter(({ type }) => type === 'metrics')
    .map((event) => (event.data as { reward_margin: number }).reward_margin);
  expect(margins.at(-1)).toBe(0); // the newest first
  expect(margins[0]).toBeGreaterThan(1);
  const results = await openai.files.content(job.result_files[0]!);
  const [head, ...rows] = (await results.text()).trim().split('\n');
  expect(head).toBe('step,train_loss,learning_rate,reward_margin,pair_accuracy');
  expect(rows.map((row) => Number(row.split(',')[3]))).toEqual(margins.toReversed());
  expect((await openai.models.retrieve(job.fine_tuned_model!)).owned_by).toBe('first');
  expect(await openai.models.delete(job.fine_tuned_model!)).toMatchObject({ deleted: true });
  const examples = await jobOf(await upload([chatLine]), { method });
  expect((await until(examples.id, 'failed')).error).toMatchObject({
    lines: [{ line: 1, code: 'unknown_format' }],
  });
});

test('a model of a job is its tenant’s, is there after a start, and can be deleted', async () => {
  const { data } = await openai.fineTuning.jobs.list({ metadata: { of: 'hens' } });
  const [{ id, fine_tuned_model: model }] = data as [FineTuningJob];
  const other = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: OTHER_KEY, maxRetries: 0 });
  await expect(other.fineTuning.jobs.retrieve(id)).rejects.toMatchObject({ status: 404 });
  await expect(other.fineTuning.jobs.listEvents(id)).rejects.toMatchObject({ status: 404 });
  await expect(other.fineTuning.jobs.cancel(id)).rejects.toMatchObject({ status: 404 });
  await expect(other.models.retrieve(model!)).rejects.toMatchObject({ status: 404 });
  await expect(other.models.delete(model!)).rejects.toMatchObject({ status: 404 });
  await expect(openai.fineTuning.jobs.cancel(id)).rejects.toMatchObject({ status: 409 });
  await expect(openai.models.delete('stories')).rejects.toMatchObject({ status: 403 });
  await server.close();
  await begin();
  expect((await openai.models.retrieve(model!)).owned_by).toBe('first');
  expect(await openai.models.delete(model!)).toMatchObject({ deleted: true });
  await expect(openai.models.retrieve(model!)).rejects.toMatchObject({ status: 404 });
  const audit = await ask(server, '/v1/admin/audit', undefined, { key: ADMIN_KEY });
  const text = await audit.text();
  expect(text).toContain('fine_tuning.create');
  expect(text).toContain('model.delete');
});

test('paused, and cut by the end of the server, a job ends with the same losses', async () => {
  const file = await upload(Array.from({ length: 8 }, () => chatLine));
  const lossesOf = async (id: string): Promise<unknown[]> => {
    const { data } = await openai.fineTuning.jobs.listEvents(id, { limit: 100 });
    return data.filter(({ type }) => type === 'metrics').map((event) => event.data);
  };
  const method = {
    type: 'supervised' as const,
    supervised: { hyperparameters: { n_epochs: 10, batch_size: 1 } },
  };
  const whole = await until((await jobOf(file, { method })).id, 'succeeded');
  const torn = await jobOf(file, { method });
  await until(torn.id, 'running');
  await openai.fineTuning.jobs.pause(torn.id);
  expect((await openai.fineTuning.jobs.retrieve(torn.id)).status).toBe('paused');
  await openai.fineTuning.jobs.resume(torn.id);
  await until(torn.id, 'running');
  await server.close();
  await begin();
  await until(torn.id, 'succeeded');
  expect(await lossesOf(torn.id)).toEqual(await lossesOf(whole.id));
});

test('a wrong file fails its job by lines; canceled and erased, one leaves nothing', async () => {
  const bad = await jobOf(await upload([chatLine, '{', JSON.stringify({ text: 3 })]));
  const { error } = await until(bad.id, 'failed');
  expect(error).toMatchObject({ code: 'invalid_training_file', param: 'training_file' });
  const { lines } = error as unknown as { lines: { line: number; code: string }[] };
  expect(lines.map(({ line, code }) => [line, code])).toEqual([
    [2, 'invalid_json_line'],
    [3, 'invalid_text'],
  ]);
  const file = await upload(Array.from({ length: 8 }, () => chatLine));
  const long = { n_epochs: 50, batch_size: 1 };
  const job = await jobOf(file, {
    method: { type: 'supervised', supervised: { hyperparameters: long } },
  });
  await until(job.id, 'running');
  expect(await openai.fineTuning.jobs.cancel(job.id)).toMatchObject({ fine_tuned_model: null });
  const erased = await fetch(`${server.url}/v1/admin/tenants/first/data`, {
    method: 'DELETE',
    headers: { authorization: `Bearer ${ADMIN_KEY}` },
  });
  expect(erased.status).toBe(200);
  expect(readdirSync(join(folder, 'fine-tuning'))).toEqual([]);
  expect((await openai.models.list()).data.map(({ id }) => id)).toEqual(['stories']);
});
