/**
 * Adapters on a wafer that is cut, over every kind of link: matrices travel to chips that are
 * processes, and what comes of them are the bits of the wafer uncut. A chip that dies on the way
 * ends a load with its code.
 */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { SYNTHETIC_SPECS, syntheticAdapter, syntheticModel, writePeft } from '@wafer/models';
import { Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { serveChip } from '@wafer/runtime/internal';
import { greedy, logitBits, seededTokens, withWafer } from './wafers.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-adapters-'));
afterAll(() => rmSync(folder, { recursive: true }));

const spec = SYNTHETIC_SPECS['tiny']!;
const model = syntheticModel({ name: 'base', spec, type: 'f32', seed: 7 });
const prompt = seededTokens(model, 21);
/** So large that A and B of a tile take several pieces. */
const RANK = 272;
const usual = { model, adapters: { slots: 2, rank: RANK }, rounding: 'fused' } as const;

const pathOf = (name: string, of: { rank: number; seed: number }): string => {
  writePeft(join(folder, name), syntheticAdapter(spec, of));
  return join(folder, name);
};
const law = pathOf('law', { rank: RANK, seed: 1 });
const tax = pathOf('tax', { rank: 3, seed: 2 });

const hashOf = (rows: readonly Uint32Array[]): string => {
  const hash = createHash('sha256');
  for (const row of rows) hash.update(row);
  return hash.digest('hex').slice(0, 32);
};

/** What a wafer says through adapters that come, go, and come again. */
async function saidBy(wafer: Wafer): Promise<Record<string, string>> {
  const bits = async (adapter?: string): Promise<string> =>
    hashOf(await logitBits(wafer, prompt, adapter === undefined ? {} : { adapter }));
  const base = await bits();
  await wafer.loadAdapter(law, { name: 'law' });
  await wafer.loadAdapter(tax, { name: 'tax' });
  await expect(wafer.loadAdapter(tax, { name: 'more' })).rejects.toThrow('ADAPTER_SLOTS');
  // Both and the base in one step, and prefixes that begin alike.
  const [one, other, none] = await Promise.all([bits('law'), bits('tax'), bits()]);
  const decoded = await greedy(wafer.adapted('law'), prompt, 8);
  await wafer.unloadAdapter('law');
  await expect(bits('law')).rejects.toThrow('ADAPTER_UNKNOWN');
  // The same slot, where a larger one lay, and the same prompt.
  await wafer.loadAdapter(tax, { name: 'law' });
  expect([none, await bits('law'), await bits()]).toEqual([base, other, base]);
  return { base, law: one, tax: other, decoded: decoded.join() };
}

const uncut = await withWafer({ ...usual, grid: '1x1' }, saidBy);

test('the bits through adapters are those that they were when they first were served', () => {
  const { decoded: _, ...hashes } = uncut;
  expect(hashes).toEqual({
    base: '500356306ba17bddc0d683995a74c2c3',
    law: '9568ed7c613576b44502350a6ddd2daa',
    tax: '10f18f8d1e3813f1fa292af54b2ae958',
  });
});

test.each<Partial<WaferOptions>>([
  { link: 'port', grid: '2x1', dice: '2x1' },
  { link: 'unix', grid: '2x2', dice: '2x1', stages: 2 },
  { link: 'tcp', grid: '3x1', dice: '3x1', prefillChunk: 5 },
])('adapters are loaded into chips, with the bits of the wafer uncut, on %o', async (cut) => {
  const said = await withWafer({ ...usual, ...cut }, saidBy);
  expect(said).toEqual(uncut);
});

test('adapters travel to chips that were joined, in frames with tags', async () => {
  const secret = new Uint8Array(32).fill(7);
  const listening = [0, 1].map(() => Promise.withResolvers<{ port: number }>());
  const served = listening.map(({ resolve }) =>
    serveChip({
      ...{ listen: { kind: 'tcp', host: '127.0.0.1', port: 0 }, secret, rounding: 'fused' },
      revectorize: false,
      onListening: (address) => resolve(address as { port: number }),
      onRefused: () => undefined,
    }),
  );
  const ports = await Promise.all(listening.map(({ promise }) => promise));
  const chips = ports.map(({ port }) => `127.0.0.1:${port}`);
  const joined = { grid: '2x1', dice: '2x1', link: 'tcp', chips, secret } as const;
  const said = await withWafer({ ...usual, ...joined }, saidBy);
  expect(said).toEqual(uncut);
  await Promise.all(served);
});

/** A wafer whose second chip hears nothing more, and a load that waits for it. */
async function stalled(): Promise<{ wafer: Wafer; victim: number; loading: Promise<unknown> }> {
  const limits = { stuckMs: 60_000, chipMs: 60_000, closeMs: 500 };
  const cut = { grid: '2x1', dice: '2x1', link: 'unix', limits } as const;
  const wafer = await Wafer.start({ ...usual, contextTokens: 128, ...cut });
  const [, victim = 0] = wafer.processIds;
  process.kill(victim, 'SIGSTOP');
  const loading = wafer.loadAdapter(law, { name: 'law' }).catch((error: unknown) => error);
  const first = await Promise.race([loading, sleep(100, 'still loading')]);
  expect(first).toBe('still loading');
  return { wafer, victim, loading };
}

test('a chip that dies while an adapter travels to it ends the load with its name', async () => {
  const { wafer, victim, loading } = await stalled();
  process.kill(victim, 'SIGKILL');
  const died = { code: 'CHIP_DIED', details: { chip: 'Wafer.Chip[1]' } };
  expect(await loading).toMatchObject(died);
  expect(await wafer.closed).toMatchObject(died);
  expect(wafer.adapters).toEqual([]);
  await expect(wafer.loadAdapter(tax, { name: 'tax' })).rejects.toMatchObject({
    code: expect.stringMatching(/CHIP_DIED|WAFER_CLOSED/),
  });
  await wafer.close();
  for (const pid of wafer.processIds) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('a wafer that is closed while an adapter is loaded ends the load, and its chips', async () => {
  const { wafer, loading } = await stalled();
  await wafer.close();
  expect(await loading).toMatchObject({ code: 'WAFER_CLOSED' });
  for (const pid of wafer.processIds) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});
