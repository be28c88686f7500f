/**
 * Adapters per request: what a request computes with one is the base's plain reference with that
 * change, to the bit, whatever the layout, and whoever is in the same step.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LowRankChange } from '@wafer/core';
import { openAdapter, readChanges, syntheticAdapter, syntheticModel } from '@wafer/models';
import {
  SYNTHETIC_SPECS,
  withAdapter,
  writeGgufAdapter,
  writeModel,
  writePeft,
} from '@wafer/models';
import { openModel } from '@wafer/runtime';
import type { Model, Piece, Wafer, WaferOptions } from '@wafer/runtime';
import { referenceOf } from './reference.ts';
import { logitBits, seededTokens, withWafer } from './wafers.ts';

const spec = {
  ...SYNTHETIC_SPECS['tiny']!,
  vocabCount: 211,
  modelWidth: 48,
  headCount: 6,
  kvHeadCount: 3,
  headWidth: 8,
  ffnWidth: 104,
  rope: { ...SYNTHETIC_SPECS['tiny']!.rope, rotaryWidth: 8 },
};
const folder = mkdtempSync(join(tmpdir(), 'wafer-adapters-'));
afterAll(() => rmSync(folder, { recursive: true }));

const model = syntheticModel({ name: 'base', spec, type: 'f32', seed: 7 });
const prompt = seededTokens(model, 21);

/** Adapters on disk, by name: of several ranks, of some matrices, one that changes nothing. */
const paths = Object.fromEntries(
  Object.entries({
    law: { rank: 16, seed: 1 },
    tax: { rank: 3, seed: 2 },
    few: { rank: 20, seed: 3, targets: ['q', 'v', 'down'] as const },
    none: { rank: 8, seed: 4, isZero: true },
  }).map(([name, of]) => {
    const path = join(folder, name);
    writePeft(path, syntheticAdapter(spec, of));
    return [name, path];
  }),
);
const names = Object.keys(paths);
const room = { slots: names.length, rank: 20 };

/** The bits of the plain reference with an adapter. */
function referenceBits(of: Model, path: string): Uint32Array[] {
  const changes = new Map<string, LowRankChange>();
  for (const [name, { a, b, rank, scale }] of readChanges(openAdapter(of.spec, path))) {
    changes.set(name, { a, b: b.map((value) => value * scale), rank });
  }
  const rows = referenceOf(of, prompt, 'fused', (name) => changes.get(name));
  return rows.map((row) => new Uint32Array(row.buffer));
}

const plain = referenceOf(model, prompt).map((row) => new Uint32Array(row.buffer));
const references = new Map(names.map((name) => [name, referenceBits(model, paths[name]!)]));

/** W + s B A is rounded once more, and sums go in another order: a few ulp of values near 1. */
function expectNear(actual: readonly Uint32Array[], expected: readonly Uint32Array[]): void {
  actual.forEach((row, position) => {
    const reference = new Float32Array(expected[position]!.buffer);
    new Float32Array(row.buffer).forEach((value, id) => {
      expect(Math.abs(value - reference[id]!)).toBeLessThan(1e-4);
    });
  });
}

/** A wafer with all adapters. */
async function withAdapters<Result>(
  options: Partial<WaferOptions>,
  use: (wafer: Wafer) => Promise<Result>,
): Promise<Result> {
  return await withWafer({ model, adapters: room, ...options }, async (wafer) => {
    for (const name of names) await wafer.loadAdapter(paths[name]!, { name });
    return await use(wafer);
  });
}

/** Tokens and the bits of their logprobs. */
async function answer(
  wafer: Wafer,
  { tokens, adapter }: { tokens: readonly number[]; adapter: string | undefined },
): Promise<(number | undefined)[][]> {
  const pieces: Piece[] = [];
  const options = { maxTokens: 6, temperature: 0, logprobs: 1, adapter };
  for await (const piece of wafer.generate(tokens, options)) pieces.push(piece);
  return pieces.map(({ token, logprob }) => [token, logprob]);
}

