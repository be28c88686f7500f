/**
 * Every method of OpenAI's client that is offered here, with what it must be told and with all that
 * it may be told: none is refused for a parameter, and every answer has the shape that the
 * specification gives it (`checked-fetch.ts`). What is not offered is refused by its name.
 *
 * The calls are those of the client's own generated tests, told of values that mean something here;
 * a path that does not exist is NotFoundError, as there.
 */
import OpenAI, { toFile } from 'openai';
import type { APIPromise } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RunningServer } from '@wafer/server';
import { prepareChecks } from '../serve/spec/checked-fetch.ts';
import { openModel, Wafer } from '@wafer/runtime';
import { withPlainTemplate } from '@wafer/server';
import { STORIES_260K } from '../golden/stories.ts';
import { KEY, storiesServer, storiesSpec } from '../serve/stories-server.ts';

const MODEL = 'stories';
const metadata = { foo: 'string' };
const expires_after = { anchor: 'created_at' as const, seconds: 3600 };
const lost = { path: '/unknown_path' };

let server: RunningServer;
let client: OpenAI;
/** Ids of what calls are about. */
const ids = {
  ...{ chat: '', file: '', batch: '', upload: '', part: '', response: '', running: '' },
  ...{ chats: '', job: '' },
};

const messages = [{ role: 'developer' as const, content: 'string', name: 'name' }];
const chat = { model: MODEL, messages, max_completion_tokens: 2, store: true };
const file = (): Promise<File> => toFile(Buffer.from('Example data'), 'README.md');
const line = {
  ...{ custom_id: 'a', method: 'POST', url: '/v1/responses' },
  body: { model: MODEL, input: 'x', max_output_tokens: 1 },
};
const parameters = { type: 'object', properties: { foo: { type: 'string' } } };
const name = { name: 'name', description: 'description' };
const upload = (): OpenAI.UploadCreateParams => ({
  ...{ bytes: 12, filename: 'filename', mime_type: 'text/plain', purpose: 'user_data' },
});

const start = async (model: Parameters<typeof withPlainTemplate>[0]): Promise<Wafer> =>
  Wafer.start({ model: withPlainTemplate(model), sequences: 4 });
const trained = {
  ...storiesSpec(),
  start: async () => start(await openModel(STORIES_260K)),
  training: { base: MODEL, path: STORIES_260K, start },
};
const asked = { role: 'user', content: 'What does a hen say?' };
const chats = JSON.stringify({ messages: [asked, { role: 'assistant', content: 'Cluck.' }] });

beforeAll(async () => {
  prepareChecks();
  server = await storiesServer({ models: [trained] });
  client = new OpenAI({ baseURL: `${server.url}/v1`, apiKey: KEY, maxRetries: 0 });
  ids.chat = (await client.chat.completions.create(chat)).id;
  const lines = await toFile(Buffer.from(JSON.stringify(line)), 'lines.jsonl');
  ids.file = (await client.files.create({ file: lines, purpose: 'batch' })).id;
  ids.upload = (await client.uploads.create(upload())).id;
  ids.part = (await client.uploads.parts.create(ids.upload, { data: await file() })).id;
  const input = { model: MODEL, input: 'x', max_output_tokens: 2 };
  ids.response = (await client.responses.create(input)).id;
  const long = { ...input, max_output_tokens: 300, background: true };
  ids.running = (await client.responses.create(long)).id;
  const lessons = await toFile(Buffer.from(chats), 'chats.jsonl');
  ids.chats = (await client.files.create({ file: lessons, purpose: 'fine-tune' })).id;
});
afterAll(() => server.close());

const batch = { completion_window: '24h' as const, endpoint: '/v1/responses' as const };

const auto = { batch_size: 'auto', learning_rate_multiplier: 'auto', n_epochs: 'auto' } as const;
const job = async (): Promise<string> =>
  (await client.fineTuning.jobs.create({ model: MODEL, training_file: ids.chats })).id;

