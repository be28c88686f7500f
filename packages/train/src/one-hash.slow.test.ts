import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { detectRounding } from '@wafer/kernels';
import type { Model } from '@wafer/models';
import { expect, onTestFinished, test } from 'vitest';
import { openCheckpoint } from './checkpoint/checkpoint.ts';
import { tokensInMemory } from './data/token-source.ts';
import type { TrainShape } from './engine/layout.ts';
import type { AdapterSettings } from './network/adapter.ts';
import type { WeightFormat } from './settings.ts';
import type { CutOptions } from './engine/run.ts';
import { fillUniform } from './generator.ts';
import {
  testModel,
  TINY,
  TINY_ADAPTERS,
  TINY_EXPERT_ADAPTERS,
  TINY_EXPERTS,
  TINY_SIGMOID,
} from './reference/test-models.ts';
import { TRAIN_DEFAULTS } from './settings.ts';
import { Trainer } from './trainer.ts';
import type { TrainJob, TrainStep } from './trainer.ts';

const STEPS = 20;
const ROWS = 8;
const CONTEXT = 24;
const ALONE: TrainShape = { replicas: 1, stages: 1, tiles: 1, recompute: false };
const ALL = { replicas: 2, stages: 3, tiles: 2, recompute: true };

const MODEL = testModel({ ...TINY, layerCount: 3 });

interface Way extends Partial<TrainShape> {
  model?: Model;
  steps?: number;
  /** Microbatches of the same rows. */
  accumulate?: number;
  cut?: CutOptions;
  weights?: WeightFormat;
  /** Rows are pairs of documents. */
  isPairs?: true;
  adapters?: AdapterSettings;
}

function jobOf(way: Way): TrainJob {
  const { accumulate = 1, adapters, cut, isPairs, model = MODEL, ...others } = way;
  const { steps = STEPS, weights, ...shape } = others;
  const values = new Float32Array(900);
  fillUniform(values, { seed: 9, tensor: 0, a: 1 });
  const ids = Uint32Array.from(values, (value) => Math.floor(((value + 1) / 2) * TINY.vocabCount));
  const batch = ROWS / accumulate / (isPairs ? 2 : 1);
  const starts = Uint32Array.from({ length: 40 }, (_, document) => document * 21);
  const learned = isPairs ? { preference: { beta: 0.5 } } : { zLoss: 1e-3 };
  return {
    model,
    isNew: true,
    settings: {
      ...{ ...TRAIN_DEFAULTS, steps, batch, accumulate, context: CONTEXT, weights },
      ...learned,
    },
    shape: { ...ALONE, ...shape },
    cut,
    adapters,
    rounding: detectRounding(),
    data: isPairs ? tokensInMemory(ids.slice(0, 840), { starts }) : tokensInMemory(ids),
  };
}

async function hashAt(trainer: Trainer, step: number): Promise<string> {
  let last: TrainStep | undefined;
  while (trainer.step < step) last = await trainer.next();
  await trainer.gather();
  const { weights, moments } = trainer.hashes();
  return `${weights.slice(0, 16)} ${moments.slice(0, 16)} ${JSON.stringify(last)}`;
}

async function hashOf(way: Way): Promise<string> {
  const trainer = new Trainer(jobOf(way));
  try {
    return await hashAt(trainer, way.steps ?? STEPS);
  } finally {
    await trainer.close();
  }
}

/** One way until a step, the next one from there; each begins with a checkpoint of the last. */
async function hashOfRelay(ways: readonly { way: Way; until: number }[]): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-train-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  let from: Awaited<ReturnType<typeof openCheckpoint>> | undefined;
  let hash = '';
  for (const { way, until } of ways) {
    const job = jobOf(way);
    const model = from?.model ?? job.model;
    const trainer = new Trainer({ ...job, model, isNew: from === undefined }, from);
    hash = await hashAt(trainer, until);
    from = await openCheckpoint(trainer.checkpoint(folder, {}, 1));
    await trainer.close();
  }
  return hash;
}

const WAYS: Record<string, Way> = {
  '2 tiles': { tiles: 2 },
  '3 tiles': { tiles: 3 },
  '4 tiles': { tiles: 4 },
  '2 stages': { stages: 2 },
  '3 stages': { stages: 3 },
  '2 replicas': { replicas: 2 },
  '4 replicas': { replicas: 4 },
  '2 microbatches': { accumulate: 2 },
  '4 microbatches': { accumulate: 4 },
  'layers made anew': { recompute: true },
  'all together': ALL,
  '2 stages over port': { stages: 2, cut: { chips: 2, link: 'port' } },
  '4 replicas over port': { replicas: 4, cut: { chips: 3, link: 'port' } },
  'all together on 4 chips over port': { ...ALL, cut: { chips: 4, link: 'port' } },
  '2 stages over unix': { stages: 2, cut: { chips: 2, link: 'unix' } },
  '2 replicas over unix': { replicas: 2, cut: { chips: 2, link: 'unix' } },
  '2 stages of 2 replicas over tcp': { replicas: 2, stages: 2, cut: { chips: 3, link: 'tcp' } },
};

