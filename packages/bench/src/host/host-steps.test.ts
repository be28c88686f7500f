import { rowsOf } from '@wafer/core';
import { openSynthetic, withoutEnds } from '@wafer/models';
import { Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { HostRow } from './host-row.ts';
import { hostSteps } from './told-row.ts';

const TASK = { promptTokens: 40, maxTokens: 4 };

test('a prompt is told in the steps in which a wafer reads it', async () => {
  for (const prefillChunk of [16, 8, 64]) {
    const chunked = { tokensPerStep: 64, prefillChunk, reusePrefixes: false, recordSteps: true };
    await using wafer = await Wafer.start({ model: 'synthetic:tiny', grid: '1x1', ...chunked });
    const prompt = Array.from({ length: TASK.promptTokens }, (_, i) => i + 1);
    await Array.fromAsync(wafer.generate(prompt, { maxTokens: 1 }));
    const { steps } = await wafer.metrics();
    const { prefill } = hostSteps(TASK, { prefillChunk });
    expect(prefill.map(rowsOf)).toEqual(steps?.map(({ tokens }) => tokens.length));
    expect(prefill.map(({ logitRows }) => logitRows).join('')).toMatch(/^0*1$/);
    const starts = prefill.map(({ segments: [segment] }) => segment!.startPosition);
    expect(starts).toEqual(prefill.map((_, i) => i * prefillChunk));
  }
});

test('a wafer is asked until its code is compiled, but for a quick look', async () => {
  const name = { model: 'tiny', tiles: 1, link: 'none' };
  const task = { prompt: [1, 2, 3], maxTokens: 4, signal: new AbortController().signal };
  const model = withoutEnds(openSynthetic('synthetic:tiny'));
  const start = (options: WaferOptions): Promise<Wafer> => Wafer.start(options);
  const askedTokens = async (isQuick: boolean): Promise<number> => {
    const use = { model, task, options: { grid: '1x1' }, isQuick, start };
    const { wafer } = await HostRow.open(name, use);
    await using started = wafer;
    return (await started.metrics()).generatedTokens;
  };
  expect(await askedTokens(true)).toBe(task.maxTokens);
  expect(await askedTokens(false)).toBeGreaterThan(600);
});

test('a wafer that cannot be warmed up is closed', async () => {
  const prompt = [1, 2, 3];
  const stop = new AbortController();
  const wafers: Wafer[] = [];
  const start = async (options: WaferOptions): Promise<Wafer> => {
    const wafer = await Wafer.start(options);
    wafers.push(wafer);
    stop.abort(new Error('enough'));
    return wafer;
  };
  const model = openSynthetic('synthetic:tiny');
  const task = { prompt, maxTokens: 4, signal: stop.signal };
  const use = { model, task, options: { grid: '1x1' }, isQuick: true, start };
  const name = { model: 'tiny', tiles: 1, link: 'none' };
  await expect(HostRow.open(name, use)).rejects.toThrow('enough');
  const [wafer] = wafers;
  await using _ = wafer!;
  await expect(Array.fromAsync(wafer!.generate(prompt))).rejects.toThrow(/WAFER_CLOSED/);
});
