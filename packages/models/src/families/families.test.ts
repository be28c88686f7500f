import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  dequantizeRow,
  isVector,
  PLAIN_NETWORK,
  storedRowBytes,
  tensorShapes,
  type LayerPattern,
  type ModelSpec,
  type RopeScaling,
  type WeightType,
} from '@wafer/core';
import { afterAll, describe, expect, test } from 'vitest';
import { rowOrder } from '../write/convert-rows.ts';
import { openModel } from '../open/open-model.ts';
import { openReader } from '../weights/reader.ts';
import type { Model } from '../source/source.ts';
import { FAMILY_SPECS } from '../synthetic/synthetic-families.ts';
import { syntheticModel } from '../synthetic/synthetic.ts';
import { writeModel } from '../write/write-model.ts';
import { familyOf, type Family } from './families.ts';
import type { ModelFormat } from './tensor-places.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-families-'));
afterAll(() => rmSync(folder, { recursive: true }));

const NAMES = Object.keys(FAMILY_SPECS) as Family[];
const CASES = NAMES.flatMap((family): [Family, ModelFormat][] => [
  [family, 'safetensors'],
  [family, 'gguf'],
]);
let nextPath = 0;

async function rewrite(model: Model, format: ModelFormat): Promise<Model> {
  const path = join(folder, `${nextPath++}${format === 'gguf' ? '.gguf' : ''}`);
  writeModel({ model, format, path });
  return openModel(path);
}

function make(family: Family, type: WeightType = 'f32', changes: Partial<ModelSpec> = {}): Model {
  const spec = { ...FAMILY_SPECS[family], ...changes };
  return syntheticModel({ name: family, spec, type, seed: 3 });
}

/** Names of tensors whose type or rows, in the same layout, differ between two models. */
function differing(opened: Model, made: Model): string[] {
  const { layout } = opened.spec.rope;
  const models = [opened, made].map((model) => ({ ...model, reader: openReader(model.source) }));
  const names = tensorShapes(made.spec).map(({ name }) => name);
  const differ = names.filter((name) => {
    const [found, wanted] = models.map(({ source, spec, reader }) => {
      const tensor = source.tensors[name]!;
      const { type, rows, columns } = tensor;
      const bytes = new Uint8Array(rows * storedRowBytes(type, columns));
      reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, bytes);
      return {
        type,
        bytes: inOrder(bytes, rowOrder(spec, tensor, layout), rows > 1 ? rows : columns),
      };
    });
    return found!.type !== wanted!.type || Buffer.compare(found!.bytes, wanted!.bytes) !== 0;
  });
  for (const { reader } of models) reader.close();
  return differ;
}

function inOrder(
  bytes: Uint8Array,
  order: ((line: number) => number) | undefined,
  lineCount: number,
): Uint8Array {
  if (order === undefined) return bytes;
  const size = bytes.length / lineCount;
  const lines = Array.from({ length: lineCount }, (_, line) =>
    bytes.subarray(order(line) * size, (order(line) + 1) * size),
  );
  return Buffer.concat(lines);
}

/** The spec as a format says it. */
function inFormat(spec: ModelSpec, format: ModelFormat): ModelSpec {
  const { hf, gguf } = familyOf(spec);
  return { ...spec, rope: { ...spec.rope, layout: format === 'gguf' ? gguf.layout : hf.layout } };
}

describe('a written model opens with the same spec and tensors', () => {
  test.each(CASES)('%s as %s', async (family, format) => {
    const model = make(family);
    const opened = await rewrite(model, format);
    const expected = inFormat(model.spec, format);
    // Llama 3 scaling is a tensor of divisors in GGUF.
    const hasDivisors = opened.spec.rope.frequencyFactors !== undefined;
    const rope = hasDivisors ? opened.spec.rope : expected.rope;
    expect(opened.spec).toEqual({ ...expected, rope });
    expect(differing(opened, model)).toEqual([]);
  });
});

describe('weight types come back as they were, routers in f32', () => {
  const types: WeightType[] = ['f16', 'bf16', 'q8_0', 'q4_0'];
  test.each(types)('%s', async (type) => {
    for (const family of ['gpt-oss', 'llama4', 'glm4'] as const) {
      const model = make(family, type, { layerCount: 2 });
      for (const format of type.startsWith('q') ? ['gguf'] : ['gguf', 'safetensors']) {
        const opened = await rewrite(model, format as ModelFormat);
        expect(differing(opened, model)).toEqual([]);
        const router = opened.source.tensors['layers.1.router']?.type ?? 'none';
        expect(router).toBe(family === 'glm4' ? 'none' : type.startsWith('q') ? 'f32' : type);
      }
    }
  });
});

