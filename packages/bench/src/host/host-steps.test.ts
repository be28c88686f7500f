import { rowsOf } from '@wafer/core';
import { Wafer } from '@wafer/runtime';
import { expect, test } from 'vitest';
import { hostSteps } from './host-row.ts';

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
