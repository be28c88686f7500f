import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Worker } from 'node:worker_threads';
import { syntheticAdapter, writePeft } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';
import { modelDigest } from '@wafer/runtime/internal';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { SMALL_MODEL, STORIES } from '../../scripts/test-server.ts';
import { Lodging } from './lodging.ts';
import type { GuestSpec, GuestStay } from './lodging.ts';
import type { EntryState, ServedModelSpec } from './model-entry.ts';
import { ModelRegistry } from './model-shelf.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-lodging-'));
afterAll(() => rmSync(folder, { recursive: true }));
beforeAll(async () => {
  const { spec } = await openModel(SMALL_MODEL);
  writePeft(folder, syntheticAdapter(spec, { rank: 4, seed: 1 }));
});

const host: ServedModelSpec = {
  ...STORIES,
  id: 'host',
  restarts: { countMax: 1, withinMs: 60_000 },
  start: async () =>
    Wafer.start({
      ...{ model: await openModel(SMALL_MODEL), sequences: 2 },
      adapters: { slots: 1, rank: 4 },
    }),
};

const enterAs =
  (name: string) =>
  async (wafer: Wafer): Promise<GuestStay> => {
    await wafer.loadAdapter(folder, { name });
    return { wafer: wafer.adapted(name), leave: () => wafer.unloadAdapter(name) };
  };

const noSecondWafer = (): Promise<Wafer> => Promise.reject(new Error('a second wafer'));

/** The host with a guest, which has no wafer of its own; `told`: states, as `guest ready`. */
async function shelfWith(
  enter: GuestSpec['enter'],
  { startHost = host.start, startGuest = noSecondWafer as ServedModelSpec['start'] } = {},
) {
  const told: string[] = [];
  const onState = (id: string, state: EntryState): void => void told.push(`${id} ${state}`);
  const own = { isPinned: false, id: 'guest', start: startGuest, guest: { host: 'host', enter } };
  const specs = [
    { ...host, start: startHost },
    { ...STORIES, ...own },
  ];
  const models = new ModelRegistry(specs, { onState, onBroken: () => undefined });
  await models.start();
  return { models, told, [Symbol.asyncDispose]: () => models.close() };
}

const GREEDY = { maxTokens: 4, temperature: 0 };

async function textOf(wafer: Wafer): Promise<string> {
  let text = '';
  for await (const piece of wafer.generate('Once', GREEDY)) text += piece.text;
  return text;
}

test('whoever has a lease of a guest asks it to the end, though it is taken away', async () => {
  await using shelf = await shelfWith(enterAs('guest'));
  const { models } = shelf;
  const { wafer } = models.find('host');
  const lease = await models.lease('guest');
  const other = await models.lease('guest');
  const text = await textOf(lease.wafer);
  await models.remove('guest');
  expect(() => models.find('guest')).toThrow('does not exist');
  expect(await textOf(lease.wafer)).toBe(text);
  lease[Symbol.dispose]();
  expect(await textOf(other.wafer)).toBe(text);
  expect([wafer!.adapters.length, models.find('host').leaseCount]).toEqual([1, 1]);
  other[Symbol.dispose]();
  const left = (): number[] => [wafer!.adapters.length, models.find('host').leaseCount];
  await expect.poll(left).toEqual([0, 0]);
});

test('a slot that cannot be given back keeps no host', async () => {
  await using shelf = await shelfWith(async (wafer) => ({
    ...(await enterAs('guest')(wafer)),
    leave: () => Promise.reject(new Error('the wafer went before')),
  }));
  const { models } = shelf;
  (await models.lease('guest'))[Symbol.dispose]();
  expect(models.find('host').leaseCount).toBe(1);
  await models.remove('guest');
  await expect.poll(() => models.find('host').leaseCount).toBe(0);
});

test('a host that ends while a guest enters is waited for, without a second wafer', async () => {
  await using shelf = await shelfWith(async (wafer) => {
    await wafer.close();
    throw new Error('the wafer is gone');
  });
  const { models } = shelf;
  await expect(models.lease('guest')).rejects.toMatchObject({
    ...{ status: 503, code: 'model_restarting', retryAfterSeconds: 2 },
  });
  expect(models.find('guest').state).toBe('absent');
});

