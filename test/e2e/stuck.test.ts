/**
 * Threads that are there but do not move: they are noticed, named, and end with the wafer.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { Wafer } from '@wafer/runtime';
import type { WaferOptions, WaferState } from '@wafer/runtime';

const folder = mkdtempSync(join(tmpdir(), 'wafer-stuck-'));
const file = join(folder, 'held');
const hook = new URL('./programs/hold-thread.ts', import.meta.url).href;
const limits = { heartbeatMs: 50, stuckMs: 1500, chipMs: 1000, closeMs: 300 };

beforeAll(() => {
  process.env['HOLD_FILE'] = file;
  process.execArgv.push('--import', hook);
});
afterEach(() => rmSync(file, { force: true }));
afterAll(() => {
  process.execArgv.splice(-2);
  rmSync(folder, { recursive: true });
});

async function start(options: Partial<WaferOptions> = {}): Promise<[Wafer, WaferState[]]> {
  const states: WaferState[] = [];
  const onState = (state: WaferState): void => void states.push(state);
  const model = 'synthetic:tiny';
  return [await Wafer.start({ model, grid: '2x1', limits, onState, ...options }), states];
}

async function answer(wafer: Wafer): Promise<number> {
  let count = 0;
  for await (const _ of wafer.generate([1, 2, 3], { maxTokens: 4 })) count++;
  return count;
}

test('a thread that loops ends all requests by name, and close returns', async () => {
  const [wafer, states] = await start();
  expect(await answer(wafer)).toBe(4);
  writeFileSync(file, '1 loop');
  const error = { code: 'TILE_STUCK', details: { who: 'Wafer.Tile[1][0]' } };
  const requests = [answer(wafer), answer(wafer)];
  const ends = await Promise.allSettled(requests);
  expect(ends[0]).toMatchObject({ status: 'rejected', reason: error });
  expect(ends[1]).toMatchObject({ status: 'rejected', reason: error });
  expect(await wafer.closed).toMatchObject(error);
  await expect(wafer.metrics()).rejects.toMatchObject(error);
  expect(wafer.state).toBe('failed');
  await wafer.close();
  expect(states).toEqual(['starting', 'running', 'failed', 'closing', 'closed']);
});

test('closing ends a thread that does not move, before anybody noticed', async () => {
  const [wafer, states] = await start({ limits: { ...limits, stuckMs: 60_000 } });
  writeFileSync(file, '0 loop');
  const request = answer(wafer);
  request.catch(() => undefined);
  await wafer.close();
  await expect(request).rejects.toMatchObject({ code: 'WAFER_CLOSED' });
  expect(await wafer.closed).toBeUndefined();
  expect(states).toEqual(['starting', 'running', 'closing', 'closed']);
});
