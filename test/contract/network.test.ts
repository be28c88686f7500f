import {
  flowOf,
  isVector,
  layerKinds,
  networkOps,
  networkTensors,
  tensorShapes,
} from '@wafer/core';
import type { ModelSpec, NetworkValue } from '@wafer/core';
import { expect, test } from 'vitest';
import { FAMILY_GOLDEN_SPECS } from '../golden/family-specs.ts';

const FAMILIES = Object.entries(FAMILY_GOLDEN_SPECS);

test.each(FAMILIES)('%s: every tensor belongs to one op, with its shape', (_name, spec) => {
  const own = networkTensors(spec).map((tensor) => {
    const { name, rows, columns, isVector: isFlat } = tensor;
    return { name, rows, columns, isFlat, isOfExpert: !isFlat && tensor.expert !== undefined };
  });
  const byName = (a: { name: string }, b: { name: string }): number => (a.name < b.name ? -1 : 1);
  const stored = tensorShapes(spec).map((shape) => {
    const { name, rows, columns, use } = shape;
    return { name, rows, columns, isFlat: isVector(shape), isOfExpert: use === 'expert' };
  });
  expect(own.toSorted(byName)).toEqual(stored.toSorted(byName));
});

test.each(FAMILIES)(
  '%s: values are written before they are read, and keep their shape',
  (_, spec) => {
    const { embed, layers, logits } = networkOps(spec);
    const known = new Map<string, NetworkValue>();
    for (const op of [embed, ...layers.flat(), logits]) {
      const { reads, writes } = flowOf(op);
      for (const value of reads) expect(known.get(value.name)).toEqual(value);
      for (const value of writes) known.set(value.name, value);
      if (op.op === 'linear') {
        expect([op.weights.rows, op.weights.columns]).toEqual([op.output.width, op.input.width]);
      }
    }
    expect(layers).toHaveLength(spec.layerCount);
    expect(layerKinds(spec).reduce((sum, { count }) => sum + count, 0)).toBe(spec.layerCount);
  },
);

test('every feature of a spec shows in its ops', () => {
  const base = FAMILY_GOLDEN_SPECS['glm4-moe'];
  const { attention, experts } = base;
  const router = experts!.router;
  const variants: ModelSpec[] = [
    base,
    { ...base, biases: { ...base.biases, attentionOutput: true } },
    { ...base, biases: { ...base.biases, ffn: true } },
    { ...base, hasPostNorms: true },
    { ...base, hasTiedEmbeddings: true },
    { ...base, attention: { ...attention, queryKeyNorm: 'unit' } },
    { ...base, attention: { ...attention, hasSinks: true } },
    { ...base, experts: { ...experts!, sharedWidth: 0 } },
    { ...base, experts: { ...experts!, hasBias: true } },
    { ...base, experts: { ...experts!, router: { ...router, hasBias: true } } },
    { ...base, experts: { ...experts!, router: { ...router, hasSelectionBias: false } } },
    { ...base, layers: { leading: [], repeating: base.layers.repeating } },
    { ...FAMILY_GOLDEN_SPECS.llama4 },
    { ...FAMILY_GOLDEN_SPECS.llama4, attention: { ...attention, queryKeyNorm: 'unit' } },
  ];
  const texts = variants.map((spec) => JSON.stringify(networkOps(spec)));
  expect(new Set(texts).size).toBe(variants.length);
});
