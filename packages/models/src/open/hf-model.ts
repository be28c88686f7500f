/**
 * Opens a Hugging Face folder as a model: config.json, tokenizer files, one or many safetensors.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brief, isObject, parseJsonObject, WaferError } from '@wafer/core';
import { createTokenizer } from '@wafer/text';
import type { ModelSpec } from '@wafer/core';
import { Fields } from '../source/fields.ts';
import { readText, tryStat, withFile } from '../source/files.ts';
import { readHfConfig } from '../families/families.ts';
import { refuseQuantizedParts } from '../families/other-kinds.ts';
import { looseShards, refuseOtherFolder, withoutWeights } from './folder-kinds.ts';
import { namesInFolder } from './folder-names.ts';
import { readSafetensors } from './safetensors.ts';
import type { Model, StoredTensor } from '../source/source.ts';
import { suggestedByFolder } from './suggested-sampling.ts';
import { matchTensors } from './tensor-table.ts';
import { readTokenizer } from './tokenizer-files.ts';

export const SINGLE_FILE = 'model.safetensors';
export const INDEX_FILE = 'model.safetensors.index.json';

/** Shards of the largest published models are a few hundred. */
const SHARDS_MAX = 1024;

/** A plain file name: no folder, no way up. */
const SHARD_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\.safetensors$/;

/**
 * Opens and checks a folder. Throws: CONFIG_INVALID, SAFETENSORS_INVALID, TENSOR_*, TOKENIZER_*.
 */
export function openHfFolder(name: string, folder: string): Model {
  const configPath = join(folder, 'config.json');
  const fields = readFields(configPath);
  const { spec: given, names, prefix, fields: text } = readHfConfig(fields);
  const { paths, stored, find } = openTensors(folder);
  refuseQuantizedParts(folder, stored);
  const nameOf = namesInFolder(folder, stored, prefix);
  const spec = withHead(given, [text, fields], (tensor) => stored.has(nameOf(tensor)));
  const used = new Set<string>();
  const format = { kind: 'safetensors', names } as const;
  const tensors = matchTensors(folder, format, spec, (tensor) => {
    used.add(nameOf(tensor));
    return find(nameOf(tensor));
  });
  checkAllUsed(folder, stored, used, { prefix: nameOf(names.layerPrefix), ...spec });
  const description = readTokenizer(folder);
  const tokenizer = description && createTokenizer(description, folder);
  checkVocabulary(folder, tokenizer?.baseCount ?? 0, spec.vocabCount);
  const generation = tryReadFields(join(folder, 'generation_config.json'));
  const begins = [
    ...(generation?.tokenIds('bos_token_id') ?? []),
    ...text.tokenIds('bos_token_id'),
    ...fields.tokenIds('bos_token_id'),
  ];
  const ends = [
    ...(generation?.tokenIds('eos_token_id') ?? []),
    ...text.tokenIds('eos_token_id'),
    ...fields.tokenIds('eos_token_id'),
    ...(tokenizer?.ends ?? []),
  ];
  const begin = tokenizer?.begin ?? begins[0];
  const isToken = (id: number): boolean => id >= 0 && id < spec.vocabCount;
  const hasBegin = begin !== undefined && isToken(begin);
  return {
    name,
    spec,
    source: { kind: 'files', paths, tensors },
    tokenizer: description,
    sampling: suggestedByFolder(generation),
    special: {
      begin: hasBegin ? begin : undefined,
      addBegin: tokenizer?.addBegin ?? hasBegin,
      ends: [...new Set(ends.filter(isToken))],
    },
  };
}

/**
 * The spec with its embedding for a head where the files have none and the config does not ask for
 * one. Throws: MODEL_KIND where it does: such weights are those of a bare model.
 */
function withHead(
  spec: ModelSpec,
  configs: readonly Fields[],
  has: (usual: string) => boolean,
): ModelSpec {
  if (spec.hasTiedEmbeddings || has('lm_head.weight') || !has('model.embed_tokens.weight')) {
    return spec;
  }
  const said = configs.map((config) => config.get('tie_word_embeddings'));
  if (said.some((value) => value === true) || !said.includes(false)) {
    return { ...spec, hasTiedEmbeddings: true };
  }
  throw new WaferError('MODEL_KIND', {
    path: configs[0]?.path,
    what: 'has no output head (lm_head), as models that embed or rank texts are saved',
    hint: 'take the model for text generation, or set tie_word_embeddings if its embedding is one',
  });
}

function readFields(path: string): Fields {
  const fail = (reason: string): WaferError =>
    new WaferError('CONFIG_INVALID', {
      path,
      field: 'the file',
      value: reason,
      expected: 'a JSON object',
    });
  return new Fields(path, parseJsonObject(withoutNonNumbers(readText(path)), fail));
}

/** Numbers that Python writes and JSON has not count as absent: no field here can have them. */
function withoutNonNumbers(text: string): string {
  const parts = /"(?:[^"\\]|\\[^])*"?|-?\b(?:Infinity|NaN)\b/g;
  return text.replaceAll(parts, (part) => (part.startsWith('"') ? part : 'null'));
}

