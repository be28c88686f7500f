import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listCheckpoints, openCheckpoint } from '../checkpoint/checkpoint.ts';
import { testJob } from '../test-job.ts';
import { Trainer } from '../trainer.ts';
import { FineTuneSaves } from './saves.ts';

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-saves-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

const stepsIn = (folder: string): string[] =>
  listCheckpoints(join(folder, 'checkpoints')).map((path) => path.replace(/.*\//, ''));

test('one that is due is written beside the next steps, one that is told of at once', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob({}));
  const saves = new FineTuneSaves(trainer, { folder, checkpointMs: 0 });
  const { loss } = await trainer.next();
  const point = { step: 1, trainLoss: loss, validLoss: undefined };
  await saves.beginIfDue(point);
  // Its thread has not even started.
  expect(stepsIn(folder)).toEqual([]);
  const { weights } = trainer.hashes();
  await trainer.next();
  await saves.now({ ...point, step: 2 });
  expect(stepsIn(folder)).toEqual(['step-00000002', 'step-00000001']);
  const found = await openCheckpoint(join(folder, 'checkpoints', 'step-00000001'));
  expect(found.state).toMatchObject({ step: 1, job: { step: 1, trainLoss: loss } });
  const again = new Trainer({ ...testJob({}), model: found.model, isNew: false }, found);
  expect(again.hashes().weights).toBe(weights);
  await saves.close();
});

test('none is begun before its time', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob({}));
  const saves = new FineTuneSaves(trainer, { folder, checkpointMs: 1e9 });
  await trainer.next();
  await saves.beginIfDue({ step: 1, trainLoss: 1, validLoss: undefined });
  await saves.close();
  expect(stepsIn(folder)).toEqual([]);
});
