import { TRAIN_DEFAULTS } from '@wafer/train';
import { expect, test } from 'vitest';
import { UsageError } from './failures.ts';
import type { TrainFlags } from './train-flags.ts';
import { checkResumed } from './train-resume.ts';
import type { SavedJob } from './train-resume.ts';

const SAVED: SavedJob = {
  model: 'stories',
  data: ['/data/a.txt'],
  valid: undefined,
  separator: undefined,
  settings: TRAIN_DEFAULTS,
  adapters: { rank: 4, alpha: 8, targets: ['q', 'v'] },
};
const ALWAYS: TrainFlags = { checkpointEvery: 500, keep: 3, validEvery: 0 };

function check(flags: Partial<TrainFlags>, name?: string): void {
  checkResumed({ name, flags: { ...ALWAYS, ...flags }, out: '/out' }, SAVED);
}

test('a run goes on with what it was asked, and with whatever is no part of it', () => {
  check({});
  check({ lr: 1e-3, optimizer: 'adamw', weights: 'f32', zLoss: 0, loraDropout: 0 }, 'stories');
  check({ data: ['/data/a.txt'], out: '/out', loraTargets: ['q', 'v'] });
  check({ steps: 9, replicas: 2, chips: 2, keep: 1, force: true });
});

test.each<[Partial<TrainFlags>, string]>([
  [{ weights: 'bf16' }, '--weights is bf16, the run that --resume names has f32; leave it out'],
  [{ lr: 0.5 }, '--lr is 0.5, the run that --resume names has 0.001; '],
  [{ batch: 9 }, '--batch is 9, the run that --resume names has 8; '],
  [{ dpo: true }, '--dpo is on, the run that --resume names has none; '],
  [{ valid: '/data/b.txt' }, '--valid is /data/b.txt, the run that --resume names has none; '],
  [{ loraTargets: ['q'] }, '--lora-targets is q, the run that --resume names has q,v; '],
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
