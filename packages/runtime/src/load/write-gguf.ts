/**
 * Writes one GGUF file (version 3) that llama.cpp reads as architecture `llama`.
 *
 * Llama 3 frequency scaling becomes the tensor of divisors, `rope_freqs.weight`; everything else
 * of the spec has a key.
 *
 * Source: ggml, docs/gguf.md; llama.cpp's hyperparameter keys and converters.
 */
import {
  ropeFrequencies,
  storedRowBytes,
  type ModelSpec,
  type RopeSpec,
  type WeightType,
} from '@wafer/core';
import type { OutputTensor } from './convert-rows.ts';
import { ggufHead, type GgufPair } from './gguf-bytes.ts';
import { GGUF_ALIGNMENT, ggmlFileType, ggmlNumber } from './gguf-types.ts';
import { yarnMagnitude } from './hf-config.ts';
import { writeFile } from './output-file.ts';
import type { Model } from './source.ts';
import { nameInFile } from './tensor-names.ts';
import { ggufTokenizer } from './write-gguf-tokenizer.ts';

/** `general.quantization_version` of today's block types. */
const QUANTIZATION_VERSION = 2;

interface Blob {
  name: string;
  type: WeightType;
  dimensions: number[];
  bytes: number;
  writeTo(write: (bytes: Uint8Array) => void): void;
}

/** Writes the file. Throws: OUTPUT_FAILED. */
export function writeGguf(output: {
  model: Model;
  path: string;
  tensors: readonly OutputTensor[];
}): void {
  const { model, path, tensors } = output;
  const blobs = tensors.map(blobOf);
  const factors = frequencyFactors(model.spec.rope);
  if (factors !== undefined) blobs.push(factorBlob(factors));
  const matrixType = tensors.find(({ isVector }) => !isVector)?.info.type ?? 'f32';
  const pairs = [
    ...generalPairs(model, matrixType),
    ...specPairs(model.spec),
    ...ggufTokenizer(model, path),
  ];
  let offset = 0;
  const entries = blobs.map(({ name, type, dimensions, bytes }) => {
    const entry = { name, dimensions, typeNumber: ggmlNumber(type), offset };
    offset += Math.ceil(bytes / GGUF_ALIGNMENT) * GGUF_ALIGNMENT;
    return entry;
  });
  writeFile(path, (file) => {
    file.write(ggufHead(pairs, entries));
    for (const blob of blobs) {
      file.pad(GGUF_ALIGNMENT);
      blob.writeTo((bytes) => file.write(bytes));
    }
    file.pad(GGUF_ALIGNMENT);
  });
}

function blobOf({ info, isVector, writeTo }: OutputTensor): Blob {
  return {
    name: nameInFile('gguf', info.name),
    type: info.type,
    dimensions: isVector ? [info.columns] : [info.columns, info.rows],
    bytes: info.rows * storedRowBytes(info.type, info.columns),
    writeTo,
  };
}

function factorBlob(factors: readonly number[]): Blob {
  const bytes = new Uint8Array(Float32Array.from(factors).buffer);
  return {
    name: 'rope_freqs.weight',
    type: 'f32',
    dimensions: [factors.length],
    bytes: bytes.length,
    writeTo: (write) => write(bytes),
  };
}

/** Divisors that stand for Llama 3 scaling, or those that the spec has. */
function frequencyFactors(rope: RopeSpec): readonly number[] | undefined {
  if (rope.scaling.kind !== 'llama3') return rope.frequencyFactors;
  const plain = ropeFrequencies({ ...rope, scaling: { kind: 'none' } });
  const scaled = ropeFrequencies(rope);
  return Array.from(plain, (frequency, i) => frequency / (scaled[i] ?? frequency));
}

// ---- metadata

function generalPairs(model: Model, type: WeightType): GgufPair[] {
  return [
    { key: 'general.architecture', type: 'string', value: 'llama' },
    { key: 'general.name', type: 'string', value: model.name },
    { key: 'general.file_type', type: 'uint32', value: ggmlFileType(type) },
    { key: 'general.quantization_version', type: 'uint32', value: QUANTIZATION_VERSION },
  ];
}

function specPairs(spec: ModelSpec): GgufPair[] {
  const count = (key: string, value: number): GgufPair => ({
    key: `llama.${key}`,
    type: 'uint32',
    value,
  });
  const real = (key: string, value: number): GgufPair => ({
    key: `llama.${key}`,
    type: 'float32',
    value,
  });
  return [
    count('vocab_size', spec.vocabCount),
    count('context_length', spec.contextMax),
    count('embedding_length', spec.modelWidth),
    count('block_count', spec.layerCount),
    count('feed_forward_length', spec.ffnWidth),
    count('attention.head_count', spec.headCount),
    count('attention.head_count_kv', spec.kvHeadCount),
    count('attention.key_length', spec.headWidth),
    count('attention.value_length', spec.headWidth),
    real('attention.layer_norm_rms_epsilon', spec.normEpsilon),
    count('rope.dimension_count', spec.rope.rotaryWidth),
    real('rope.freq_base', spec.rope.theta),
    ...scalingPairs(spec.rope, count, real),
  ];
}

function scalingPairs(
  { scaling }: RopeSpec,
  count: (key: string, value: number) => GgufPair,
  real: (key: string, value: number) => GgufPair,
): GgufPair[] {
  if (scaling.kind === 'none' || scaling.kind === 'llama3') return [];
  const pairs: GgufPair[] = [
    { key: 'llama.rope.scaling.type', type: 'string', value: scaling.kind },
    real('rope.scaling.factor', scaling.factor),
  ];
  if (scaling.kind === 'linear') return pairs;
  return [
    ...pairs,
    count('rope.scaling.original_context_length', scaling.originalContext),
    real('rope.scaling.yarn_beta_fast', scaling.betaFast),
    real('rope.scaling.yarn_beta_slow', scaling.betaSlow),
    real('rope.scaling.attn_factor', scaling.attentionFactor / yarnMagnitude(scaling.factor, 1)),
  ];
}
