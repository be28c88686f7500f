/**
 * What a model is, as plain data: its spec, its weights by type, its tokenizer.
 */
import { storedRowBytes } from '@wafer/core';
import type { ModelSpec, WeightType } from '@wafer/core';
import type { Model } from '@wafer/runtime';
import { createTokenizer } from '@wafer/text';

export interface ModelSummary {
  model: string;
  spec: ModelSpec;
  parameterCount: number;
  weightBytes: number;
  /** By weight type, largest first. Bytes are as stored. */
  weights: { type: WeightType; tensorCount: number; parameterCount: number; bytes: number }[];
  tokenizer: { kind: string; tokenCount: number } | null;
  special: { begin: number | null; addBegin: boolean; ends: number[] };
}

export function describeModel(model: Model): ModelSummary {
  const weights = new Map<WeightType, ModelSummary['weights'][number]>();
  for (const { type, rows, columns } of Object.values(model.source.tensors)) {
    const known = weights.get(type) ?? { type, tensorCount: 0, parameterCount: 0, bytes: 0 };
    known.tensorCount++;
    known.parameterCount += rows * columns;
    known.bytes += rows * storedRowBytes(type, columns);
    weights.set(type, known);
  }
  const all = [...weights.values()].toSorted((a, b) => b.bytes - a.bytes);
  return {
    model: model.name,
    spec: model.spec,
    parameterCount: all.reduce((sum, { parameterCount }) => sum + parameterCount, 0),
    weightBytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    weights: all,
    tokenizer: describeTokenizer(model),
    special: { ...model.special, begin: model.special.begin ?? null },
  };
}

function describeTokenizer({ tokenizer }: Model): ModelSummary['tokenizer'] {
  if (!tokenizer) return null;
  const tokenCount = createTokenizer(tokenizer).vocabCount;
  const { facts } = tokenizer;
  // A whole tokenizer.json would have to be made for one word.
  if (facts !== undefined) {
    return { kind: facts.encoder.model.kind === 'unigram' ? 'Unigram' : 'BPE', tokenCount };
  }
  // The description was checked when the model was opened; only its kind is read here.
  const { model } = tokenizer.tokenizerJson as { model?: { type?: unknown } };
  const kind = typeof model?.type === 'string' ? model.type : 'unknown';
  return { kind, tokenCount };
}
