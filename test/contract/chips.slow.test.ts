/**
 * Chips as threads and as processes: the same bits, and the traffic that the plan says.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { auditSteps } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { greedy, logitBits, seededTokens, withWafer } from './wafers.ts';

const model = await openModel('synthetic:tiny');
const prompt = seededTokens(model, 21);
const uncut = await withWafer({ model, grid: '1x1' }, async (wafer) => ({
  logits: await logitBits(wafer, prompt),
  tokens: await greedy(wafer, prompt, 10),
}));

const links = ['port', 'unix', 'tcp'] as const;
const cuts: Partial<WaferOptions>[] = [
  { grid: '2x1', dice: '1x1' },
  { grid: '3x2', dice: '2x1', stages: 2 },
  { grid: '2x2', dice: '2x2' },
];
const cases = links.flatMap((link) => cuts.map((cut) => ({ link, ...cut })));

test.each(cases)('bits and traffic are those of the plan on %o', async (options) => {
  await withWafer({ model, recordSteps: true, ...options }, async (wafer) => {
    expect(await logitBits(wafer, prompt)).toEqual(uncut.logits);
    const others = [5, 17].map((count) => greedy(wafer, seededTokens(model, count, count), 6));
    expect(await greedy(wafer, prompt, 10)).toEqual(uncut.tokens);
    await Promise.all(others);
    const { steps } = await wafer.metrics();
    const counted = wafer
      .traffic()
      .channels.map(({ channel, messages, payloadBytes }) => ({ channel, messages, payloadBytes }));
    expect(counted).toEqual(auditSteps(wafer.plan, steps ?? []));
  });
});

test('between processes, a message that crosses costs a frame and a credit more', async () => {
  const options = { model, grid: '4x1', dice: '2x1', link: 'unix' } as const;
  await withWafer(options, async (wafer) => {
    await greedy(wafer, [1, 2, 3], 4);
    const chipOf = (tile: number): number => (tile < 2 ? 0 : 1);
    for (const { channel, messages, overheadBytes } of wafer.traffic().channels) {
      const { source, target, kind } = wafer.plan.channels[channel]!;
      const frames = chipOf(source) === chipOf(target) ? 0 : messages * (32 + 4 + 32);
      if (kind === 'rows') expect(overheadBytes).toBe(frames);
      else expect(overheadBytes > 0).toBe(frames > 0);
    }
  });
});

test('a wafer that is closed leaves no file and no process', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  vi.stubEnv('TMPDIR', folder);
  let pids: number[] = [];
  await withWafer({ model, grid: '2x1', dice: '2x1', link: 'unix' }, async (wafer) => {
    vi.unstubAllEnvs();
    pids = [...wafer.processIds];
    expect(pids.length).toBe(2);
    expect(readdirSync(folder)).toHaveLength(1);
    await greedy(wafer, prompt, 2);
  });
  for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
  expect(readdirSync(folder)).toEqual([]);
});
