import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticAdapter, writePeft } from '@wafer/models';
import { openModel, Wafer } from '@wafer/runtime';
import { modelDigest } from '@wafer/runtime/internal';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SMALL_MODEL, STORIES } from '../../scripts/test-server.ts';
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

/** The host with a guest, which has no wafer of its own; `told`: states, as `guest ready`. */
async function shelfWith(enter: GuestSpec['enter']) {
  const told: string[] = [];
  const onState = (id: string, state: EntryState): void => void told.push(`${id} ${state}`);
  const start = (): Promise<Wafer> => Promise.reject(new Error('a second wafer'));
  const guest = { ...STORIES, isPinned: false, id: 'guest', start, guest: { host: 'host', enter } };
  const models = new ModelRegistry([host, guest], { onState, onBroken: () => undefined });
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

test('a guest is told that the wafer of its host is no more', async () => {
  await using shelf = await shelfWith(enterAs('guest'));
  const { models } = shelf;
  (await models.lease('guest'))[Symbol.dispose]();
  expect(models.find('guest').state).toBe('ready');
  await models.find('host').wafer!.close();
  await expect.poll(() => models.find('guest').state).toBe('absent');
});