test('a guest is told of the weights that run, not of what lies in the files by now', async () => {
  const told: unknown[] = [];
  await using shelf = await shelfWith((wafer, digest) => {
    told.push(digest);
    return enterAs('guest')(wafer);
  });
  const { models } = shelf;
  const wafer = models.find('host').wafer!;
  const running = modelDigest(wafer.model.source);
  // As where files are replaced: the model says other sources than it was started with.
  Object.assign(wafer.model, { source: (await openModel('synthetic:tiny')).source });
  (await models.lease('guest'))[Symbol.dispose]();
  expect(told).toEqual([running]);
});

test('a guest is told of no weights where the files are gone, nor of those before', async () => {
  const wafer = await host.start(noSecondWafer);
  onTestFinished(() => wafer.close());
  const told: unknown[] = [];
  const lodging = new Lodging();
  const asHost = { lodging, lease: async () => ({ wafer, [Symbol.dispose]: () => undefined }) };
  const enter: GuestSpec['enter'] = async (_, digest) => void told.push(digest);
  const enterNow = () => new Lodging().enter({ host: 'host', enter }, asHost, () => undefined);
  const { model } = wafer;
  lodging.opened(wafer);
  await enterNow();
  const running = modelDigest(model.source);
  Object.assign(model, { source: { ...model.source, paths: [join(folder, 'gone.gguf')] } });
  lodging.opened(wafer);
  await enterNow();
  expect(told).toEqual([running, undefined]);
});

test('a guest is told that the wafer of its host is no more', async () => {
  await using shelf = await shelfWith(enterAs('guest'));
  const { models } = shelf;
  (await models.lease('guest'))[Symbol.dispose]();
  expect(models.find('guest').state).toBe('ready');
  await models.find('host').wafer!.close();
  await expect.poll(() => models.find('guest').state).toBe('absent');
});

test('a host that died is waited for: its guest has no second wafer, and comes back', async () => {
  const threads: Worker[] = [];
  const note = (thread: Worker): void => void threads.push(thread);
  process.on('worker', note);
  onTestFinished(() => void process.off('worker', note));
  const mayStart = Promise.withResolvers<void>();
  const turns = [Promise.resolve(), mayStart.promise];
  await using shelf = await shelfWith(enterAs('guest'), {
    startHost: async (load) => {
      await turns.shift();
      return await host.start(load);
    },
  });
  using _ = { [Symbol.dispose]: mayStart.resolve }; // however it ends, the shelf can close
  const { models } = shelf;
  const lease = await models.lease('guest');
  const text = await textOf(lease.wafer);
  const before = models.find('host').wafer!;
  for (const thread of threads) await thread.terminate();
  await expect(before.closed).resolves.toMatchObject({ code: 'TILE_CRASHED' });
  await expect(textOf(lease.wafer)).rejects.toThrow('TILE_CRASHED');
  lease[Symbol.dispose]();
  await expect.poll(() => models.find('guest').state).toBe('absent');
  const restarting = { status: 503, code: 'model_restarting' };
  await expect(models.lease('guest')).rejects.toMatchObject(restarting);
  await expect(models.lease('host')).rejects.toMatchObject(restarting);
  expect(models.find('host').leaseCount).toBe(0);
  mayStart.resolve();
  await expect.poll(() => models.find('host').state).toBe('ready');
  using again = await models.lease('guest');
  expect(await textOf(again.wafer)).toBe(text);
  expect(models.find('host').wafer).not.toBe(before);
  expect(shelf.told.filter((one) => one.startsWith('host'))).toEqual(
    ['loading', 'ready', 'absent', 'loading', 'ready'].map((state) => `host ${state}`),
  );
});

test('a guest that left is told of nothing, and has what it has by then', async () => {
  let isFull = false;
  const enter = async (wafer: Wafer): Promise<GuestStay | undefined> =>
    isFull ? undefined : await enterAs('guest')(wafer);
  await using shelf = await shelfWith(enter, { startGuest: STORIES.start });
  const { models } = shelf;
  const guest = models.find('guest');
  (await models.lease('guest'))[Symbol.dispose]();
  expect(guest.adapterOf).toBe('host');
  guest.keepFor(0);
  await expect.poll(() => guest.state).toBe('absent');
  await expect.poll(() => models.find('host').leaseCount).toBe(0);
  isFull = true;
  using lease = await models.lease('guest');
  expect(guest.adapterOf).toBe(undefined);
  await models.find('host').wafer!.close();
  await expect.poll(() => models.find('host').state).toBe('absent');
  expect([guest.state, guest.wafer]).toEqual(['ready', lease.wafer]);
});
