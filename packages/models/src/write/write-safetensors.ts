/**
 * Writes a Hugging Face folder: config.json, tokenizer files, one or many safetensors.
 *
 * Source: the safetensors format description.
 */
import { join } from 'node:path';
import type { WeightType } from '@wafer/core';
import { readHfConfig } from '../families/families.ts';
import type { HfFamily } from '../families/family.ts';
import { differenceOf } from '../families/same-network.ts';
import { Fields } from '../source/fields.ts';
import { cutTensors, type FileOutput } from './file-layout.ts';
import { ADAPTER_CONFIG } from '../open/folder-kinds.ts';
import { INDEX_FILE, SINGLE_FILE, tryShardNames } from '../open/hf-model.ts';
import { generationConfig } from '../open/suggested-sampling.ts';
import { furtherTemplates } from '../open/tokenizer-files.ts';
import { makeFolder } from '../source/make-folder.ts';
import { outputFailed, removeFile, writeFile, writeJson } from './output-file.ts';
import { apart } from './packed-experts.ts';
import type { Model } from '../source/source.ts';

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
  family: HfFamily;
  path: string;
  tensors: readonly FileOutput[];
  shardCount: number;
}

/**
 * What a folder may have of a model that lay there before, beside config.json, shards and further
 * chat templates. An adapter changes what is read: it was of the weights before.
 */
const EARLIER: readonly string[] = [
  SINGLE_FILE,
  INDEX_FILE,
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'chat_template.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'tokenizer.model',
  'generation_config.json',
  ADAPTER_CONFIG,
];

/** Writes the folder, in place of a model that is there. Throws: OUTPUT_FAILED. */
export function writeSafetensors(output: Output): void {
  const { model, path, shardCount } = output;
  const config = hfConfig(output);
  const tensors = output.tensors.flatMap(apart);
  makeFolder(path);
  const earlier = [...EARLIER, ...tryShardNames(path), ...furtherTemplates(path)];
  // Until the new config is there, last of all, the folder holds no complete model.
  removeFile(join(path, 'config.json'));
  const written = new Set<string>();
  if (shardCount === 1) {
    writeShard(join(path, SINGLE_FILE), tensors);
    written.add(SINGLE_FILE);
  } else {
    for (const name of writeShards(path, cutTensors(tensors, shardCount))) written.add(name);
  }
  if (model.tokenizer !== undefined) {
    writeJson(join(path, 'tokenizer.json'), model.tokenizer.tokenizerJson);
    writeJson(join(path, 'tokenizer_config.json'), model.tokenizer.tokenizerConfig);
    written.add('tokenizer.json').add('tokenizer_config.json');
  }
  const generation = generationConfig(model.sampling);
  if (generation !== undefined) {
    writeJson(join(path, 'generation_config.json'), generation);
    written.add('generation_config.json');
  }
  // Not before the new weights are there: they may come from the old ones.
  for (const name of earlier) if (!written.has(name)) removeFile(join(path, name));
  writeJson(join(path, 'config.json'), config);
}

/** Writes one file of tensors. Throws: OUTPUT_FAILED. */
export function writeShard(path: string, tensors: readonly FileOutput[]): void {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let end = 0;
  for (const tensor of tensors) {
    const { name, type, shape, bytes, dtype = DTYPES[type] } = tensor;
    const start = end;
    end += bytes;
    header[name] = { dtype, shape, data_offsets: [start, end] };
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

/** Names of the files. */
function writeShards(folder: string, shards: readonly FileOutput[][]): string[] {
  const number = (value: number): string => String(value).padStart(5, '0');
  const weightMap: Record<string, string> = {};
  let totalBytes = 0;
  shards.forEach((tensors, index) => {
    const file = `model-${number(index + 1)}-of-${number(shards.length)}.safetensors`;
    writeShard(join(folder, file), tensors);
    for (const tensor of tensors) {
      weightMap[tensor.name] = file;
      totalBytes += tensor.bytes;
    }
  });
  const index = { metadata: { total_size: totalBytes }, weight_map: weightMap };
  writeJson(join(folder, INDEX_FILE), index);
  return [INDEX_FILE, ...new Set(Object.values(weightMap))];
}

// ---- config

function hfConfig({ model, family, path, tensors }: Output): Record<string, unknown> {
  const { spec, special } = model;
  const type = tensors.find(({ shape }) => shape.length > 1)?.type ?? 'f32';
  const isPacked = tensors.some((tensor) => tensor.type === 'mxfp4');
  const [end, ...otherEnds] = special.ends;
  const config = {
    architectures: family.architectures.slice(0, 1),
    model_type: family.modelType,
    ...family.write(spec),
  };
  const lost = differenceOf(spec, readHfConfig(new Fields(path, config)).spec);
  if (lost !== undefined) throw outputFailed(path, lost);
  return {
    ...config,
    bos_token_id: special.begin ?? null,
    eos_token_id: otherEnds.length > 0 ? special.ends : (end ?? null),
    torch_dtype: TORCH_DTYPES[type],
    ...(isPacked ? { quantization_config: { quant_method: 'mxfp4' } } : {}),
  };
}
