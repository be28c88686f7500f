import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  storedRowBytes,
  tensorShapes,
  type Family,
  type ModelSpec,
  type WeightType,
} from '@wafer/core';
import { afterAll, describe, expect, test } from 'vitest';
import { rowOrder } from '../convert-rows.ts';
import { openModel } from '../open-model.ts';
import { openReader } from '../reader.ts';
import type { Model } from '../source.ts';
import { FAMILY_SPECS } from '../synthetic-families.ts';
import { syntheticModel } from '../synthetic.ts';
import { writeModel } from '../write-model.ts';
import { FAMILIES } from './families.ts';
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

/** All rows of a tensor as stored, in the order of a layout. */
function stored(model: Model, name: string, layout: 'halves' | 'pairs'): Uint8Array {
  const { type, rows, columns } = model.source.tensors[name]!;
  const bytes = new Uint8Array(rows * storedRowBytes(type, columns));
  const reader = openReader(model.source);
  reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, bytes);
  reader.close();
  const order = rowOrder(model.spec, name, layout);
  if (order === undefined) return bytes;
  const lineCount = rows > 1 ? rows : columns;
  const size = bytes.length / lineCount;
  const lines = Array.from({ length: lineCount }, (_, line) =>
    bytes.subarray(order(line) * size, (order(line) + 1) * size),
  );
  return Uint8Array.from(Buffer.concat(lines));
}

/** The spec as a format says it. */
function inFormat(spec: ModelSpec, format: ModelFormat): ModelSpec {
  const { hf, gguf } = FAMILIES[spec.family];
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
    for (const { name } of tensorShapes(model.spec)) {
      const { layout } = opened.spec.rope;
      const same = Buffer.compare(stored(opened, name, layout), stored(model, name, layout));
      expect(same, name).toBe(0);
    }
  });
});
