import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  dequantizeRow,
  ropeFrequencies,
  rotate,
  storedRowBytes,
  tensorRole,
  type ModelSpec,
  type RopeScaling,
  type WeightType,
} from '@wafer/core';
import { createTokenizer } from '@wafer/text';
import { afterAll, describe, expect, test } from 'vitest';
import { rowOrder, writeMatrix } from './convert-rows.ts';
import { openModel } from '../open/open-model.ts';
import { openReader } from '../weights/reader.ts';
import type { Model } from '../source/source.ts';
import { SYNTHETIC_SPECS, syntheticModel } from '../synthetic/synthetic.ts';
import { writeModel } from './write-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-write-'));
afterAll(() => rmSync(folder, { recursive: true }));

const TINY = SYNTHETIC_SPECS['tiny']!;
let nextPath = 0;

function path(ending: string): string {
  return join(folder, `${nextPath++}${ending}`);
}

function make(changes: Partial<ModelSpec> = {}, type: WeightType = 'f32'): Model {
  return syntheticModel({ name: 'tiny', spec: { ...TINY, ...changes }, type, seed: 3 });
}

/** All rows of a tensor as stored. */
function stored(model: Model, name: string): Uint8Array {
  const { type, rows, columns } = model.source.tensors[name]!;
  const bytes = new Uint8Array(rows * storedRowBytes(type, columns));
  const reader = openReader(model.source);
  reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, bytes);
  reader.close();
  return bytes;
}

async function rewrite(
  model: Model,
  options: Partial<Parameters<typeof writeModel>[0]>,
): Promise<Model> {
  const format = options.format ?? 'gguf';
  const target = path(format === 'gguf' ? '.gguf' : '');
  writeModel({ model, format, path: target, ...options });
  return openModel(target);
}

const ROTATED = /\.[qk](\.bias)?$/;
/** The largest error of values up to 0.18, by type. */
const STEPS = {
  f32: 0,
  f16: 2 ** -13,
  bf16: 2 ** -10,
  q8_0: 0.18 / 127,
  q4_0: 0.18 / 8,
  q4_1: 0.18 / 15,
  q5_0: 0.18 / 16,
  q5_1: 0.18 / 31,
  iq4_nl: (0.18 * 13) / 113, // half of the table's widest gap, and as much for the fit of the scale
  mxfp4: 0.18 / 3, // what is above 6 of 8 becomes 6
} as const satisfies Partial<Record<WeightType, number>>;
const TYPES = Object.keys(STEPS) as (keyof typeof STEPS)[];
const FLOATS: WeightType[] = ['f32', 'f16', 'bf16'];

describe('a written model opens with the same spec and rows', () => {
  test.each(TYPES)('GGUF %s', async (type) => {
    const model = make({}, type);
    const opened = await rewrite(model, {});
    expect(opened.spec).toEqual({ ...TINY, rope: { ...TINY.rope, layout: 'pairs' } });
    expect(opened.special).toEqual(model.special);
    for (const name of Object.keys(model.source.tensors)) {
      if (!ROTATED.test(name)) expect(stored(opened, name), name).toEqual(stored(model, name));
    }
    const text = 'Hello, wörld 12';
    expect(createTokenizer(opened.tokenizer!).encode(text)).toEqual(
      createTokenizer(model.tokenizer!).encode(text),
    );
  });

  test.each(FLOATS)('safetensors %s', async (type) => {
    const model = make({}, type);
    const opened = await rewrite(model, { format: 'safetensors' });
    expect(opened.spec).toEqual(TINY);
    expect(opened.special).toEqual(model.special);
    expect(opened.tokenizer).toEqual(model.tokenizer);
    for (const name of Object.keys(model.source.tensors)) {
      expect(stored(opened, name), name).toEqual(stored(model, name));
    }
  });

  test.each(['q2_k', 'q3_k', 'q4_k', 'q5_k', 'q6_k'] as const)('GGUF %s', async (type) => {
    const model = make({ vocabCount: 32, modelWidth: 256, ffnWidth: 512 }, type);
    const opened = await rewrite(model, {});
    for (const name of ['embed', 'layers.0.v', 'layers.1.down']) {
      expect(opened.source.tensors[name]!.type).toBe(type);
      expect(stored(opened, name), name).toEqual(stored(model, name));
    }
    // Heads of 4 × 16: inputs of the output matrix are no whole block.
    const smaller = { q2_k: 'iq4_nl', q3_k: 'iq4_nl', q4_k: 'q5_0', q5_k: 'q5_1', q6_k: 'q8_0' };
    expect(opened.source.tensors['layers.0.o']!.type).toBe(smaller[type]);
  });

  test('safetensors in several files', async () => {
    const model = make({ hasTiedEmbeddings: false });
    const target = path('');
    writeModel({ model, format: 'safetensors', path: target, shardCount: 4 });
    const shards = readdirSync(target).filter((name) => name.endsWith('.safetensors'));
    expect(shards).toHaveLength(4);
    const opened = await openModel(target);
    for (const name of Object.keys(model.source.tensors)) {
      expect(stored(opened, name), name).toEqual(stored(model, name));
    }
  });

  test('with biases and a head of its own', async () => {
    const biases = { qkv: true, attentionOutput: true, ffn: true };
    const model = make({ biases, hasTiedEmbeddings: false });
    const gguf = await rewrite(model, {});
    expect(gguf.spec).toMatchObject({ biases, hasTiedEmbeddings: false });
    const back = await rewrite(gguf, { format: 'safetensors' });
    expect(back.spec).toEqual(model.spec);
    for (const name of Object.keys(model.source.tensors)) {
      expect(stored(back, name), name).toEqual(stored(model, name));
    }
  });
});