test('weights and moments after 20 steps have one hash, whoever computed them', async () => {
  const alone = await hashOf({});
  const table: Record<string, string> = {};
  for (const [name, way] of Object.entries(WAYS)) table[name] = await hashOf(way);
  const everyStep = Array.from({ length: STEPS }, (_, i) => ({ way: {}, until: i + 1 }));
  table['a checkpoint at every step'] = await hashOfRelay(everyStep);
  const cut: CutOptions = { chips: 2, link: 'port' };
  table['whole, cut, cut otherwise, whole'] = await hashOfRelay([
    { way: { replicas: 2 }, until: 5 },
    { way: { stages: 2, cut }, until: 10 },
    { way: { replicas: 2, cut }, until: 15 },
    { way: {}, until: STEPS },
  ]);
  const expected = Object.fromEntries(Object.keys(table).map((name) => [name, alone]));
  expect(table).toEqual(expected);
  // One step less is another hash.
  expect(await hashOfRelay([{ way: {}, until: STEPS - 1 }])).not.toBe(alone);
});

/** Expects one hash of some of the ways, and another one of a step less. */
async function expectOneHash(
  one: Way & { steps: number },
  names: readonly string[],
): Promise<string> {
  const alone = await hashOf(one);
  const table: Record<string, string> = {};
  for (const name of names) table[name] = await hashOf({ ...one, ...WAYS[name] });
  expect(table).toEqual(Object.fromEntries(names.map((name) => [name, alone])));
  expect(await hashOf({ ...one, steps: one.steps - 1 })).not.toBe(alone);
  return alone;
}

const ON_ALL_LINKS = [
  'all together on 4 chips over port',
  '2 stages over unix',
  '2 stages of 2 replicas over tcp',
];

test.each([
  ['as Mixtral has them', { ...TINY_EXPERTS, layerCount: 3 }],
  ['as GLM-4.5 has them', { ...TINY_SIGMOID, layerCount: 3 }],
])('of a mixture of experts as well, %s', async (_, spec) => {
  const names = ['2 tiles', '3 tiles', '2 stages', '2 replicas', '2 microbatches'];
  await expectOneHash({ model: { ...MODEL, spec }, steps: 4 }, [...names, ...ON_ALL_LINKS]);
});

test('of adapters of experts, with dropout', async () => {
  const model = { ...MODEL, spec: { ...TINY_EXPERTS, layerCount: 3 } };
  const one = { model, steps: 4, adapters: { ...TINY_EXPERT_ADAPTERS, dropout: 0.2 } };
  const names = ['3 tiles', '3 stages', '2 replicas', '2 microbatches', 'layers made anew'];
  const alone = await expectOneHash(one, [...names, ...ON_ALL_LINKS]);
  const relay = [
    { way: one, until: 1 },
    { way: { ...one, ...WAYS['2 stages over port'] }, until: 3 },
    { way: one, until: 4 },
  ];
  expect(await hashOfRelay(relay)).toBe(alone);
});

test('of weights that rows read in bf16', async () => {
  const one = { weights: 'bf16', steps: 4 } as const;
  const names = ['3 tiles', '3 stages', '4 replicas', '4 microbatches', 'layers made anew'];
  const alone = await expectOneHash(one, [...names, ...ON_ALL_LINKS]);
  const relay = [
    { way: one, until: 1 },
    { way: { ...one, ...WAYS['2 stages over port'] }, until: 3 },
    { way: one, until: 4 },
  ];
  expect(await hashOfRelay(relay)).toBe(alone);
  expect(await hashOf({ steps: 4 })).not.toBe(alone);
});

test('of preferences, and of adapters with dropout', async () => {
  const one: Way = { isPairs: true, steps: 8, adapters: { ...TINY_ADAPTERS, dropout: 0.2 } };
  const alone = await hashOf(one);
  const table: Record<string, string> = {
    // A replica has half of a pair.
    '3 replicas': await hashOf({ ...one, replicas: 3 }),
    'gone on with': await hashOfRelay([
      { way: one, until: 3 },
      { way: { ...one, tiles: 2 }, until: 8 },
    ]),
  };
  for (const name of ['4 microbatches', 'all together on 4 chips over port']) {
    table[name] = await hashOf({ ...one, ...WAYS[name] });
  }
  expect(table).toEqual(Object.fromEntries(Object.keys(table).map((name) => [name, alone])));
  expect(await hashOf({ ...one, steps: 7 })).not.toBe(alone);
});
