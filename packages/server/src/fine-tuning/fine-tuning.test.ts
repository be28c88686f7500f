import { expect, test } from 'vitest';
import type { Call } from '../http/route.ts';
import { ModelRegistry } from '../models/model-shelf.ts';
import { STORIES } from '../../scripts/test-server.ts';
import type { Services } from '../services.ts';
import { fileBody, putFile } from '../files/file-store.ts';
import { validator } from '../http/validator.ts';
import { Store } from '../store/store.ts';
import { CANCELED } from '../http/wire-words.ts';
import { canGo, isOpen, stepName, tunedName } from './job-record.ts';
import type { JobRecord, JobStatus } from './job-record.ts';
import { checkOpenCount, JOB_SCHEMA, newJob } from './job-request.ts';
import { JobStore } from './job-store.ts';

const store = new Store();
let count = 0;
const events = { onState: () => undefined, onBroken: () => undefined };
const { training: _, ...untrained } = STORIES;
const models = new ModelRegistry([STORIES, { ...untrained, id: 'fixed' }], events);
const use = {
  ...{ store, models, nowSeconds: () => 100 },
  newId: (prefix: string) => `${prefix}-${String(++count).padStart(12, '0')}`,
};
const file = (id: string, purpose: string, tenant = 'first'): void => {
  const facts = { id, bytes: 1, created_at: 1, filename: 'a.jsonl', purpose };
  putFile(store, tenant, fileBody(facts), [Buffer.from('x')]);
};
file('file_a', 'fine-tune');
file('file_b', 'batch');
file('file_c', 'fine-tune', 'second');

/** What a request becomes. */
function asked(body: object): JobRecord {
  const whole = { model: 'stories', training_file: 'file_a', ...body };
  validator(JOB_SCHEMA)(whole);
  const caller = { tenant: 'first', role: 'user', weight: 1 } as const;
  return newJob({ body: whole, caller } as unknown as Call, use as unknown as Services);
}

test('a job says what it does, and a seed is its own unless given', () => {
  const { body, tunedName: name } = asked({ suffix: 'hens', seed: 7 });
  expect(body).toMatchObject({ status: 'queued', seed: 7, organization_id: 'first' });
  expect(body.hyperparameters).toEqual({
    ...{ n_epochs: 'auto', batch_size: 'auto', learning_rate_multiplier: 'auto' },
  });
  expect(name).toMatch(/^ft:stories:hens:\d{12}$/);
  const [one, other] = [asked({}), asked({ hyperparameters: { n_epochs: 2, lora_rank: 4 } })];
  expect(one.body.seed).not.toBe(other.body.seed);
  const parameters = { n_epochs: 2, lora_rank: 4 };
  expect(other.body.method).toMatchObject({ supervised: { hyperparameters: parameters } });
  const dpo = { hyperparameters: { beta: 0.3, ...parameters } };
  expect(asked({ method: { type: 'dpo', dpo } }).body.method).toEqual({
    type: 'dpo',
    dpo: { hyperparameters: { ...one.body.hyperparameters, ...dpo.hyperparameters } },
  });
  const open = asked({ method: { type: 'dpo' } }).body;
  expect(open.method).toMatchObject({ dpo: { hyperparameters: { beta: 'auto' } } });
  expect(open.hyperparameters).not.toHaveProperty('beta');
  expect(tunedName('a', null, 'ftjob-0123456789abcdef')).toBe('ft:a::456789abcdef');
  expect(stepName(one, 3)).toBe(`${one.tunedName}:ckpt-step-3`);
});

test.each([
  [{ model: 'none' }, 'model', 'model_not_found'],
  [{ model: 'fixed' }, 'model', 'model_not_available'],
  [{ training_file: 'file_b' }, 'training_file', 'invalid_value'],
  [{ training_file: 'file_c' }, 'training_file', 'invalid_value'],
  [{ validation_file: 'none' }, 'validation_file', 'invalid_value'],
  [{ suffix: 'a b' }, 'suffix', 'invalid_value'],
  [{ method: { type: 'supervised', dpo: {} } }, 'method.dpo', 'invalid_value'],
  [{ method: { type: 'dpo', supervised: {} } }, 'method.supervised', 'invalid_value'],
  [
    { method: { type: 'dpo', dpo: { hyperparameters: { beta: 0 } } } },
    ...(['method.dpo.hyperparameters.beta', 'invalid_value'] as const),
  ],
  [{ method: { type: 'reinforcement' } }, 'method.reinforcement', 'unsupported_parameter'],
  [{ integrations: [{ type: 'wandb' }] }, 'integrations', 'unsupported_parameter'],
  [{ hyperparameters: { n_epochs: 0 } }, 'hyperparameters.n_epochs', 'invalid_value'],
  [{ hyperparameters: { beta: 1 } }, 'hyperparameters.beta', 'unknown_parameter'],
  [
    { hyperparameters: {}, method: { type: 'supervised', supervised: { hyperparameters: {} } } },
    ...(['hyperparameters', 'invalid_value'] as const),
  ],
])('%j is refused by its name', (body, param, code) => {
  expect(() => asked(body)).toThrow(expect.objectContaining({ param, code }));
});

test('a job goes where its states lead, never back from an end, and tells each step', () => {
  const all: JobStatus[] = [
    ...(['queued', 'validating_files', 'running', 'paused'] as const),
    ...(['succeeded', 'failed', CANCELED] as const),
  ];
  for (const status of all) {
    expect(canGo(status, status)).toBe(false);
    const isEnd = all.every((to) => !canGo(status, to));
    expect(isOpen({ status } as never)).toBe(!isEnd);
    expect(canGo(status, CANCELED)).toBe(!isEnd);
  }
  expect(canGo('paused', 'running')).toBe(false);
  expect(canGo('queued', 'succeeded')).toBe(false);

  const jobs = new JobStore(use);
  const job = asked({});
  const key = { tenant: 'first', id: job.id };
  jobs.add('first', job);
  expect(jobs.move(key, 'running', { message: 'no' })).toBeUndefined();
  jobs.move(key, 'validating_files', { message: 'one' });
  const ended = jobs.move(key, 'failed', { message: 'two', level: 'error' });
  expect(ended?.body).toMatchObject({ status: 'failed', finished_at: 100 });
  expect(jobs.move(key, 'queued', { message: 'no' })).toBeUndefined();
  const messages = jobs.events(key, { limit: 9, order: 'desc' }).items.map((one) => one.message);
  expect(messages).toEqual(['two', 'one', `the job ${job.id} was created`]);
  expect(jobs.get({ tenant: 'second', id: job.id })).toBeUndefined();
});

test('a checkpoint that is told of twice is there once; nobody has many jobs at a time', () => {
  const jobs = new JobStore(use);
  const key = { tenant: 'first', id: asked({}).id };
  const facts = { fine_tuned_model_checkpoint: 'x', metrics: { step: 5, train_loss: 1 } };
  expect([jobs.addCheckpoint(key, facts), jobs.addCheckpoint(key, facts)]).toEqual([true, false]);
  expect(jobs.checkpoints(key, { limit: 9, order: 'desc' }).items).toHaveLength(1);
  checkOpenCount(7);
  expect(() => checkOpenCount(8)).toThrow(expect.objectContaining({ status: 429 }));
});