test('GGUF rows of queries and keys rotate to the same scores', () => {
  const head = Float32Array.from({ length: 16 }, (_, i) => Math.sin(i + 1));
  const angles = new Float32Array(16).map((_, i) => (i % 2 === 0 ? 0.6 : 0.8));
  const shape = { tokenCount: 1, headCount: 1, headWidth: 16 };
  const order = rowOrder(TINY, { role: tensorRole({ part: 'q', isRotated: true }) }, 'pairs')!;
  const pairs = Float32Array.from(head, (_, i) => head[order(i)]!);
  rotate(head, angles, shape, { layout: 'halves', rotaryWidth: 16 });
  rotate(pairs, angles, shape, { layout: 'pairs', rotaryWidth: 16 });
  expect([...pairs]).toEqual(Array.from(head, (_, i) => head[order(i)]));
});

test('rows of a matrix of several pieces each go to their place', () => {
  const spec = { ...TINY, headWidth: 64 };
  const role = tensorRole({ part: 'm' });
  const order = rowOrder(spec, { role: { isRotated: true } }, 'pairs')!;
  // Pieces hold 1 MiB: 256 rows, and 64 in the second.
  const tensor = { name: 'm', role, use: 'matrix', type: 'f32', rows: 320, columns: 1024 } as const;
  const reader = openReader({ kind: 'synthetic', seed: 1, tensors: { m: tensor } });
  const pieces: Buffer[] = [];
  const target = { type: 'f32', order } as const;
  writeMatrix(reader, tensor, target, (bytes) => pieces.push(Buffer.from(bytes)));
  expect(pieces.map(({ length }) => length / 4096)).toEqual([256, 64]);
  const source = Buffer.alloc(320 * 4096);
  reader.readRows('m', { row: 0, rowCount: 320, column: 0, columnCount: 1024 }, source);
  const rowOf = (bytes: Buffer, row: number): Buffer =>
    bytes.subarray(row * 4096, (row + 1) * 4096);
  const written = Buffer.concat(pieces);
  for (let row = 0; row < 320; row++) {
    expect(rowOf(written, row).equals(rowOf(source, order(row)))).toBe(true);
  }
});

test('layouts are inverse to each other, also of heads that rotate in part', () => {
  const spec = { ...TINY, rope: { ...TINY.rope, rotaryWidth: 8 } };
  const key = { role: tensorRole({ part: 'k', isRotated: true }) };
  const there = rowOrder(spec, key, 'pairs')!;
  const pairs: ModelSpec = { ...spec, rope: { ...spec.rope, layout: 'pairs' } };
  const back = rowOrder(pairs, key, 'halves')!;
  const rows = Array.from({ length: 32 }, (_, row) => row);
  expect(rows.map((row) => there(back(row)))).toEqual(rows);
  expect(rows.slice(16).map(there)).toEqual([16, 20, 17, 21, 18, 22, 19, 23, ...rows.slice(24)]);
  expect(rowOrder(spec, { role: tensorRole({ part: 'v' }) }, 'pairs')).toBeUndefined();
});

