/**
 * The bits of every kind of layer, on tiles, plans, chips, in batches and chunks.
 *
 * Four families use all that a spec can say: windows, sinks and biased experts (GPT-OSS); chunks,
 * layers without positions, weighted inputs and a shared expert (Llama 4); norms after each part
 * and half rotated heads (GLM-4); a choice within groups after a dense layer (GLM-4.5).
 */
import { expect, test } from 'vitest';
import { syntheticModel } from '@wafer/models';
import type { Model, WaferOptions } from '@wafer/runtime';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';
import type { GoldenFamily } from '../golden/family-specs.ts';
import { greedy, logitBits, seededTokens, withWafer } from './wafers.ts';

const FAMILIES: readonly GoldenFamily[] = [
  'gpt-oss, tight clamp',
  'llama4',
  'glm4',
  'glm4-moe, groups',
];

function modelOf(family: GoldenFamily): Model {
  const spec = FAMILY_GOLDEN_SPECS[family];
  return syntheticModel({ name: family, spec, type: 'q8_0', seed: 7 });
}

const LAYOUTS: readonly Partial<WaferOptions>[] = [
  { grid: '3x2', stages: 2, dice: '3x1', experts: 'whole', threads: 2, prefillChunk: 5 },
  { grid: '4x1', experts: 'rows', threads: 2 },
];

test.each(FAMILIES)('%s: logits are the same bits on any layout, alone or not', async (family) => {
  const model = modelOf(family);
  const prompt = seededTokens(model, 24);
  const one = await withWafer({ model, grid: '1x1' }, (wafer) => logitBits(wafer, prompt));
  for (const layout of LAYOUTS) {
    const [bits] = await withWafer({ model, ...layout }, (wafer) =>
      Promise.all([
        logitBits(wafer, prompt),
        ...[9, 14].map((count) => greedy(wafer, seededTokens(model, count, count), 10)),
      ]),
    );
    expect(bits, JSON.stringify(layout)).toEqual(one);
  }
});

test.each(['gpt-oss, tight clamp', 'llama4'] as const)(
  '%s: decoding, reuse and preemption see what a prefill sees',
  async (family) => {
    const model = modelOf(family);
    const prompts = [20, 21, 22, 23].map((count) => seededTokens(model, count, 1));
    const run = (options: Partial<WaferOptions>): Promise<[number[][], number]> =>
      withWafer({ model, grid: '2x1', ...options }, async (wafer) => {
        const answers = await Promise.all(prompts.map((tokens) => greedy(wafer, tokens, 24)));
        const again = await greedy(wafer, prompts[0]!, 24);
        expect(again).toEqual(answers[0]);
        return [answers, (await wafer.metrics()).scheduler.preemptionCount];
      });
    const [roomy, none] = await run({ kvTokens: 2048, reusePrefixes: false });
    const [tight, some] = await run({ kvTokens: 128 });
    expect([none, some > 0]).toEqual([0, true]);
    expect(tight).toEqual(roomy);
    // Each answer again, as a prompt: its tokens are the choices after each position.
    const first = prompts[0]!;
    const answer = roomy[0]!;
    const whole = await withWafer({ model, grid: '1x1' }, (wafer) =>
      logitBits(wafer, [...first, ...answer]),
    );
    expect(whole.slice(first.length - 1, -1).map(likeliest)).toEqual(answer);
  },
);

function likeliest(bits: Uint32Array): number {
  const logits = new Float32Array(bits.buffer);
  return logits.indexOf(Math.max(...logits));
}
