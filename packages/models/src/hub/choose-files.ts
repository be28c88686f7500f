/**
 * Which files of a repository a model needs.
 *
 *     safetensors   config.json, tokenizer, chat template, model.safetensors or index and shards
 *     GGUF          the one .gguf file; of several the user names one
 *
 * Files in folders of the repository are other formats' and are left alone unless asked for; only
 * further chat templates have a folder of their own.
 */
import { formatBytes, isObject, parseJsonObject, WaferError } from '@wafer/core';
import { plainText } from './hub-fetch.ts';

/** A file as a hub lists it, checked. */
export interface HubFile {
  path: string;
  byteCount: number;
  /** What its bytes must hash to: SHA-256, or for small files Git's SHA-1 of a blob. */
  checksum: { kind: 'sha256' | 'git'; hex: string };
}

export interface Choice {
  files: HubFile[];
  /** The list of shards among them: its shards are needed, too. */
  index: HubFile | undefined;
}

const CONFIG = 'config.json';
const SINGLE = 'model.safetensors';
const INDEX = 'model.safetensors.index.json';
const BESIDE: readonly string[] = [
  CONFIG,
  'generation_config.json',
  'tokenizer.json',
  'tokenizer_config.json',
  'chat_template.jinja',
  'special_tokens_map.json',
  'chat_template.json',
];
/** What makes ids of text where there is no tokenizer.json. */
const VOCABULARY: readonly string[] = ['vocab.json', 'merges.txt', 'added_tokens.json'];
const TEMPLATE = /^additional_chat_templates\/[\w-]+\.jinja$/;
/** As files of weights are named where there are many. */
const SHARD = /^[^/]+-\d{5}-of-\d{5}\.safetensors$/;
/** Of files named in a message. */
const NAMED_MAX = 40;

/**
 * Chooses by the user's globs, or what the model needs. Throws: PULL_EMPTY, PULL_CHOICE.
 */
export function chooseFiles(
  model: string,
  files: readonly HubFile[],
  globs: readonly string[] = [],
): Choice {
  if (globs.length > 0) return chooseByGlobs(model, files, globs);
  const named = (name: string): HubFile | undefined => files.find(({ path }) => path === name);
  const weights = named(SINGLE) ?? named(INDEX);
  if (named(CONFIG) !== undefined && weights !== undefined) {
    const hasTokenizer = named('tokenizer.json') !== undefined;
    const names = hasTokenizer ? BESIDE : [...BESIDE, ...VOCABULARY];
    const beside = names.flatMap((name) => named(name) ?? []);
    const templates = files.filter(({ path }) => TEMPLATE.test(path));
    return {
      files: [...beside, ...templates, weights],
      index: weights.path === INDEX ? weights : undefined,
    };
  }
  const ggufs = files.filter(({ path }) => path.toLowerCase().endsWith('.gguf'));
  const [gguf] = ggufs;
  if (gguf === undefined) throw empty(model, files, `is ${SINGLE} or ends in .gguf`);
  if (ggufs.length > 1) {
    throw new WaferError('PULL_CHOICE', { model, count: ggufs.length, files: listed(ggufs) });
  }
  return { files: [gguf], index: undefined };
}

function chooseByGlobs(model: string, files: readonly HubFile[], globs: readonly string[]): Choice {
  for (const glob of globs) {
    if (!files.some(({ path }) => matchesGlob(path, glob))) {
      throw empty(model, files, `matches ${glob}`);
    }
  }
  const chosen = files.filter(({ path }) => globs.some((glob) => matchesGlob(path, glob)));
  return { files: chosen, index: undefined };
}

/**
 * The files that a list of shards names. Throws: PULL_EMPTY where one is not there, PULL_ANSWER
 * where it is no such list.
 */
export function chooseShards(
  from: { model: string; endpoint: string },
  files: readonly HubFile[],
  index: string,
): HubFile[] {
  const { model, endpoint } = from;
  const fail = (reason: string): WaferError =>
    new WaferError('PULL_ANSWER', { endpoint, reason: plainText(`${INDEX}: ${reason}`) });
  const { weight_map: map } = parseJsonObject(index, fail);
  if (!isObject(map)) throw fail('it has no weight_map');
  const byPath = new Map(files.map((file) => [file.path, file]));
  return [...new Set(Object.values(map))].map((name) => {
    if (typeof name !== 'string') throw fail('its weight_map names no files');
    const found = byPath.get(name);
    const wanted = `is ${plainText(name)}, which ${INDEX} names`;
    if (found === undefined) throw empty(model, files, wanted);
    return found;
  });
}

/**
 * Files of an earlier choice that would be taken for a part of the model now chosen: all that
 * a folder of safetensors has, or where the user named files, the weights, if there are new ones.
 */
export function staleFiles(
  earlier: readonly string[],
  chosen: readonly string[],
  globs: readonly string[],
): string[] {
  const isWeights = (path: string): boolean => [SINGLE, INDEX].includes(path) || SHARD.test(path);
  const isBeside = (path: string): boolean =>
    BESIDE.includes(path) || VOCABULARY.includes(path) || TEMPLATE.test(path);
  const isPart =
    globs.length === 0
      ? (path: string): boolean => isWeights(path) || isBeside(path)
      : (path: string): boolean => isWeights(path) && chosen.some(isWeights);
  const names = new Set(chosen);
  return earlier.filter((path) => !names.has(path) && isPart(path));
}

/** `*` stands for any characters, `?` for one. */
export function matchesGlob(path: string, glob: string): boolean {
  // Without a regular expression, since many stars would make one slow.
  let [at, from, star, resume] = [0, 0, -1, 0];
  while (at < path.length) {
    if (glob[from] === '*') [star, resume, from] = [from, at, from + 1];
    else if (from < glob.length && (glob[from] === '?' || glob[from] === path[at]))
      [at, from] = [at + 1, from + 1];
    else if (star >= 0) [resume, at, from] = [resume + 1, resume + 1, star + 1];
    else return false;
  }
  return /^\**$/.test(glob.slice(from));
}

function empty(model: string, files: readonly HubFile[], wanted: string): WaferError {
  return new WaferError('PULL_EMPTY', { model, wanted, files: listed(files) });
}

function listed(files: readonly HubFile[]): string[] {
  const names = files
    .slice(0, NAMED_MAX)
    .map(({ path, byteCount }) => `${plainText(path)} (${formatBytes(byteCount)})`);
  const more = files.length - names.length;
  if (files.length === 0) return ['no files'];
  return more > 0 ? [...names, `and ${more} more`] : names;
}
