/**
 * Exactness where layers see a window or a chunk, heads have sinks, or the KV cache is narrow: the
 * bits of logits depend on no layout, no chunking and no schedule, and every option does something.
 */
import { beforeAll, expect, test } from 'vitest';
import type { LayerSpec, ModelSpec } from '@wafer/core';
import { SYNTHETIC_SPECS, syntheticModel } from '@wafer/models';
import type { Model, Wafer, WaferOptions } from '@wafer/runtime';
import { greedy, logitBits, seededTokens, withWafer } from './wafers.ts';

const TINY = SYNTHETIC_SPECS['tiny']!;
const TOKEN_COUNT = 45;

/** Layers that see by turns; the window is no multiple of a block. */
function model(sees: readonly LayerSpec['sees'][], changes: Partial<ModelSpec> = {}): Model {
  const spec: ModelSpec = {
    ...TINY,
    vocabCount: 257,
    modelWidth: 48,
    layerCount: 4,
    headCount: 6,
    kvHeadCount: 3,
    headWidth: 16,
    ffnWidth: 96,
    rope: { ...TINY.rope, rotaryWidth: 16 },
    layers: {
      leading: [],
      repeating: sees.map((what) => ({ sees: what, isRotated: true, ffn: 'dense' })),
    },
    attention: { ...TINY.attention, windowTokens: 21 },
    ...changes,
  };
  const made = syntheticModel({ name: 'mask', spec, type: 'f32', seed: 3 });
  return { ...made, special: { ...made.special, ends: [] } };
}

const SINKS = { attention: { ...TINY.attention, windowTokens: 21, hasSinks: true } };

const models = {
  all: model(['all']),
  window: model(['window', 'all']),
  'chunk with sinks': model(['chunk', 'all'], SINKS),
};
type Name = keyof typeof models;
const prompt = seededTokens(models.all, TOKEN_COUNT);

function bitsOf(name: Name, layout: Partial<WaferOptions>): Promise<Uint32Array[]> {
  return withWafer({ model: models[name], ...layout }, (wafer) => logitBits(wafer, prompt));
}

/** Tiles, stages, short chunks, and a KV cache so large that windows have a pool of their own. */
const CUT = {
  ...{ grid: '2x2', stages: 2, prefillChunk: 7, tokensPerStep: 13 },
  ...{ sequences: 2, kvTokens: 1024 },
};

const references = new Map<Name, Uint32Array[]>();

beforeAll(async () => {
  for (const name of Object.keys(models) as Name[]) {
    references.set(name, await bitsOf(name, { grid: '1x1' }));
  }
});

test.each(['window', 'chunk with sinks'] as const)(
  'logits of layers with a %s are the same bits on tiles and stages, in chunks of 7',
  async (name) => {
    expect(await bitsOf(name, CUT)).toEqual(references.get(name));
  },
);

/** What several requests answer at once, and then when their conversations go on. */
async function answers(options: Partial<WaferOptions>): Promise<{
  tokens: number[][];
  metrics: Awaited<ReturnType<Wafer['metrics']>>;
}> {
  const given = { model: models.window, contextTokens: 256, sequences: 2, tokensPerStep: 16 };
  const prompts = [45, 30, 50, 17].map((count, i) =>
    seededTokens(models.all, count, 1 + (i >> 1) * i),
  );
  return await withWafer({ ...given, ...options }, async (wafer) => {
    const ask = (of: number[][], maxTokens: (index: number) => number): Promise<number[][]> =>
      Promise.all(of.map((tokens, i) => greedy(wafer, tokens, maxTokens(i))));
    const first = await ask(prompts, (i) => 60 + 20 * i);
    const conversations = prompts.map((tokens, i) => [...tokens, ...first[i]!]).toReversed();
    const tokens = [...first, ...(await ask(conversations, () => 20))];
    return { tokens, metrics: await wafer.metrics() };
  });
}

test('layers with windows keep what is seen: fewer blocks, the same tokens', async () => {
  const kept = await answers({ kvTokens: 1024, releaseWindows: false });
  expect(kept.metrics.windows).toBeUndefined();
  // So little room that sequences are preempted and computed again.
  const given = await answers({ kvTokens: 208, grid: '2x1', stages: 2, prefillChunk: 7 });
  const { windows, kv, scheduler } = given.metrics;
  expect(windows!.blockCount).toBe(2 * 4 + 1 + 3);
  expect(windows!.evictionCount).toBeGreaterThan(0);
  expect(kv.hitCount).toBeGreaterThan(0);
  expect(scheduler.preemptionCount).toBeGreaterThan(0);
  expect(given.tokens).toEqual(kept.tokens);
});

test('a KV cache of q8_0 has other logits, with bits as independent of the layout', async () => {
  const one = await bitsOf('chunk with sinks', { kv: 'q8_0', grid: '1x1' });
  expect(one).not.toEqual(references.get('chunk with sinks'));
  expect(await bitsOf('chunk with sinks', { kv: 'q8_0', ...CUT })).toEqual(one);
});

test('a window changes logits from the first hidden position on, sinks all of them', () => {
  const [all, window, sinks] = (Object.keys(models) as Name[]).map((name) => references.get(name)!);
  expect(window!.slice(0, 21)).toEqual(all!.slice(0, 21));
  for (const [position, row] of all!.entries()) {
    if (position >= 21) expect(window![position]).not.toEqual(row);
    expect(sinks![position]).not.toEqual(row);
  }
});
