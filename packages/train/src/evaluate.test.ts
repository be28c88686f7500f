import { referenceLogits, storedRowBytes } from '@wafer/core';
import { detectRounding } from '@wafer/kernels';
import { openReader, syntheticModel, SYNTHETIC_SPECS } from '@wafer/models';
import { expect, test } from 'vitest';
import { tokensInMemory } from './data/token-source.ts';
import { evaluateModel } from './evaluate.ts';

const SPEC = { ...SYNTHETIC_SPECS['tiny']!, vocabCount: 60, layerCount: 1 };
const MODEL = syntheticModel({ name: 'tiny', spec: SPEC, type: 'f32', seed: 3 });
const IDS = Uint32Array.from({ length: 41 }, (_, i) => (i * i + 3 * i) % 60);

/** The mean loss of rows by the forward pass that inference must equal. */
function expectedNats(context: number): number {
  const reader = openReader(MODEL.source);
  const tensors = {
    vector: (name: string) => reader.readVector(name),
    matrix: (name: string) => {
      const { rows, columns, type } = MODEL.source.tensors[name]!;
      const stored = new Uint8Array(rows * storedRowBytes(type, columns));
      reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, stored);
      return { rows, columns, type, stored };
    },
  };
  const model = { spec: SPEC, tensors, rounding: detectRounding() };
  let nats = 0;
  for (let start = 0; start + context < IDS.length; start += context) {
    const inputs = [...IDS.subarray(start, start + context)];
    referenceLogits(model, inputs).forEach((logits, t) => {
      const sum = logits.reduce((total, value) => total + Math.exp(value), 0);
      nats += Math.log(sum) - logits[IDS[start + t + 1]!]!;
    });
  }
  reader.close();
  return nats;
}

test('the loss is that of the reference forward pass, on any number of threads', async () => {
  const use = { context: 13, rounding: detectRounding() };
  const found = await evaluateModel(MODEL, tokensInMemory(IDS), { ...use, replicas: 1 });
  expect(found).toMatchObject({ rows: 3, tokens: 39 });
  expect(Math.abs(found.nats - expectedNats(13)) / 39).toBeLessThan(1e-5);
  expect(found.perplexity).toBeCloseTo(Math.exp(found.nats / 39), 9);
  // Two threads take two rows and then one: the last place is empty.
  expect(await evaluateModel(MODEL, tokensInMemory(IDS), { ...use, replicas: 2 })).toEqual(found);
});
