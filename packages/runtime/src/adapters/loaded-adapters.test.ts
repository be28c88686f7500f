import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { syntheticAdapter, writePeft } from '@wafer/models';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { prepare } from '../prepare.ts';
import type { Prepared } from '../prepare.ts';
import { createMemories } from '../host.ts';
import { memorySlots } from './adapter-slots.ts';
import { LoadedAdapters } from './loaded-adapters.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-loaded-'));
afterAll(() => rmSync(folder, { recursive: true }));

let prepared: Prepared;
beforeAll(async () => {
  const adapters = { slots: 2, rank: 4 };
  prepared = await prepare({ model: 'synthetic:tiny', contextTokens: 64, adapters });
  writePeft(folder, syntheticAdapter(prepared.model.spec, { rank: 4, seed: 1 }));
});

/** Two slots in memories of their own; with `isBroken` no part can be filled. */
function loaded(use: { isBroken: boolean } = { isBroken: false }): LoadedAdapters {
  const { plan } = prepared;
  const slots = memorySlots(plan, createMemories(plan, [0]));
  return new LoadedAdapters(plan, {
    fill: async (part, write) => {
      if (use.isBroken) throw new Error('no way to the slots');
      await slots.fill(part, write);
    },
  });
}

test('a name is taken from the moment that its adapter is being read', async () => {
  const adapters = loaded();
  const first = adapters.load(folder, 'one');
  await expect(adapters.load(folder, 'one')).rejects.toThrow(/REQUEST_INVALID.*no loaded adapter/);
  await first;
  await expect(adapters.load(folder, 'one')).rejects.toThrow('REQUEST_INVALID');
  await adapters.unload('one');
  await adapters.load(folder, 'one');
  expect(adapters.list().map(({ name }) => name)).toEqual(['one']);
});

test('what could not be placed leaves its slot and its name', async () => {
  const use = { isBroken: true };
  const adapters = loaded(use);
  for (const _ of [1, 2, 3]) {
    await expect(adapters.load(folder, 'one')).rejects.toThrow('no way to the slots');
  }
  use.isBroken = false;
  await adapters.load(folder, 'one');
  await adapters.load(folder, 'two');
  await expect(adapters.load(folder, 'three')).rejects.toThrow('ADAPTER_SLOTS');
});

test('a slot is free when everyone who held it has let go, however often one does', async () => {
  const adapters = loaded();
  await adapters.load(folder, 'one');
  await adapters.load(folder, 'two');
  const holds = [adapters.hold('one')!, adapters.hold('one')!, adapters.hold('one')!];
  holds[0]![Symbol.dispose]();
  holds[0]![Symbol.dispose]();
  let isFree = false;
  const unloaded = adapters.unload('one').then(() => (isFree = true));
  expect(() => adapters.hold('one')).toThrow('ADAPTER_UNKNOWN');
  for (const hold of holds.slice(1)) {
    await new Promise(setImmediate);
    expect(isFree).toBe(false);
    await expect(adapters.load(folder, 'other')).rejects.toThrow('ADAPTER_SLOTS');
    hold[Symbol.dispose]();
    hold[Symbol.dispose]();
  }
  await unloaded;
  await adapters.load(folder, 'other');
});

test('an adapter in the slot of another has a serial of its own', async () => {
  const adapters = loaded();
  const uses: { slot: number; serial: number }[] = [];
  for (const name of ['one', 'two', 'one']) {
    await adapters.load(folder, name);
    using hold = adapters.hold(name)!;
    uses.push(hold.use);
    void adapters.unload(name);
    hold[Symbol.dispose]();
    await new Promise(setImmediate);
  }
  expect(new Set(uses.map(({ slot }) => slot)).size).toBe(1);
  expect(new Set(uses.map(({ serial }) => serial)).size).toBe(3);
});