describe('what a format has no words for is refused, not lost', () => {
  const yarn = { ...FAMILY_SPECS['gpt-oss'].rope.scaling, truncate: false } as RopeScaling;
  const noTemperature = { ...FAMILY_SPECS.llama4.attention, temperature: undefined };
  const dense: LayerPattern = {
    leading: [{ sees: 'all', isRotated: true, ffn: 'dense' }],
    repeating: [{ sees: 'all', isRotated: true, ffn: 'experts' }],
  };
  const cases: [string, Family, ModelFormat, Partial<ModelSpec>, RegExp][] = [
    ['a range that is not rounded', 'gpt-oss', 'gguf', ropeChange('gpt-oss', yarn), /frequencies/],
    [
      'another limit',
      'gpt-oss',
      'gguf',
      { activation: { kind: 'clamped', alpha: 1.702, limit: 5 } },
      /activation.limit is 5.*7/,
    ],
    ['no temperature', 'llama4', 'gguf', { attention: noTemperature }, /attention.temperature/],
    [
      'norms after layers',
      'qwen3',
      'gguf',
      { hasPostNorms: true },
      /no tensor layers.0.attentionPostNorm/,
    ],
    ['norms after layers', 'llama', 'safetensors', { hasPostNorms: true }, /no tensor/],
    ['a dense layer', 'qwen3-moe', 'gguf', { layers: dense }, /layers.0.ffn is dense.*experts/],
    ['a dense layer', 'mixtral', 'safetensors', { layers: dense }, /layers.0.ffn/],
    [
      'some biases of attention',
      'smollm3',
      'safetensors',
      { biases: { qkv: true, attentionOutput: false, ffn: false } },
      /biases.attentionOutput/,
    ],
    ['rotation everywhere', 'smollm3', 'gguf', { layers: PLAIN_NETWORK.layers }, /isRotated/],
    [
      'divisors of frequencies',
      'llama',
      'safetensors',
      { rope: { ...FAMILY_SPECS.llama.rope, frequencyFactors: Array<number>(8).fill(2) } },
      /frequencies/,
    ],
  ];
  test.each(cases)('%s in %s as %s', (_, family, format, changes, reason) => {
    const model = make(family, 'f32', changes);
    const path = join(folder, `${nextPath++}`);
    const write = (): unknown => writeModel({ model, format, path });
    expect(write).toThrow(/^OUTPUT_FAILED/);
    expect(write).toThrow(reason);
  });

  test('but dense layers of Qwen3-MoE and a range not rounded fit in a folder', async () => {
    const mixed = await rewrite(make('qwen3-moe', 'f32', { layers: dense }), 'safetensors');
    expect(mixed.spec.layers).toEqual(dense);
    const model = make('gpt-oss', 'f32', ropeChange('gpt-oss', yarn));
    const opened = await rewrite(model, 'safetensors');
    expect(opened.spec.rope.scaling).toEqual(yarn);
  });
});

function ropeChange(family: Family, scaling: RopeScaling): Partial<ModelSpec> {
  return { rope: { ...FAMILY_SPECS[family].rope, scaling } };
}

test('a GPT-OSS folder in MXFP4 has packed experts, and the rest in bf16', async () => {
  const model = make('gpt-oss', 'mxfp4', { layerCount: 2 });
  const opened = await rewrite(model, 'safetensors');
  const types = Object.entries(opened.source.tensors).map(([name, { type }]) => [name, type]);
  expect(new Map(types as [string, string][])).toEqual(
    new Map(
      tensorShapes(model.spec).map((shape) => {
        const { name, use } = shape;
        if (isVector(shape) || use === 'router') return [name, 'f32'];
        return [name, /experts\.\d/.test(name) ? 'mxfp4' : 'bf16'];
      }),
    ),
  );
  // Those in bf16 changed their type, and nothing but.
  const differ = differing(opened, model);
  expect(differ.filter((name) => /experts|Norm|bias|sinks/.test(name))).toEqual([]);
  const both = [opened, model].map(({ source }) => {
    const info = source.tensors['layers.1.q']!;
    const stored = new Uint8Array(storedRowBytes(info.type, info.columns));
    const reader = openReader(source);
    const range = { row: 5, rowCount: 1, column: 0, columnCount: info.columns };
    reader.readRows('layers.1.q', range, stored);
    reader.close();
    const values = new Float32Array(info.columns);
    dequantizeRow(values, { ...info, rows: 1, stored }, 0);
    return [...values];
  });
  expect(both[0]).toEqual(both[1]);
  expect(() =>
    writeModel({ model: make('mixtral', 'mxfp4'), format: 'safetensors', path: join(folder, 'x') }),
  ).toThrow(/^OUTPUT_FAILED.*mxfp4/);
});