describe('rope scaling survives', () => {
  const scalings: RopeScaling[] = [
    { kind: 'linear', factor: 4 },
    {
      kind: 'yarn',
      factor: 4,
      originalContext: 64,
      betaFast: 32,
      betaSlow: 1,
      attentionFactor: 1.25,
      truncate: true,
    },
    {
      kind: 'llama3',
      factor: 8,
      lowFrequencyFactor: 1,
      highFrequencyFactor: 4,
      originalContext: 64,
    },
  ];
  test.each(scalings)('$kind', async (scaling) => {
    const model = make({ rope: { ...TINY.rope, scaling } });
    const folded = await rewrite(model, { format: 'safetensors' });
    expect(folded.spec.rope).toEqual(model.spec.rope);
    const gguf = await rewrite(model, {});
    const [found, wanted] = [gguf.spec.rope, model.spec.rope].map(ropeFrequencies);
    // Factors are kept as f32.
    for (const [i, value] of wanted!.entries()) expect(found![i]! / value).toBeCloseTo(1, 6);
    if (scaling.kind !== 'yarn') return;
    const kept = gguf.spec.rope.scaling;
    expect(kept.kind === 'yarn' ? kept.attentionFactor : 0).toBeCloseTo(1.25, 6);
  });
});

describe('conversion', () => {
  test.each(TYPES)('of f32 to %s stays within half a step', async (type) => {
    const model = make();
    const opened = await rewrite(model, { type });
    const [source, target] = [model, opened].map((each) => {
      const info = each.source.tensors['layers.1.down']!;
      const row = new Float32Array(info.columns);
      dequantizeRow(row, { ...info, stored: stored(each, info.name) }, 7);
      return row;
    });
    // The largest value is √(3 / 96); a q8_0 step is a 127th of it, a q4_0 step an eighth.
    const step = STEPS[type];
    const worst = Math.max(...source!.map((value, i) => Math.abs(value - target![i]!)));
    expect(worst).toBeLessThanOrEqual(step);
    if (type !== 'f32') expect(worst).toBeGreaterThan(0);
  });
});

test('a matrix that a K-quant does not divide has smaller blocks, or none', async () => {
  const opened = await rewrite(make({ ffnWidth: 72 }), { type: 'q4_k' });
  expect(opened.source.tensors['layers.0.up']!.type).toBe('q5_0');
  expect(opened.source.tensors['layers.0.down']!.type).toBe('f16');
  expect(opened.source.tensors['norm']!.type).toBe('f32');
});

test.each(['gguf', 'safetensors'] as const)(
  'how to sample is kept in %s, with a temperature, at zero and without one',
  async (format) => {
    const rest = { topK: 20, topP: 0.5, minP: 0.25, repetitionPenalty: 1.25 };
    for (const sampling of [{ temperature: 0.5, ...rest }, { temperature: 0 }, rest, {}]) {
      const target = path('');
      writeModel({ model: { ...make(), sampling }, format, path: target, isForced: true });
      expect((await openModel(target)).sampling ?? {}).toEqual(sampling);
    }
  },
);

test('a folder written over holds what is new and nothing of the old model', async () => {
  const target = path('');
  const options = { format: 'safetensors', path: target, isForced: true } as const;
  const files = (): string[] => readdirSync(target).toSorted();
  writeModel({ ...options, model: make() });
  const single = files();
  for (const name of ['chat_template.jinja', 'generation_config.json', 'notes.txt']) {
    writeFileSync(join(target, name), '{"eos_token_id":9}');
  }
  mkdirSync(join(target, 'additional_chat_templates'));
  writeFileSync(join(target, 'additional_chat_templates/tool_use.jinja'), 'of the old model');
  const other = syntheticModel({ name: 'tiny', spec: TINY, type: 'f32', seed: 7 });
  writeModel({ ...options, model: other, shardCount: 2 });
  const opened = await openModel(target);
  expect(stored(opened, 'embed')).toEqual(stored(other, 'embed'));
  expect(opened.special).toEqual(other.special);
  expect(opened.tokenizer).toEqual(other.tokenizer);
  expect(files()).toContain('notes.txt');
  expect(readdirSync(join(target, 'additional_chat_templates'))).toEqual([]);
  writeModel({ ...options, model: opened });
  const left = ['additional_chat_templates', 'notes.txt'];
  expect(files().filter((name) => !left.includes(name))).toEqual(single);
  expect(stored(await openModel(target), 'embed')).toEqual(stored(other, 'embed'));
});