function tryReadFields(path: string): Fields | undefined {
  return tryStat(path) === undefined ? undefined : readFields(path);
}

/** A tokenizer of another model would make ids that no embedding row stands for. */
function checkVocabulary(path: string, tokenCount: number, vocabCount: number): void {
  if (tokenCount <= vocabCount) return;
  const reason = `it has ${tokenCount} tokens, the model ${vocabCount}`;
  throw new WaferError('TOKENIZER_INVALID', { path, reason });
}

// ---- weights

interface FolderTensors {
  paths: string[];
  /** Names of all tensors. */
  stored: ReadonlySet<string>;
  find: (name: string) => StoredTensor | undefined;
}

function openTensors(folder: string): FolderTensors {
  const entries = readdirSync(folder);
  refuseOtherFolder(folder, entries);
  const single = join(folder, SINGLE_FILE);
  if (tryStat(single) !== undefined) {
    const tensors = withFile(single, (file) => readSafetensors(file, 0));
    const stored = new Set(tensors.keys());
    return { paths: [single], stored, find: (name) => tensors.get(name) };
  }
  const index = join(folder, INDEX_FILE);
  if (tryStat(index) !== undefined) return openShards(folder, readIndex(index));
  const files = looseShards(entries);
  if (files.length === 0) throw withoutWeights(folder);
  return openLoose(folder, files.slice(0, SHARDS_MAX));
}

/** Shards without an index: each says itself what it holds. Throws: SAFETENSORS_INVALID. */
function openLoose(folder: string, files: readonly string[]): FolderTensors {
  const fileOf = new Map<string, string>();
  for (const file of files) {
    const path = join(folder, file);
    for (const name of withFile(path, (open) => readSafetensors(open, 0)).keys()) {
      if (fileOf.has(name)) {
        const reason = `tensor ${brief(name)} is in ${fileOf.get(name)}, too`;
        throw new WaferError('SAFETENSORS_INVALID', { path, reason });
      }
      fileOf.set(name, file);
    }
  }
  return openShards(folder, fileOf);
}

/** Files that the index of a folder names, if it has a sound one. */
export function tryShardNames(folder: string): string[] {
  const index = join(folder, INDEX_FILE);
  if (tryStat(index) === undefined) return [];
  try {
    return [...new Set(readIndex(index).values())];
  } catch {
    return [];
  }
}

/** The file of each tensor. Throws: SAFETENSORS_INVALID. */
function readIndex(index: string): Map<string, string> {
  const fail = (reason: string): WaferError =>
    new WaferError('SAFETENSORS_INVALID', { path: index, reason });
  const { weight_map: weightMap } = parseJsonObject(readText(index), fail);
  if (!isObject(weightMap)) throw fail('it has no weight_map');
  const fileOf = new Map<string, string>();
  for (const [name, file] of Object.entries(weightMap)) {
    if (typeof file !== 'string' || !SHARD_NAME.test(file)) {
      throw fail(`${brief(file)} is no name of a safetensors file in the folder`);
    }
    fileOf.set(name, file);
  }
  const count = new Set(fileOf.values()).size;
  if (count > SHARDS_MAX) throw fail(`it names ${count} files`);
  return fileOf;
}

function openShards(folder: string, fileOf: ReadonlyMap<string, string>): FolderTensors {
  const files = [...new Set(fileOf.values())].toSorted();
  const paths = files.map((file) => join(folder, file));
  const shards = new Map(
    files.map((file, i) => [
      file,
      withFile(join(folder, file), (open) => readSafetensors(open, i)),
    ]),
  );
  // What an index says may be out of date: as in transformers, what a file holds is there.
  const held = new Map([...shards.values()].flatMap((shard) => [...shard]));
  const find = (name: string): StoredTensor | undefined =>
    shards.get(fileOf.get(name) ?? '')?.get(name) ?? held.get(name);
  const stored = new Set([...fileOf.keys(), ...[...shards.values()].flatMap((s) => [...s.keys()])]);
  return { paths, stored, find };
}

/**
 * A bias or norm of a layer that nothing asks for would be missing from what is computed. Other
 * tensors may be left over: frequencies, scales, layers behind the last, parts for images.
 */
function checkAllUsed(
  path: string,
  stored: ReadonlySet<string>,
  used: ReadonlySet<string>,
  layers: { prefix: string; layerCount: number },
): void {
  for (const name of stored) {
    if (used.has(name) || !/\.bias$|norm\.weight$/.test(name)) continue;
    if (!name.startsWith(layers.prefix)) continue;
    const layer = Number.parseInt(name.slice(layers.prefix.length), 10);
    if (!(layer < layers.layerCount)) continue;
    const reason = `its architecture has no tensor ${brief(name)}`;
    throw new WaferError('SAFETENSORS_INVALID', { path, reason });
  }
}
