/**
 * The tokenizer files of a Hugging Face folder, and the chat templates among them.
 *
 *     tokenizer.json                       what makes ids of text
 *     vocab.json, merges.txt               the same, of folders without it
 *     tokenizer_config.json                tokens by what they are for; a template, or named ones
 *     special_tokens_map.json              the same tokens, of older folders
 *     chat_template.jinja                  the template, before that of the config
 *     additional_chat_templates/X.jinja    further ones by name, such as tool_use
 *     chat_template.json                   that of a model with images, where there is no other
 *
 * Source: transformers, tokenization_utils_base.py and processing_utils.py.
 */
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { TokenizerDescription } from '@wafer/text';
import { readText, tryStat } from '../source/files.ts';
import { readJson, readVocabulary } from './vocabulary-files.ts';

type Json = Record<string, unknown>;

/** Further templates that are read. */
const TEMPLATES_MAX = 32;

/** Where further templates lie. */
const TEMPLATES_FOLDER = 'additional_chat_templates';

/** The tokenizer files of a folder, if there are any. Throws: TOKENIZER_INVALID, MODEL_KIND. */
export function readTokenizer(folder: string): TokenizerDescription | undefined {
  const path = join(folder, 'tokenizer.json');
  const config = tryRead(folder, 'tokenizer_config.json') ?? {};
  const tokenizerJson =
    tryStat(path) === undefined ? readVocabulary(folder, config) : readJson(path);
  if (tokenizerJson === undefined) return undefined;
  // Newer configs hold the tokens themselves, and the older file counts no more.
  const isOlder = !Object.hasOwn(config, 'added_tokens_decoder');
  const older = isOlder ? tokensOf(tryRead(folder, 'special_tokens_map.json') ?? {}) : {};
  const template = templatesOf(folder, config['chat_template']);
  return {
    tokenizerJson,
    tokenizerConfig: {
      ...config,
      ...older,
      ...(template === undefined ? {} : { chat_template: template }),
    },
  };
}

function tokensOf(map: Json): Json {
  return Object.fromEntries(Object.entries(map).filter(([name]) => name.endsWith('_token')));
}

/** One template, or a list of named ones as older configs have it. */
function templatesOf(folder: string, configured: unknown): unknown {
  const path = join(folder, 'chat_template.jinja');
  const own = tryStat(path) === undefined ? configured : readText(path);
  const usual = own ?? tryRead(folder, 'chat_template.json')?.['chat_template'];
  const more = furtherTemplates(folder).map((file) => ({
    name: basename(file, '.jinja'),
    template: readText(join(folder, file)),
  }));
  if (more.length === 0) return usual;
  const listed: unknown[] = Array.isArray(usual) ? usual : [{ name: 'default', template: usual }];
  return [...listed, ...more];
}

/** Files of a folder's further templates, as paths in it. */
export function furtherTemplates(folder: string): string[] {
  const inside = join(folder, TEMPLATES_FOLDER);
  if (tryStat(inside)?.isDirectory() !== true) return [];
  return readdirSync(inside)
    .filter((name) => /^[\w-]+\.jinja$/.test(name))
    .toSorted()
    .slice(0, TEMPLATES_MAX)
    .map((name) => join(TEMPLATES_FOLDER, name));
}

function tryRead(folder: string, name: string): Json | undefined {
  const path = join(folder, name);
  return tryStat(path) === undefined ? undefined : readJson(path);
}
