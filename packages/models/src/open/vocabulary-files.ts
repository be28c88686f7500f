/**
 * A byte-level tokenizer of a folder without tokenizer.json: vocab.json and merges.txt, put
 * together as transformers does for the tokenizer class that tokenizer_config.json names.
 *
 *     vocab.json             { token: id }
 *     merges.txt             a pair a line, best first, below a line with its version
 *     added_tokens.json      { token: id } behind the vocabulary, of older folders
 *
 * A folder of any other class, or of SentencePiece's tokenizer.model alone, has no tokenizer here.
 *
 * Source: transformers, convert_slow_tokenizer.py (GPT2Converter, Qwen2Converter).
 */
import { join } from 'node:path';
import { isObject, parseJsonObject, WaferError } from '@wafer/core';
import { cutMerge, PRE_EXPRESSIONS } from '@wafer/text';
import { readText, tryStat } from '../source/files.ts';

type Json = Record<string, unknown>;

interface Cuts {
  normalizer: Json | null;
  preTokenizer(hasPrefix: boolean): Json;
}

const [QWEN2_PATTERN] = PRE_EXPRESSIONS.get('qwen2')!.patterns;

/** What text goes through before it is cut into tokens, by tokenizer class. */
const CLASSES: Readonly<Record<string, Cuts>> = {
  GPT2Tokenizer: {
    normalizer: null,
    preTokenizer: (hasPrefix) => byteLevel({ hasPrefix, cutsWords: true }),
  },
  Qwen2Tokenizer: {
    normalizer: { type: 'NFC' },
    preTokenizer: (hasPrefix) => {
      const pattern = { Regex: QWEN2_PATTERN };
      const split = { type: 'Split', pattern, behavior: 'Isolated', invert: false };
      const pretokenizers = [split, byteLevel({ hasPrefix, cutsWords: false })];
      return { type: 'Sequence', pretokenizers };
    },
  },
};

/** The tokenizer.json that these files would make; undefined where they make none here. */
export function readVocabulary(folder: string, config: Json): Json | undefined {
  const paths = ['vocab.json', 'merges.txt'].map((name) => join(folder, name));
  const [vocabPath, mergesPath] = paths as [string, string];
  const { tokenizer_class: name } = config;
  const kind = typeof name === 'string' ? CLASSES[name.replace(/Fast$/, '')] : undefined;
  if (kind === undefined || paths.some((path) => tryStat(path) === undefined)) return undefined;
  return {
    version: '1.0',
    added_tokens: addedTokens(folder, config),
    normalizer: kind.normalizer,
    pre_tokenizer: kind.preTokenizer(config['add_prefix_space'] === true),
    post_processor: null,
    decoder: { type: 'ByteLevel' },
    model: {
      type: 'BPE',
      unk_token: null,
      byte_fallback: false,
      ignore_merges: false,
      vocab: readJson(vocabPath),
      merges: readMerges(mergesPath),
    },
  };
}

function byteLevel({ hasPrefix, cutsWords }: { hasPrefix: boolean; cutsWords: boolean }): Json {
  return { type: 'ByteLevel', add_prefix_space: hasPrefix, use_regex: cutsWords };
}

/** Reads a JSON object of a tokenizer. Throws: TOKENIZER_INVALID, MODEL_UNREADABLE, MODEL_KIND. */
export function readJson(path: string): Json {
  return parseJsonObject(readText(path), (reason) => invalid(path, reason));
}

function readMerges(path: string): string[] {
  const lines = readText(path).split(/\r?\n/);
  const merges = lines.filter((line) => line !== '' && !line.startsWith('#version'));
  const wrong = merges.find((merge) => cutMerge(merge) < 0);
  if (wrong === undefined) return merges;
  throw invalid(path, `merge ${wrong.slice(0, 32)} is no pair`);
}

/** Tokens that are read as wholes, by id, in the shape that tokenizer.json has. */
function addedTokens(folder: string, config: Json): Json[] {
  const listed = config['added_tokens_decoder'];
  if (isObject(listed)) {
    return Object.entries(listed)
      .filter((entry): entry is [string, Json] => isObject(entry[1]))
      .map(([id, token]) => ({ ...token, id: Number(id) }));
  }
  const path = join(folder, 'added_tokens.json');
  if (tryStat(path) === undefined) return [];
  return Object.entries(readJson(path)).map(([content, id]) => ({ id, content, special: true }));
}

function invalid(path: string, reason: string): WaferError {
  return new WaferError('TOKENIZER_INVALID', { path, reason });
}
