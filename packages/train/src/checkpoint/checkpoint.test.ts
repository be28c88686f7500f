import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { Trainer } from '../trainer.ts';
import { listCheckpoints, openCheckpoint, removeCheckpoints } from './checkpoint.ts';
import { testJob } from '../test-job.ts';

const stepsIn = (folder: string): number[] =>
  listCheckpoints(folder).map((path) => Number(path.slice(-8)));

test('a checkpoint removes later ones, which are of no run, before any of its own', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-checkpoint-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const trainer = new Trainer(testJob());
  for (let step = 1; step <= 4; step++) {
    await trainer.next();
    trainer.checkpoint(folder, {}, 4);
  }
  expect(stepsIn(folder)).toEqual([4, 3, 2, 1]);
  await trainer.close();
  const [newest, , sound] = listCheckpoints(folder);
  truncateSync(join(newest!, 'moments.bin'), 8);
  const found = await openCheckpoint(sound!);
  const again = new Trainer({ ...testJob(), model: found.model, isNew: false }, found);
  again.checkpoint(folder, {}, 2);
  expect(stepsIn(folder)).toEqual([2, 1]);
  await again.next();
  again.checkpoint(folder, {}, 1);
  expect(stepsIn(folder)).toEqual([3]);
  await expect(openCheckpoint(listCheckpoints(folder)[0]!)).resolves.toMatchObject({
    state: { step: 3 },
  });
  await again.close();
  removeCheckpoints(folder);
  expect(stepsIn(folder)).toEqual([]);
});
