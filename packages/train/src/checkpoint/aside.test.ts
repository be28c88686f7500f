import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { expect, onTestFinished, test } from 'vitest';
import { TINY_ADAPTERS } from '../reference/test-models.ts';
import { Trainer } from '../trainer.ts';
import type { TrainJob } from '../trainer.ts';
import { AsideCheckpoints } from './aside.ts';
import { listCheckpoints, openCheckpoint } from './checkpoint.ts';
import { TEST_STEPS, testJob } from '../test-job.ts';

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-aside-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

async function trainTo(trainer: Trainer, step: number): Promise<string> {
  while (trainer.step < step) await trainer.next();
  await trainer.gather();
  return JSON.stringify(trainer.hashes());
}

/** Bytes of each file of a checkpoint. */
function filesOf(path: string): Record<string, string> {
  const names = readdirSync(path).toSorted();
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name), 'latin1')]));
}

const stages = { replicas: 1, stages: 2, tiles: 1, recompute: false };
const WAYS: Record<string, Partial<TrainJob>> = {
  'one thread': {},
  'two tiles': { shape: { replicas: 1, stages: 1, tiles: 2, recompute: false } },
  'adapters alone': { adapters: TINY_ADAPTERS },
  'chips over port': { shape: stages, cut: { chips: 2, link: 'port' } },
};

test.each(Object.entries(WAYS))(
  '%s: what is written beside later steps is the step that it began at',
  async (_, way) => {
    const [folder, other] = [temporary(), temporary()];
    const straight = new Trainer(testJob(way));
    const trainer = new Trainer(testJob(way));
    const aside = new AsideCheckpoints(trainer.run, trainer.job.model);
    const { regionBytes, trainedBytes } = trainer.run.layout;
    expect(aside.bytes).toBe(way.cut ? 0 : regionBytes + 2 * trainedBytes);
    await trainTo(straight, 2);
    const whole = straight.checkpoint(other, { a: 'job' }, 3);
    while (trainer.step < 2) await trainer.next();
    await aside.begin(folder, trainer.checkpointUse({ a: 'job' }, 3));
    while (trainer.step < 5) await trainer.next();
    await aside.settle();
    const [path] = listCheckpoints(folder);
    expect(filesOf(path!)).toEqual(filesOf(whole));
    const end = await trainTo(straight, TEST_STEPS);
    expect(await trainTo(trainer, TEST_STEPS)).toBe(end);
    const found = await openCheckpoint(path!);
    const again = new Trainer({ ...testJob(way), model: found.model, isNew: false }, found);
    expect(await trainTo(again, TEST_STEPS)).toBe(end);
    for (const one of [straight, trainer, again, aside]) await one.close();
  },
);

test('one is written at a time: the next waits, and that is counted', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob());
  const aside = new AsideCheckpoints(trainer.run, trainer.job.model);
  for (let step = 1; step <= 4; step++) {
    await trainTo(trainer, step);
    await aside.begin(folder, trainer.checkpointUse({}, 3));
  }
  // The first had nobody before it. The event loop has no turn between these steps, so none has
  // its answer before the next one asks.
  expect(aside.times).toMatchObject({ count: 3, waits: 3 });
  expect(aside.times.waitMs).toBeGreaterThan(0);
  await aside.close();
  expect(aside.times.count).toBe(4);
  const names = listCheckpoints(folder).map((path) => path.slice(-8));
  expect(names).toEqual(['00000004', '00000003', '00000002']);
  await trainer.close();
});

test('the thread ends with its checkpoints, once what was begun is written', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob());
  const aside = new AsideCheckpoints(trainer.run, trainer.job.model);
  const started = once(process, 'worker') as Promise<[Worker]>;
  await trainTo(trainer, 1);
  await aside.begin(folder, trainer.checkpointUse({}, 3));
  const [thread] = await started;
  expect(thread.threadId).toBeGreaterThan(0);
  await aside.close();
  expect([thread.threadId, listCheckpoints(folder).length]).toEqual([-1, 1]);
  await trainer.close();
});