test.each([
  { grid: '1x1' },
  { grid: '3x1', prefillChunk: 5 },
  { grid: '2x2', stages: 2, dice: '2x1', prefillChunk: 1 },
])('logits through an adapter are those of the reference with it, on %o', async (layout) => {
  await withAdapters(layout, async (wafer) => {
    const all = await Promise.all(names.map((adapter) => logitBits(wafer, prompt, { adapter })));
    all.forEach((bits, i) => {
      expect(bits, names[i]).toEqual(references.get(names[i]!));
    });
    // Where B is 0 these are the bits of the base, which are those without room for adapters.
    const base = await logitBits(wafer, prompt);
    expect(base).toEqual(all[names.indexOf('none')]);
    expect(base).not.toEqual(all[0]);
    expect(base).toEqual(plain);
  });
});

test('quantized matrices keep A and B in f32, and Megatron its own order', async () => {
  const quantized = syntheticModel({
    ...{ name: 'q8_0', type: 'q8_0', seed: 7 },
    spec: { ...spec, modelWidth: 64, headWidth: 32, headCount: 3, ffnWidth: 96 },
  });
  const path = join(folder, 'quantized');
  writePeft(path, syntheticAdapter(quantized.spec, { rank: 8, seed: 5 }));
  const bits = (options: Partial<WaferOptions>): Promise<Uint32Array[]> =>
    withWafer({ model: quantized, adapters: room, ...options }, async (wafer) => {
      await wafer.loadAdapter(path, { name: 'one' });
      return await logitBits(wafer.adapted('one'), prompt);
    });
  const expected = referenceBits(quantized, path);
  expect(await bits({ grid: '2x1' })).toEqual(expected);
  expectNear(await bits({ grid: '2x1', tensorPlan: 'megatron' }), expected);
});

test('adapters in one batch answer as each alone, with reused prefixes or without', async () => {
  const asked = [undefined, ...names, 'law', undefined, 'tax'].map((adapter, i) => ({
    adapter,
    // The first ones begin alike: no prefix of one may serve another.
    tokens: i < 6 ? prompt : seededTokens(model, 20 + i, i),
  }));
  const alone = await withAdapters({ grid: '2x1', reusePrefixes: false }, async (wafer) => {
    const answers: unknown[] = [];
    for (const one of asked) answers.push(await answer(wafer, one));
    return answers;
  });
  expect(new Set(alone.map((one) => JSON.stringify(one))).size).toBe(6); // law twice, none as base
  await withAdapters({ grid: '2x1', tokensPerStep: 48 }, async (wafer) => {
    for (const _ of ['cold', 'warm']) {
      expect(await Promise.all(asked.map((one) => answer(wafer, one)))).toEqual(alone);
    }
    const { hitCount } = (await wafer.metrics()).kv;
    expect(hitCount).toBeGreaterThan(0);
    // Another adapter of the same name and slot finds nothing of the one before.
    const open = answer(wafer, asked[1]!);
    await wafer.unloadAdapter('law');
    expect(await open).toEqual(alone[1]);
    await wafer.loadAdapter(paths['tax']!, { name: 'law' });
    expect(await answer(wafer, { ...asked[0]!, adapter: 'law' })).toEqual(alone[2]);
  });
});

test('a merged model is near, and a GGUF adapter is the same adapter', async () => {
  const expected = references.get('law')!;
  const [saved, other] = [join(folder, 'base'), join(folder, 'base.gguf')];
  writeModel({ model, format: 'safetensors', path: saved });
  writeModel({ model, format: 'gguf', path: other });
  const gguf = join(folder, 'law.gguf');
  writeGgufAdapter(gguf, syntheticAdapter(spec, { rank: 16, seed: 1 }));
  expect(referenceBits(model, gguf)).toEqual(expected);
  // Rotated rows lie otherwise in GGUF's models, and in their adapters alike.
  expectNear(referenceBits(await openModel(other), gguf), expected);
  const merged = { model: withAdapter(await openModel(saved), gguf), grid: '1x1' };
  expectNear(await withWafer(merged, (one) => logitBits(one, prompt)), expected);
});