const CALLS: Readonly<Record<string, () => APIPromise<unknown> | Promise<unknown>>> = {
  'chat: required': () => client.chat.completions.create({ model: MODEL, messages, max_tokens: 2 }),
  'chat: all': () =>
    client.chat.completions.create({
      ...{ ...chat, frequency_penalty: -2, presence_penalty: -2, logit_bias: { '5': 0 } },
      ...{ logprobs: true, top_logprobs: 0, metadata, modalities: ['text'], n: 1 },
      ...{ parallel_tool_calls: true, prediction: { type: 'content', content: 'string' } },
      ...{ prompt_cache_key: 'key-1234', prompt_cache_retention: 'in_memory' },
      ...{ reasoning_effort: 'none', response_format: { type: 'text' }, seed: 7 },
      ...{ safety_identifier: 'id-1234', service_tier: 'auto', stop: '\n', stream: false },
      ...{ temperature: 1, top_p: 1, user: 'user-1234', tool_choice: 'none' },
      tools: [{ type: 'function', function: { ...name, parameters, strict: true } }],
    }),
  'chat: retrieve': () => client.chat.completions.retrieve(ids.chat),
  'chat: update': () => client.chat.completions.update(ids.chat, { metadata }),
  'chat: list': () => client.chat.completions.list(),
  'chat: list, all': () =>
    client.chat.completions.list({ limit: 1, metadata, model: MODEL, order: 'asc' }),
  'chat messages: list': () => client.chat.completions.messages.list(ids.chat),
  'chat messages: list, all': () =>
    client.chat.completions.messages.list(ids.chat, { limit: 1, order: 'asc' }),
  'chat: delete': () => client.chat.completions.delete(ids.chat),
  'completion: required': () => client.completions.create({ model: MODEL, prompt: 'This' }),
  'completion: all': () =>
    client.completions.create({
      ...{ model: MODEL, prompt: 'This is a test.', best_of: 1, echo: true, logprobs: 0 },
      ...{ frequency_penalty: -2, presence_penalty: -2, logit_bias: { '5': 0 }, max_tokens: 2 },
      ...{ n: 1, seed: 0, stop: '\n', stream: false, temperature: 1, top_p: 1, user: 'user-1' },
    }),
  'vectors: required': () => client.embeddings.create({ model: MODEL, input: 'The quick fox' }),
  'vectors: all': () =>
    client.embeddings.create({
      ...{ model: MODEL, input: 'The quick fox', dimensions: 1 },
      ...{ encoding_format: 'float', user: 'user-1234' },
    }),
  'models: retrieve': () => client.models.retrieve(MODEL),
  'models: list': () => client.models.list(),
  'files: required': async () => client.files.create({ file: await file(), purpose: 'user_data' }),
  'files: all': async () =>
    client.files.create({ file: await file(), purpose: 'user_data', expires_after }),
  'files: retrieve': () => client.files.retrieve(ids.file),
  'files: content': () => client.files.content(ids.file),
  'files: list': () => client.files.list(),
  'files: list, all': () => client.files.list({ limit: 1, order: 'asc', purpose: 'batch' }),
  'batches: required': async () => {
    const made = await client.batches.create({ ...batch, input_file_id: ids.file });
    ids.batch = made.id;
  },
  'batches: all': () => client.batches.create({ ...batch, input_file_id: ids.file, metadata }),
  'batches: retrieve': () => client.batches.retrieve(ids.batch),
  'batches: list': () => client.batches.list(),
  'batches: list, all': () => client.batches.list({ limit: 1 }),
  'uploads: all': () => client.uploads.create({ ...upload(), expires_after }),
  'uploads: complete': () => client.uploads.complete(ids.upload, { part_ids: [ids.part] }),
  'uploads: cancel': async () => {
    const { id } = await client.uploads.create(upload());
    return client.uploads.cancel(id);
  },
  'responses: all': () =>
    client.responses.create({
      ...{ model: MODEL, input: 'string', instructions: 'string', max_output_tokens: 2 },
      ...{ metadata, parallel_tool_calls: true, prompt_cache_key: 'key', store: true },
      ...{ reasoning: { effort: 'none' }, safety_identifier: 'id', service_tier: 'auto' },
      ...{ temperature: 1, top_p: 1, top_logprobs: 0, truncation: 'disabled', user: 'user-1' },
      ...{ text: { format: { type: 'text' } }, tool_choice: 'none' },
      tools: [{ type: 'function', ...name, parameters, strict: true }],
    }),
  'responses: retrieve': () => client.responses.retrieve(ids.response),
  'input items: list': () => client.responses.inputItems.list(ids.response),
  'input items: list, all': () =>
    client.responses.inputItems.list(ids.response, { limit: 1, order: 'asc' }),
  'input tokens: count': () => client.responses.inputTokens.count({ model: MODEL, input: 'x' }),
  'responses: compact': () => client.responses.compact({ model: MODEL, input: 'string' }),
  'responses: cancel': () => client.responses.cancel(ids.running),
  'responses: delete': () => client.responses.delete(ids.response),
  'jobs: required': async () => {
    ids.job = await job();
  },
  'jobs: all': () =>
    client.fineTuning.jobs.create({
      ...{ model: MODEL, training_file: ids.chats, validation_file: ids.chats },
      ...{ hyperparameters: auto, integrations: null, metadata, seed: 42, suffix: 'x' },
    }),
  'jobs: supervised': () =>
    client.fineTuning.jobs.create({
      ...{ model: MODEL, training_file: ids.chats },
      method: { type: 'supervised', supervised: { hyperparameters: auto } },
    }),
  'jobs: dpo': () =>
    client.fineTuning.jobs.create({
      ...{ model: MODEL, training_file: ids.chats },
      method: { type: 'dpo', dpo: { hyperparameters: { ...auto, beta: 'auto' } } },
    }),
  'jobs: retrieve': () => client.fineTuning.jobs.retrieve(ids.job),
  'jobs: list': () => client.fineTuning.jobs.list(),
  'jobs: list, all': () => client.fineTuning.jobs.list({ after: ids.job, limit: 1, metadata }),
  'events: list': () => client.fineTuning.jobs.listEvents(ids.job),
  'events: list, all': () => client.fineTuning.jobs.listEvents(ids.job, { limit: 1 }),
  'checkpoints: list': () => client.fineTuning.jobs.checkpoints.list(ids.job),
  'checkpoints: list, all': () => client.fineTuning.jobs.checkpoints.list(ids.job, { limit: 1 }),
  'jobs: pause, resume, cancel': async () => {
    const id = await job();
    await client.fineTuning.jobs.pause(id);
    await client.fineTuning.jobs.resume(id);
    await client.fineTuning.jobs.cancel(id);
  },
  'files: delete': () => client.files.delete(ids.file),
};

