/**
 * Threads and chips that stop while nothing runs, or while they start: noticed without a request.
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

test.each([
  ['1 block', 'Wafer.Tile[1][0]'],
  ['engine block', 'Wafer.Engine'],
])('a thread that is held while idle (%s) is noticed without a request', async (held, who) => {
  const [wafer] = await start();
  writeFileSync(file, held);
  expect(await wafer.closed).toMatchObject({ code: 'TILE_STUCK', details: { who } });
  expect(wafer.state).toBe('failed');
  await expect(answer(wafer)).rejects.toMatchObject({ code: 'TILE_STUCK' });
  await wafer.close();
});

test('a thread that is held while it starts ends the start', async () => {
  writeFileSync(file, '0 loop');
  await expect(start()).rejects.toMatchObject({ code: 'TILE_STUCK' });
});

test.each(['SIGSTOP', 'SIGKILL'] as const)(
  'a chip that gets %s while idle is noticed without a request',
  async (signal) => {
    const [wafer, states] = await start({
      dice: '2x1',
      link: 'unix',
      limits: { ...limits, stuckMs: 60_000 },
    });
    expect(await answer(wafer)).toBe(4);
    process.kill(wafer.processIds[1]!, signal);
    const error = await wafer.closed;
    expect(error).toMatchObject({ code: signal === 'SIGSTOP' ? 'TILE_STUCK' : 'CHIP_DIED' });
    expect(error?.message).toContain('Wafer.Chip[1]');
    expect(states.at(-1)).toBe('failed');
    await expect(answer(wafer)).rejects.toBe(error);
    await wafer.close();
    expect(() => process.kill(wafer.processIds[1]!, 0)).toThrow('ESRCH');
  },
);