test('what cannot be written is told between steps, and those before stay', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob());
  const aside = new AsideCheckpoints(trainer.run, trainer.job.model);
  await trainTo(trainer, 1);
  await aside.begin(folder, trainer.checkpointUse({}, 3));
  await aside.settle();
  writeFileSync(join(folder, 'file'), '');
  await trainTo(trainer, 2);
  aside.check();
  await aside.begin(join(folder, 'file/x'), trainer.checkpointUse({}, 3));
  await expect(aside.settle()).rejects.toThrow(/OUTPUT_FAILED.*ENOTDIR|OUTPUT_FAILED.*no folder/);
  expect(() => aside.check()).toThrow('OUTPUT_FAILED');
  const late = aside.begin(folder, trainer.checkpointUse({}, 3));
  await expect(late).rejects.toThrow('OUTPUT_FAILED');
  await aside.close();
  expect((await openCheckpoint(listCheckpoints(folder)[0]!)).state.step).toBe(1);
  await trainer.close();
});

test('an order that cannot leave, or that ends the thread, leaves nobody waiting', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob());
  const unsent = new AsideCheckpoints(trainer.run, trainer.job.model);
  const first = unsent.begin(folder, trainer.checkpointUse({ no: () => 'clone' }, 3));
  await expect(first).rejects.toThrow(/could not be cloned/);
  await unsent.begin(folder, trainer.checkpointUse({}, 3));
  await unsent.settle();
  await unsent.close();
  const ended = new AsideCheckpoints(trainer.run, trainer.job.model);
  await ended.begin(folder, trainer.checkpointUse({ no: 1n }, 3));
  await expect(ended.settle()).rejects.toThrow(/OUTPUT_FAILED.*the thread that writes ended/);
  await ended.close();
  const gone = new AsideCheckpoints(trainer.run, trainer.job.model);
  process.once('worker', (worker) => void worker.terminate());
  await gone.begin(folder, trainer.checkpointUse({}, 3));
  await expect(gone.settle()).rejects.toThrow(/OUTPUT_FAILED.*writes ended: with exit code/);
  await gone.close();
  const twice = new AsideCheckpoints(trainer.run, trainer.job.model);
  const one = twice.begin(folder, trainer.checkpointUse({}, 3));
  const other = twice.begin(folder, trainer.checkpointUse({}, 3));
  await expect(other).rejects.toThrow('one checkpoint is begun at a time');
  await one;
  await twice.close();
  await trainer.close();
});

test('what was gathered from chips is current until a step, not until an evaluation', async () => {
  const before: Worker[] = [];
  const note = (thread: Worker): void => void before.push(thread);
  process.on('worker', note);
  const way = WAYS['chips over port']!;
  const trainer = new Trainer(testJob({ ...way, valid: testJob().data }));
  await trainer.next();
  expect(() => trainer.hashes()).toThrow('gathered before they are read');
  await trainer.gather();
  const hashes = JSON.stringify(trainer.hashes());
  await trainer.validate();
  expect(JSON.stringify(trainer.hashes())).toBe(hashes);
  await trainer.next();
  expect(() => trainer.hashes()).toThrow('gathered before they are read');
  process.off('worker', note);
  await trainer.close();
  // A thread that has ended has no number.
  expect(before.map(({ threadId }) => threadId)).toEqual([-1, -1]);
});

test('what was gathered from chips stays until it is written, whoever gathers', async () => {
  const folder = temporary();
  const trainer = new Trainer(testJob(WAYS['chips over port']));
  const aside = new AsideCheckpoints(trainer.run, trainer.job.model);
  await trainer.next();
  await aside.begin(folder, trainer.checkpointUse({}, 3));
  await trainer.next();
  await trainer.gather();
  expect(aside.times.count).toBe(1);
  const [path] = listCheckpoints(folder);
  const found = await openCheckpoint(path!);
  const again = new Trainer({ ...testJob(), model: found.model, isNew: false }, found);
  expect(await trainTo(again, 2)).toBe(JSON.stringify(trainer.hashes()));
  for (const each of [trainer, again, aside]) await each.close();
});