test.each(Object.keys(CALLS))('%s', async (call) => {
  const answer = CALLS[call]!();
  // Without a body there is nothing to parse; the rest is checked as it is read.
  await expect(answer).resolves.not.toBeInstanceOf(Error);
});

/** What the client knows and this server does not: each is refused by its name, or not there. */
const REFUSED: Readonly<Record<string, [status: number, call: () => Promise<unknown>]>> = {
  modalities: [400, () => client.chat.completions.create({ ...chat, modalities: ['audio'] })],
  verbosity: [400, () => client.chat.completions.create({ ...chat, verbosity: 'low' })],
  functions: [
    400,
    () => client.chat.completions.create({ ...chat, functions: [{ name: 'f', parameters }] }),
  ],
  web_search_options: [
    400,
    () => client.chat.completions.create({ ...chat, web_search_options: {} }),
  ],
  truncation: [
    400,
    () => client.responses.create({ model: MODEL, input: 'x', truncation: 'auto' }),
  ],
  integrations: [
    400,
    () =>
      client.fineTuning.jobs.create({
        ...{ model: MODEL, training_file: ids.chats },
        integrations: [{ type: 'wandb', wandb: { project: 'my-wandb-project' } }],
      }),
  ],
  reinforcement: [
    400,
    () =>
      client.fineTuning.jobs.create({
        ...{ model: MODEL, training_file: ids.chats, method: { type: 'reinforcement' } },
      }),
  ],
  stories: [403, () => client.models.delete(MODEL)],
};

test.each(Object.keys(REFUSED))('%s is refused by its name', async (param) => {
  const [status, call] = REFUSED[param]!;
  const error = await call().then(
    () => undefined,
    (one: unknown) => one as InstanceType<typeof OpenAI.APIError>,
  );
  expect(error?.status).toBe(status);
  expect(`${error!.param} ${error!.message}`).toContain(param);
});

const LISTS: Readonly<Record<string, () => Promise<unknown>>> = {
  chats: () => client.chat.completions.list({ limit: 0, after: 'after' }, lost),
  messages: () => client.chat.completions.messages.list('id', { after: 'after' }, lost),
  files: () => client.files.list({ purpose: 'purpose', limit: 0 }, lost),
  batches: () => client.batches.list({ after: 'after', limit: 0 }, lost),
  response: () => client.responses.retrieve('id', { include_obfuscation: true }, lost),
  items: () => client.responses.inputItems.list('id', { limit: 0 }, lost),
  jobs: () => client.fineTuning.jobs.list({ after: 'string', limit: 0, metadata }, lost),
  events: () => client.fineTuning.jobs.listEvents('id', { after: 'string', limit: 0 }, lost),
  checkpoints: () =>
    client.fineTuning.jobs.checkpoints.list('id', { after: 'string', limit: 0 }, lost),
  count: () => client.responses.inputTokens.count({ input: 'string' }, lost),
};

test.each(Object.keys(LISTS))('%s: a path that is not there is NotFoundError', async (call) => {
  await expect(LISTS[call]!()).rejects.toBeInstanceOf(OpenAI.NotFoundError);
});