test('64 slots hold 64 adapters at once, and what does not fit is refused by code', async () => {
  const options = { model, grid: '1x1', adapters: { slots: 64, rank: 8, targets: ['q'] } } as const;
  const path = join(folder, 'q');
  const targets = ['q'] as const;
  await withWafer({ ...options, sequences: 64 }, async (wafer) => {
    for (let i = 0; i < 64; i++) {
      writePeft(path, syntheticAdapter(spec, { rank: 4, seed: i, targets }));
      await wafer.loadAdapter(path, { name: `a${i}` });
    }
    expect(wafer.adapters).toHaveLength(64);
    const one = (i: number): Promise<unknown> =>
      answer(wafer, { tokens: prompt, adapter: `a${i}` });
    const all = await Promise.all(Array.from({ length: 64 }, (_, i) => one(i)));
    expect(new Set(all.map((pieces) => JSON.stringify(pieces))).size).toBe(64);
    expect(await one(63)).toEqual(all[63]);
    const refused = async (code: string, from: string, name: string): Promise<void> => {
      await expect(wafer.loadAdapter(from, { name })).rejects.toMatchObject({ code });
    };
    await refused('ADAPTER_SLOTS', path, 'one more');
    await wafer.unloadAdapter('a0');
    await refused('REQUEST_INVALID', path, 'a1');
    // The thread is free between matrices; who comes meanwhile finds name and slot taken.
    let isFree = false;
    setImmediate(() => {
      isFree = true;
    });
    const loading = wafer.loadAdapter(path, { name: 'slow' });
    await refused('ADAPTER_SLOTS', path, 'other');
    await loading;
    expect(isFree).toBe(true);
    await wafer.unloadAdapter('slow');
    await refused('ADAPTER_TARGET', paths['law']!, 'other');
    writePeft(path, syntheticAdapter(spec, { rank: 17, seed: 1, targets }));
    await refused('ADAPTER_RANK', path, 'other');
    const wide = { ...spec, modelWidth: 56 };
    writePeft(path, syntheticAdapter(wide, { rank: 4, seed: 1, targets }));
    await refused('TENSOR_SHAPE', path, 'other');
    await refused('MODEL_UNREADABLE', join(folder, 'absent'), 'other');
    const usual = syntheticAdapter(spec, { rank: 4, seed: 1, targets });
    const huge = [...usual.changes].map(([tensor, { a, b }]) => {
      return [tensor, { a, b: new Float32Array(b.length).fill(3e38) }] as const;
    });
    writePeft(path, { ...usual, alpha: 8, changes: new Map(huge) });
    await refused('TENSOR_NOT_FINITE', path, 'other');
    const config = join(path, 'adapter_config.json');
    const said = JSON.parse(readFileSync(config, 'utf8')) as object;
    for (const other of [
      { lora_alpha: 1e300 },
      { lora_alpha: 0 },
      { alora_invocation_tokens: [1] },
    ]) {
      writeFileSync(config, JSON.stringify({ ...said, ...other }));
      await refused('CONFIG_INVALID', path, 'other');
    }
    const nameless = [
      () => wafer.loadAdapter(path, undefined as never),
      () => wafer.loadAdapter(path, {} as never),
      () => wafer.loadAdapter(undefined as never, { name: 'other' }),
      () => wafer.unloadAdapter(undefined as never),
      async () => wafer.adapted(undefined as never),
      () => wafer.score(prompt, { adaptor: 'a1' } as object),
      () => logitBits(wafer, prompt, { adaptor: 'a1' } as object),
    ];
    for (const ask of nameless) {
      await expect(ask()).rejects.toMatchObject({ code: 'REQUEST_INVALID' });
    }
    await expect(one(0)).rejects.toMatchObject({ code: 'ADAPTER_UNKNOWN' });
    await expect(wafer.score(prompt, { adapter: 'a0' })).rejects.toThrow('ADAPTER_UNKNOWN');
    expect(() => wafer.adapted('a0')).toThrow('ADAPTER_UNKNOWN');
  });
});

test('an adapter is not loaded on a wafer that was closed meanwhile', async () => {
  await withWafer({ model, adapters: { slots: 1, rank: 4 } }, async (wafer) => {
    const loading = wafer.loadAdapter(paths['tax']!, { name: 'tax' });
    await Promise.all([
      expect(loading).rejects.toMatchObject({ code: 'WAFER_CLOSED' }),
      wafer.close(),
    ]);
  });
});
