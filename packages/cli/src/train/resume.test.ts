import { specOfShape, TRAIN_DEFAULTS } from '@wafer/train';
import { expect, test } from 'vitest';
import { UsageError } from '../failures/failures.ts';
import type { TrainFlags } from './flags.ts';
import { checkNoShape, checkResumed } from './resume.ts';
import type { SavedJob } from './resume.ts';

const SAVED: SavedJob = {
  model: 'stories',
  data: ['/data/a.txt'],
  valid: undefined,
  separator: undefined,
  settings: TRAIN_DEFAULTS,
  adapters: { rank: 4, alpha: 8, targets: ['q', 'v'] },
};
const SPEC = specOfShape({
  ...{ layers: 2, width: 64, heads: 4, kvHeads: 2, ffn: 96, vocab: 512, context: 64 },
  ...{ isTied: true, experts: { count: 4, chosen: 2 } },
});
const ALWAYS: TrainFlags = { checkpointEvery: 500, keep: 3, validEvery: 0 };

function check(flags: Partial<TrainFlags>, name?: string): void {
  checkResumed({ name, flags: { ...ALWAYS, ...flags }, out: '/out' }, SAVED, SPEC);
}

test('a run goes on with what it was asked, and with whatever is no part of it', () => {
  check({});
  check({ lr: 1e-3, optimizer: 'adamw', weights: 'f32', zLoss: 0, loraDropout: 0 }, 'stories');
  check({ data: ['/data/a.txt'], out: '/out', loraTargets: ['q', 'v'] });
  check({ layers: 2, width: 64, heads: 4, kvHeads: 2, ffn: 96, vocab: 512 });
  check({ experts: 4, expertsPerToken: 2 });
  check({ steps: 9, replicas: 2, chips: 2, keep: 1, force: true });
});

test.each<[Partial<TrainFlags>, string]>([
  [{ weights: 'bf16' }, '--weights is bf16, the run that --resume names has f32; leave it out'],
  [{ lr: 0.5 }, '--lr is 0.5, the run that --resume names has 0.001; '],
  [{ batch: 9 }, '--batch is 9, the run that --resume names has 8; '],
  [{ dpo: true }, '--dpo is on, the run that --resume names has none; '],
  [{ valid: '/data/b.txt' }, '--valid is /data/b.txt, the run that --resume names has none; '],
  [{ loraTargets: ['q'] }, '--lora-targets is q, the run that --resume names has q,v; '],
  [{ layers: 3 }, '--layers is 3, the run that --resume names has 2; '],
  [{ ffn: 100 }, '--ffn is 100, the run that --resume names has 96; '],
  [{ experts: 8 }, '--experts is 8, the run that --resume names has 4; '],
  [{ untied: true }, '--untied is on, the run that --resume names has none; '],
  [{ tokenizer: 'stories' }, '--tokenizer is stories; the run of --resume has its own'],
  [{ out: '/other' }, '--out is /other, the run that --resume names has /out; '],
])('%j, which the run has otherwise, is refused with both values', (flags, message) => {
  expect(() => check(flags)).toThrow(UsageError);
  expect(() => check(flags)).toThrow(message);
});

test('another model than the run began with is refused', () => {
  expect(() => check({}, 'other')).toThrow(
    'MODEL is other, the run that --resume names has stories',
  );
});

test.each<[Partial<TrainFlags>, string]>([
  [{ layers: 2 }, '--layers is of a new model; MODEL has its own'],
  [{ untied: true }, '--untied is of a new model; MODEL has its own'],
  [{ tokenizer: 'stories' }, '--tokenizer is of a new model; MODEL has its own'],
])('%j beside a model that has its own is refused', (flags, message) => {
  expect(() => checkNoShape({ ...ALWAYS, ...flags })).toThrow(message);
});

test('a model is trained further with anything else', () => {
  checkNoShape({ ...ALWAYS, context: 64, loraRank: 2 });
});
