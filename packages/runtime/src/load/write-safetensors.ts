/**
 * Writes a Hugging Face folder: config.json, tokenizer files, one or many safetensors.
 *
 * Source: transformers' LlamaConfig; the safetensors format description.
 */
import { join } from 'node:path';
import { storedRowBytes, type ModelSpec, type WeightType } from '@wafer/core';
import type { OutputTensor } from './convert-rows.ts';
import { INDEX_FILE, SINGLE_FILE } from './hf-model.ts';
import { makeFolder, outputFailed, writeFile, writeJson } from './output-file.ts';
import type { Model } from './source.ts';
import { nameInFile } from './tensor-names.ts';

const DTYPES: Readonly<Partial<Record<WeightType, string>>> = {
  f32: 'F32',
  f16: 'F16',
  bf16: 'BF16',
};
const TORCH_DTYPES: Readonly<Partial<Record<WeightType, string>>> = {
  f32: 'float32',
  f16: 'float16',
  bf16: 'bfloat16',
};

/** Data starts at a multiple of this, as the reference writer does. */
const HEADER_ALIGNMENT = 8;

interface Output {
  model: Model;
  path: string;
  tensors: readonly OutputTensor[];
  shardCount: number;
}

/** Writes the folder. Throws: OUTPUT_FAILED. */
export function writeSafetensors({ model, path, tensors, shardCount }: Output): void {
  const type = tensors.find(({ isVector }) => !isVector)?.info.type ?? 'f32';
  const config = hfConfig(model, type, path);
  makeFolder(path);
  if (shardCount === 1) writeShard(join(path, SINGLE_FILE), tensors);
  else writeShards(path, cut(tensors, shardCount));
  if (model.tokenizer !== undefined) {
    writeJson(join(path, 'tokenizer.json'), model.tokenizer.tokenizerJson);
    writeJson(join(path, 'tokenizer_config.json'), model.tokenizer.tokenizerConfig);
  }
  // Last, so that a folder with a config is complete.
  writeJson(join(path, 'config.json'), config);
}

function bytesOf({ info }: OutputTensor): number {
  return info.rows * storedRowBytes(info.type, info.columns);
}

function writeShard(path: string, tensors: readonly OutputTensor[]): void {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const tensor of tensors) {
    const { info, isVector } = tensor;
    const start = end;
    end += bytesOf(tensor);
    header[nameInFile('safetensors', info.name)] = {
      dtype: DTYPES[info.type],
      shape: isVector ? [info.columns] : [info.rows, info.columns],
      data_offsets: [start, end],
    };
  }
  const json = JSON.stringify(header);
  const length = Math.ceil(json.length / HEADER_ALIGNMENT) * HEADER_ALIGNMENT;
  const head = new Uint8Array(8 + length);
  new DataView(head.buffer).setBigUint64(0, BigInt(length), true);
  new TextEncoder().encodeInto(json.padEnd(length), head.subarray(8));
  writeFile(path, (file) => {
    file.write(head);
    for (const tensor of tensors) tensor.writeTo((bytes) => file.write(bytes));
  });
}

/** Cuts tensors, in order, into at most `shardCount` runs of about equal bytes. */
function cut(tensors: readonly OutputTensor[], shardCount: number): OutputTensor[][] {
  const total = tensors.reduce((sum, tensor) => sum + bytesOf(tensor), 0);
  const shards: OutputTensor[][] = Array.from({ length: shardCount }, () => []);
  let passed = 0;
  for (const tensor of tensors) {
    const middle = passed + bytesOf(tensor) / 2;
    shards[Math.min(shardCount - 1, Math.floor((middle / total) * shardCount))]?.push(tensor);
    passed += bytesOf(tensor);
  }
  return shards.filter((shard) => shard.length > 0);
}

function writeShards(folder: string, shards: readonly OutputTensor[][]): void {
  const number = (value: number): string => String(value).padStart(5, '0');
  const weightMap: Record<string, string> = {};
  let totalBytes = 0;
  shards.forEach((tensors, index) => {
    const file = `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    writeShard(join(folder, file), tensors);
    for (const tensor of tensors) {
      weightMap[nameInFile('safetensors', tensor.info.name)] = file;
      totalBytes += bytesOf(tensor);
    }
  });
  const index = { metadata: { total_size: totalBytes }, weight_map: weightMap };
  writeJson(join(folder, INDEX_FILE), index);
}

// ---- config

function hfConfig(model: Model, type: WeightType, path: string): Record<string, unknown> {
  const { spec, special } = model;
  if (spec.biases.qkv !== spec.biases.attentionOutput) {
    throw outputFailed(path, 'a Llama config has all attention biases or none');
  }
  if (spec.rope.frequencyFactors !== undefined) {
    throw outputFailed(path, 'a config cannot hold the divisors of rope_freqs.weight');
  }
  const [end, ...otherEnds] = special.ends;
  return {
    architectures: ['LlamaForCausalLM'],
    model_type: 'llama',
    hidden_size: spec.modelWidth,
    intermediate_size: spec.ffnWidth,
    num_hidden_layers: spec.layerCount,
    num_attention_heads: spec.headCount,
    num_key_value_heads: spec.kvHeadCount,
    head_dim: spec.headWidth,
    vocab_size: spec.vocabCount,
    max_position_embeddings: spec.contextMax,
    rms_norm_eps: spec.normEpsilon,
    rope_theta: spec.rope.theta,
    rope_scaling: ropeScaling(spec),
    partial_rotary_factor: spec.rope.rotaryWidth / spec.headWidth,
    hidden_act: 'silu',
    attention_bias: spec.biases.qkv,
    mlp_bias: spec.biases.ffn,
    tie_word_embeddings: spec.hasTiedEmbeddings,
    bos_token_id: special.begin ?? null,
    eos_token_id: otherEnds.length > 0 ? special.ends : (end ?? null),
    torch_dtype: TORCH_DTYPES[type],
  };
}

function ropeScaling({ rope }: ModelSpec): Record<string, unknown> | null {
  const { scaling } = rope;
  switch (scaling.kind) {
    case 'none':
      return null;
    case 'linear':
      return { rope_type: 'linear', factor: scaling.factor };
    case 'llama3':
      return {
        rope_type: 'llama3',
        factor: scaling.factor,
        low_freq_factor: scaling.lowFrequencyFactor,
        high_freq_factor: scaling.highFrequencyFactor,
        original_max_position_embeddings: scaling.originalContext,
      };
    case 'yarn':
      return {
        rope_type: 'yarn',
        factor: scaling.factor,
        original_max_position_embeddings: scaling.originalContext,
        beta_fast: scaling.betaFast,
        beta_slow: scaling.betaSlow,
        attention_factor: scaling.attentionFactor,
        truncate: scaling.truncate,
      };
  }
}