test.each([1, 3])('progress ends at the whole, with packed experts in %i files', async (shards) => {
  const model = await openModel('synthetic:gpt-oss:mxfp4');
  const options = { model, format: 'safetensors', path: path(''), type: 'mxfp4' } as const;
  const seen: number[] = [];
  let total = 0;
  writeModel({
    ...options,
    shardCount: shards,
    onProgress: ({ writtenBytes, totalBytes }) => {
      seen.push(writtenBytes);
      total = totalBytes;
    },
  });
  expect(seen.at(-1)).toBe(total);
  const name = 'layers.1.experts.2.down';
  expect(stored(await openModel(options.path), name)).toEqual(stored(model, name));
});

describe('writing is refused', () => {
  test('over something that is there, unless forced', () => {
    const target = path('.gguf');
    writeModel({ model: make(), format: 'gguf', path: target });
    const again = { model: make(), format: 'gguf', path: target } as const;
    expect(() => writeModel(again)).toThrow(/^OUTPUT_EXISTS/);
    writeModel({ ...again, isForced: true });
  });

  test('over any file of a set, however many it has in the end', () => {
    const target = path('.gguf');
    const options = { model: make(), format: 'gguf', path: target } as const;
    const first = writeModel({ ...options, shardCount: 1000 });
    const count = Number(/-of-(\d{5})\.gguf$/.exec(first)![1]);
    expect(count).toBeLessThan(1000);
    expect(() => writeModel({ ...options, shardCount: 1000 })).toThrow(/^OUTPUT_EXISTS/);
    rmSync(first);
    expect(() => writeModel({ ...options, shardCount: 1000 })).toThrow(/^OUTPUT_EXISTS.*-00002-/);
    expect(existsSync(first)).toBe(false);
    writeModel({ ...options, shardCount: 1000, isForced: true });
  });

  test('into a folder that does not exist, and nothing is left behind', () => {
    const target = join(folder, 'none', 'x.gguf');
    expect(() => writeModel({ model: make(), format: 'gguf', path: target })).toThrow(
      /^OUTPUT_FAILED/,
    );
    expect(existsSync(join(folder, 'none'))).toBe(false);
  });

  test('of block types as safetensors', () => {
    const options = { model: make({}, 'q8_0'), format: 'safetensors', path: path('') } as const;
    expect(() => writeModel(options)).toThrow(/^OUTPUT_FAILED.*q8_0/);
  });

  test('of 8-bit floats as GGUF', () => {
    const model = make({ modelWidth: 128, headWidth: 32, ffnWidth: 128 }, 'f8_e4m3');
    const options = { model, format: 'gguf', path: path('.gguf') } as const;
    expect(() => writeModel(options)).toThrow(/^OUTPUT_FAILED.*f8_e4m3/);
  });

  test('of blocks that do not fit the columns', () => {
    const model = make({ ffnWidth: 72 });
    const options = { model, format: 'gguf', path: path('.gguf'), type: 'q8_0' } as const;
    expect(() => writeModel(options)).toThrow(/^TENSOR_SHAPE/);
  });
});

test('a written file has its tensors at multiples of 32 and ends at one', async () => {
  const opened = await rewrite(make({ ffnWidth: 72 }), {});
  const { source } = opened;
  if (source.kind !== 'files') throw new Error('it is no file');
  expect(Object.values(source.tensors).filter(({ offset }) => offset % 32 !== 0)).toEqual([]);
  expect(statSync(source.paths[0]!).size % 32).toBe(0);
});
