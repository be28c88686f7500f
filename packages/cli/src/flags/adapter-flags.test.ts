import { mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tensorShapes } from '@wafer/core';
import { SYNTHETIC_SPECS, syntheticAdapter, syntheticModel, writePeft } from '@wafer/models';
import { afterAll, expect, test } from 'vitest';
import { readableAdapters, roomFor } from './adapter-flags.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-adapter-flags-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = { ...SYNTHETIC_SPECS['tiny']!, hasTiedEmbeddings: false };
const model = syntheticModel({ name: 'base', spec, type: 'f32', seed: 1 });
const made = syntheticAdapter(spec, { rank: 4, seed: 1, targets: ['v', 'q'] });

function adapterAt(name: string, changes = made.changes): { name: string; path: string } {
  const path = join(folder, name);
  writePeft(path, { ...made, changes });
  return { name, path };
}

test('adapters that are gone or cut short are left out, and each is told', () => {
  const all = ['kept', 'gone', 'cut'].map((name) => adapterAt(name));
  rmSync(all[1]!.path, { recursive: true });
  truncateSync(join(all[2]!.path, 'adapter_model.safetensors'), 5000);
  const lost: string[] = [];
  const found = readableAdapters(model, all, (name) => lost.push(name));
  expect([found, lost]).toEqual([[all[0]], ['gone', 'cut']]);
});

test('room is as large as adapters need, of matrices that slots can be of', () => {
  const head = tensorShapes(spec).find(({ role }) => role.part === 'head')!;
  const change = { a: new Float32Array(4 * head.columns), b: new Float32Array(4 * head.rows) };
  const [usual, other] = [adapterAt('usual'), adapterAt('head', new Map([[head.name, change]]))];
  expect(roomFor(model, [usual, other])).toEqual({ slots: 2, rank: 4, targets: ['q', 'v'] });
  expect(roomFor(model, [other])).toEqual({ slots: 1, rank: 4 });
  expect(roomFor(model, [])).toBeUndefined();
  // The rank of free slots is none of theirs.
  expect(roomFor(model, [other], { count: 0, rank: 16 })).toEqual({ slots: 1, rank: 4 });
  // What comes later may change any.
  const free = { count: 3, rank: 2 };
  const targets = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'];
  expect(roomFor(model, [usual], free)).toEqual({ slots: 4, rank: 4, targets });
  expect(roomFor(model, [], free)).toEqual({ slots: 3, rank: 2, targets });
});
