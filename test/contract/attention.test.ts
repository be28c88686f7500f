/**
 * Exactness where layers see a window or a chunk, heads have sinks, or the KV cache is narrow: the
 * bits of logits depend on no layout, no chunking and no schedule, and every option does something.
 */
import { beforeAll, expect, test } from 'vitest';
import type { LayerSpec, ModelSpec } from '@wafer/core';
import { syntheticModel, SYNTHETIC_SPECS } from '@wafer/runtime';
import type { Model, WaferOptions } from '@wafer/runtime';
import { logitBits, seededTokens, withWafer } from './wafers.ts';

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
  return syntheticModel({ name: 'sight', spec, type: 'f32', seed: 3 });
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

const references = new Map<Name, Uint32Array[]>();

beforeAll(async () => {
  for (const name of Object.keys(models) as Name[]) {
    references.set(name, await bitsOf(name, { grid: '1x1' }));
  }
});

test.each(['window', 'chunk with sinks'] as const)(
  'logits of layers with a %s are the same bits on tiles and stages, in chunks of 7',
  async (name) => {
    const layout = { grid: '2x2', stages: 2, prefillChunk: 7, tokensPerStep: 13 };
    expect(await bitsOf(name, layout)).toEqual(references.get(name));
  },
);

test.each(['f16', 'q8_0'] as const)(
  'a KV cache of %s gives other logits, with bits as independent of the layout',
  async (kv) => {
    const one = await bitsOf('chunk with sinks', { kv, grid: '1x1' });
    expect(one).not.toEqual(references.get('chunk with sinks'));
    const layout = { grid: '2x2', stages: 2, prefillChunk: 7, tokensPerStep: 13 };
    expect(await bitsOf('chunk with sinks', { kv, ...layout })).toEqual(one);
  },
);

test('a window changes logits from the first hidden position on, sinks all of them', () => {
  const [all, window, sinks] = (Object.keys(models) as Name[]).map((name) => references.get(name)!);
  expect(window!.slice(0, 21)).toEqual(all!.slice(0, 21));
  for (const [position, row] of all!.entries()) {
    if (position >= 21) expect(window![position]).not.toEqual(row);
    expect(sinks![position]).not.toEqual(row);
  }
});
