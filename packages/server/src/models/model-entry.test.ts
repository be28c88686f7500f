/** What becomes of a model whose wafer ends, is dropped, or comes too late. */
import type { Worker } from 'node:worker_threads';
import { Wafer } from '@wafer/runtime';
import { expect, onTestFinished, test } from 'vitest';
import { STORIES } from '../../scripts/test-server.ts';
import type { EntryState, Lease, ServedModelSpec } from './model-entry.ts';
import { ModelRegistry } from './model-shelf.ts';

const startSmall = (): Promise<Wafer> =>
  Wafer.start({ model: 'synthetic:tiny', contextTokens: 64, sequences: 1 });
const MODEL: ServedModelSpec = { ...STORIES, id: 'model', start: startSmall };
const REFUSED = { status: 503, code: 'model_unavailable' };

/** A model, what is told of states as `model ready`, and which models are broken. */
function shelfOf(spec: ServedModelSpec, onState?: (state: EntryState) => void) {
  const [told, broken]: string[][] = [[], []];
  const models = new ModelRegistry([spec], {
    onState: (id, state) => {
      told!.push(`${id} ${state}`);
      onState?.(state);
    },
    onBroken: (id) => void broken!.push(id),
  });
  onTestFinished(() => models.close());
  return { models, told: told!, broken: broken! };
}

/** Of the threads of this process from now on. */
function threads(): { crash: () => Promise<void> } {
  const started: Worker[] = [];
  const note = (thread: Worker): void => void started.push(thread);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  return {
    crash: async () => {
      for (const thread of started.splice(0)) await thread.terminate();
    },
  };
}

test('a wafer that dies is started anew, until its model is broken', async () => {
  const { crash } = threads();
  const restarts = { countMax: 1, withinMs: 60_000 };
  const { models, told, broken } = shelfOf({ ...MODEL, restarts });
  await models.start();
  const entry = models.find('model');
  const first = entry.wafer;
  await crash();
  await expect.poll(() => entry.wafer !== first && entry.state === 'ready').toBe(true);
  expect(broken).toEqual([]);
  await crash();
  await expect.poll(() => entry.state).toBe('broken');
  expect(broken).toEqual(['model']);
  await expect(models.lease('model')).rejects.toMatchObject(REFUSED);
  expect(told.filter((one) => one.endsWith('loading'))).toHaveLength(2);
});

test('an adapter is broken with its base, and ends nothing', async () => {
  const { crash } = threads();
  const adapter: ServedModelSpec = {
    ...{ ...MODEL, id: 'adapter', adapterOf: 'model' },
    start: (load) => load('model'),
    restarts: { countMax: 0, withinMs: 60_000 },
  };
  const { models, broken } = shelfOf(MODEL);
  models.add(adapter);
  await models.start();
  await crash();
  await expect.poll(() => models.find('adapter').state).toBe('broken');
  await expect.poll(() => models.find('model').state).toBe('ready');
  expect(broken).toEqual([]);
});

test('a wafer that is there too late for its model is closed', async () => {
  const may = Promise.withResolvers<void>();
  let wafer: Wafer | undefined;
  const start = async (): Promise<Wafer> => {
    await may.promise;
    return (wafer = await startSmall());
  };
  const { models } = shelfOf({ ...MODEL, start });
  const leased = expect(models.lease('model')).rejects.toMatchObject(REFUSED);
  const closed = models.close();
  may.resolve();
  await leased;
  await closed;
  expect(await wafer!.closed).toBe(undefined);
  expect(models.find('model').leaseCount).toBe(0);
});

test('a model that went and came again is not ended by the wafer before', async () => {
  const wafers = [await startSmall(), await startSmall()];
  const [first, second] = wafers;
  const start = (): Promise<Wafer> => Promise.resolve(wafers.shift()!);
  const leased = Promise.withResolvers<Lease>();
  const { models } = shelfOf({ ...MODEL, isPinned: false, start }, (state) => {
    // Before the first one is closed.
    if (state === 'absent') leased.resolve(models.lease('model'));
  });
  const entry = models.find('model');
  expect(await entry.load()).toBe(first);
  entry.keepFor(0);
  using lease = await leased.promise;
  expect(lease.wafer).toBe(second);
  await first!.closed;
  await new Promise(setImmediate);
  expect([entry.state, entry.wafer]).toEqual(['ready', second]);
});
