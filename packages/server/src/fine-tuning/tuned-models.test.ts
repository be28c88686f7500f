import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { STORIES } from '../../scripts/test-server.ts';
import { ModelRegistry } from '../models/model-shelf.ts';
import type { JobRecord } from './job-record.ts';
import { TunedModels } from './tuned-models.ts';

/** A job on a base, as it is told when it has succeeded. */
function jobOf(id: string, model = 'stories'): JobRecord {
  const tunedName = `ft:stories::${id}`;
  const body = { id, model, fine_tuned_model: tunedName, created_at: 1 };
  return { id, tunedName, base: 'stories', body } as unknown as JobRecord;
}

function shelf(): {
  tuned: TunedModels;
  ids: () => string[];
  models: ModelRegistry;
  /** Makes a folder of a job; its path. */
  make: (job: string, path: string) => string;
} {
  const root = mkdtempSync(join(tmpdir(), 'wafer-tuned-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const events = { onState: () => undefined, onBroken: () => undefined };
  const models = new ModelRegistry([STORIES], events);
  const make = (job: string, path: string): string => {
    const folder = join(root, job, path);
    mkdirSync(folder, { recursive: true });
    return folder;
  };
  const ids = (): string[] => models.entries.map(({ spec }) => spec.id).slice(1);
  return { tuned: new TunedModels(models, root, pino({ level: 'silent' })), ids, models, make };
}

test('what lies in the folder of a job is served, what is gone is not', async () => {
  const { tuned, ids, make } = shelf();
  const [result, step] = [make('ftjob-1', 'model'), make('ftjob-1', 'models/step-3')];
  await tuned.show('first', jobOf('ftjob-1'));
  expect(ids()).toEqual(['ft:stories::ftjob-1', expect.stringMatching(/ckpt-step-3$/)]);
  rmSync(step, { recursive: true });
  await tuned.show('first', jobOf('ftjob-1'));
  expect(ids()).toEqual(['ft:stories::ftjob-1']);
  await tuned.delete('ft:stories::ftjob-1');
  expect([ids(), existsSync(result)]).toEqual([[], false]);
});

test('an erased job takes what is its own, and nothing of one that begins alike', async () => {
  const { tuned, ids, make } = shelf();
  for (const job of ['ftjob-1', 'ftjob-12']) {
    make(job, 'model');
    await tuned.show('first', jobOf(job));
  }
  await tuned.erase('ftjob-1');
  expect(ids()).toEqual(['ft:stories::ftjob-12']);
  expect(existsSync(tuned.folderOf('ftjob-1'))).toBe(false);
});

test('what only a job under way needs is deleted, what it made stays', async () => {
  const { tuned, make } = shelf();
  const gone = ['base', 'base.partial', 'checkpoints'].map((path) => make('ftjob-1', path));
  const result = make('ftjob-1', 'model');
  await tuned.tidy('ftjob-1');
  expect([...gone, result].map((path) => existsSync(path))).toEqual([false, false, false, true]);
});

test('what was trained from the base is a guest there, what comes of a guest is not', async () => {
  const { tuned, models, make } = shelf();
  for (const [job, model] of [
    ['ftjob-1', 'stories'],
    ['ftjob-2', 'ft:stories::ftjob-1'],
  ] as const) {
    make(job, 'model');
    await tuned.show('first', jobOf(job, model));
  }
  const hosts = models.entries.map(({ spec }) => spec.guest?.host);
  expect(hosts).toEqual([undefined, 'stories', undefined]);
});
