import {
  chmodSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { storedRowBytes, WaferError } from '@wafer/core';
import { createTokenizer } from '@wafer/text';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PULL_RECORD } from './hub-name.ts';
import { openModel } from './open-model.ts';
import { openReader } from '../weights/reader.ts';
import type { Model } from '../source/source.ts';
import { SYNTHETIC_SPECS, syntheticModel } from '../synthetic/synthetic.ts';
import { writeModel } from '../write/write-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-open-'));
const sound = join(folder, 'sound');
const gguf = join(folder, 'sound.gguf');
const empty = join(folder, 'empty');
let nextFolder = 0;

beforeAll(() => {
  mkdirSync(empty);
  const model = syntheticModel({
    name: 'tiny',
    spec: SYNTHETIC_SPECS['tiny']!,
    type: 'f32',
    seed: 1,
  });
  writeModel({ model, format: 'safetensors', path: sound, shardCount: 2 });
  writeModel({ model, format: 'gguf', path: gguf });
});
afterAll(() => rmSync(folder, { recursive: true }));

/** A copy of the sound folder, changed. */
function broken(change: (path: string) => void): string {
  const path = join(folder, `broken-${nextFolder++}`);
  cpSync(sound, path, { recursive: true });
  change(path);
  return path;
}

function edit(path: string, change: (json: Record<string, unknown>) => void): void {
  const json = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  change(json);
  writeFileSync(path, JSON.stringify(json));
}

const FIRST = 'model-00001-of-00002.safetensors';
const INDEX = 'model.safetensors.index.json';

/** Adds one number to a safetensors file. */
function addTensor(path: string, name: string): void {
  const bytes = readFileSync(path);
  const start = 8 + Number(bytes.readBigUInt64LE());
  const header = JSON.parse(bytes.toString('utf8', 8, start)) as Record<string, unknown>;
  const end = bytes.length - start;
  header[name] = { dtype: 'F32', shape: [1], data_offsets: [end, end + 4] };
  const text = JSON.stringify(header);
  const spaces = ' '.repeat(-Buffer.byteLength(text) & 7);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(text) + spaces.length));
  const parts = [length, Buffer.from(text + spaces), bytes.subarray(start), Buffer.alloc(4)];
  writeFileSync(path, Buffer.concat(parts));
}

async function refusal(name: string): Promise<WaferError> {
  const error: unknown = await openModel(name).catch((reason: unknown) => reason);
  if (error instanceof WaferError) return error;
  throw Error.isError(error) ? error : new Error('it was opened');
}

test('a folder with one GGUF is that GGUF', async () => {
  const only = join(folder, 'only');
  mkdirSync(only);
  copyFileSync(gguf, join(only, 'a.GGUF'));
  expect((await openModel(only)).spec).toEqual((await openModel(gguf)).spec);
  copyFileSync(gguf, join(only, 'b.gguf'));
  expect((await refusal(only)).message).toMatch(/^MODEL_UNREADABLE.*2 \.gguf files/);
});

test('a model without tokenizer files opens without text', async () => {
  const path = broken((at) => rmSync(join(at, 'tokenizer.json')));
  const { tokenizer, special } = await openModel(path);
  expect(tokenizer).toBeUndefined();
  expect(special).toEqual({ begin: 256, addBegin: true, ends: [] });
});

test('templates and tokens come from all files that transformers reads', async () => {
  const config = async (files: Record<string, string>): Promise<Record<string, unknown>> => {
    const path = broken((at) => {
      writeFileSync(join(at, 'tokenizer_config.json'), '{}');
      for (const [name, text] of Object.entries(files)) {
        mkdirSync(dirname(join(at, name)), { recursive: true });
        writeFileSync(join(at, name), text);
      }
    });
    return (await openModel(path)).tokenizer?.tokenizerConfig as Record<string, unknown>;
  };
  const usual = { 'chat_template.jinja': 'own', 'chat_template.json': '{"chat_template":"old"}' };
  expect(await config(usual)).toEqual({ chat_template: 'own' });
  const older = { 'chat_template.json': usual['chat_template.json'] };
  expect(await config(older)).toEqual({ chat_template: 'old' });
  const named = { ...usual, 'additional_chat_templates/tool_use.jinja': 'tools' };
  expect(await config(named)).toEqual({
    chat_template: [
      { name: 'default', template: 'own' },
      { name: 'tool_use', template: 'tools' },
    ],
  });
  const map = { 'special_tokens_map.json': '{"eos_token":"</s>","additional_special_tokens":[]}' };
  expect(await config(map)).toEqual({ eos_token: '</s>' });
  const newer = { ...map, 'tokenizer_config.json': '{"added_tokens_decoder":{}}' };
  expect(await config(newer)).toEqual({ added_tokens_decoder: {} });
});

test('end tokens come from both configs', async () => {
  const path = broken((at) => {
    edit(join(at, 'config.json'), (config) => (config['eos_token_id'] = 7));
    writeFileSync(join(at, 'generation_config.json'), '{"eos_token_id":[9,8,99999]}');
  });
  expect((await openModel(path)).special.ends).toEqual([9, 8, 7]);
});

test.each(['model.layers.0.self_attn.q_proj.bias', 'model.layers.1.self_attn.q_norm.weight'])(
  'a folder with %s, which its architecture lacks, is refused',
  async (name) => {
    const path = broken((at) => addTensor(join(at, FIRST), name));
    const { message } = await refusal(path);
    expect(message).toMatch(/^SAFETENSORS_INVALID.*its architecture has no tensor/);
    expect(message).toContain(name);
  },
);

test.each([
  'model.layers.0.self_attn.rotary_emb.inv_freq',
  'model.layers.0.self_attn.k_scale',
  'model.layers.99.input_layernorm.weight',
  'vision.layers.0.q_proj.bias',
])('a folder with %s opens as one without', async (name) => {
  const path = broken((at) => addTensor(join(at, FIRST), name));
  expect((await openModel(path)).spec).toEqual((await openModel(sound)).spec);
});

describe('a name is refused', () => {
  const names: [string, string, string][] = [
    ['nothing', '', 'MODEL_NOT_FOUND'],
    ['a path to nothing', join(folder, 'nothing'), 'MODEL_NOT_FOUND'],
    ['a path with a zero byte', 'a\0b', 'MODEL_NOT_FOUND'],
    ['a path below a file', join(gguf, 'x'), 'MODEL_NOT_FOUND'],
    ['a folder without a model', empty, 'MODEL_NOT_FOUND'],
    ['a device', '/dev/null', 'MODEL_UNREADABLE'],
    ['a shard', join(sound, FIRST), 'MODEL_KIND'],
    ['an unknown shape', 'synthetic:huge', 'SYNTHETIC_UNKNOWN'],
    ['a text file', import.meta.filename, 'MODEL_KIND'],
  ];
  test.each(names)('that is %s', async (_, name, code) => {
    expect((await refusal(name)).code).toBe(code);
  });

  test('that is an empty file', async () => {
    const path = join(folder, 'empty.gguf');
    writeFileSync(path, '');
    expect((await refusal(path)).message).toMatch(/^MODEL_UNREADABLE.*empty/);
  });

  const isRoot = process.getuid?.() === 0;
  if (isRoot) console.warn('skipped: a file that may not be read, as the superuser reads all');
  test.skipIf(isRoot)('that may not be read', async () => {
    const path = join(folder, 'secret.gguf');
    copyFileSync(gguf, path);
    chmodSync(path, 0);
    expect((await refusal(path)).message).toMatch(/^MODEL_UNREADABLE.*permission denied/);
  });
});

describe('a folder is refused', () => {
  const cases: [string, (path: string) => void, RegExp][] = [
    [
      'with a config that is no JSON',
      (at) => writeFileSync(join(at, 'config.json'), '{'),
      /^CONFIG_INVALID/,
    ],
    [
      'with an empty config',
      (at) => writeFileSync(join(at, 'config.json'), ''),
      /^MODEL_UNREADABLE.*empty/,
    ],
    [
      'without weights',
      (at) => {
        for (const name of readdirSync(at)) if (name.startsWith('model')) rmSync(join(at, name));
      },
      /^MODEL_UNREADABLE.*no .safetensors file/,
    ],
    [
      'without one of its shards',
      (at) => rmSync(join(at, FIRST)),
      /^MODEL_UNREADABLE.*no such file/,
    ],
    [
      'with an index that is a list',
      (at) => writeFileSync(join(at, INDEX), '[]'),
      /^SAFETENSORS_INVALID/,
    ],
    [
      'with a shard outside of it',
      (at) =>
        edit(join(at, INDEX), (index) => {
          (index['weight_map'] as Record<string, string>)['x'] = `../sound/${FIRST}`;
        }),
      /^SAFETENSORS_INVALID.*no name of a safetensors file/,
    ],
    [
      'whose index lacks a file',
      (at) =>
        edit(join(at, INDEX), (index) => {
          const [first, ...others] = Object.entries(index['weight_map'] as object);
          index['weight_map'] = Object.fromEntries(
            [first!, ...others].filter(([, file]) => file === first![1]),
          );
        }),
      /^TENSOR_MISSING/,
    ],
    [
      'whose config asks for other shapes',
      (at) => edit(join(at, 'config.json'), (config) => (config['intermediate_size'] = 97)),
      /^TENSOR_SHAPE: tensor model\.layers\.0\.mlp\.gate_proj\.weight has shape 96 x 64.*97 x 64/,
    ],
    [
      'with the tokenizer of a larger model',
      (at) => {
        const path = join(at, 'tokenizer.json');
        writeFileSync(path, readFileSync(path, 'utf8').replace(/: 511\b/, ': 512'));
      },
      /^TOKENIZER_INVALID.*513 tokens, the model 512/,
    ],
    [
      'with a tokenizer that is broken',
      (at) => writeFileSync(join(at, 'tokenizer.json'), '{"model":{}}'),
      /^TOKENIZER_INVALID/,
    ],
  ];
  test.each(cases)('%s', async (_, change, message) => {
    expect((await refusal(broken(change))).message).toMatch(message);
  });
});

// ---- a real model, in both formats

const real = fileURLToPath(new URL('../../../../../shared/models/stories260K/', import.meta.url));
const isAbsent = !existsSync(real);
if (isAbsent) console.warn(`skipped: no model to compare with, as ${real} is absent`);

describe.skipIf(isAbsent)('stories260K', () => {
  const open = (name: string): Promise<Model> => openModel(join(real, name));

  test('has one spec, but for the rotary layout, and one tokenizer in all files', async () => {
    const text = 'Once upon a time, Zo\u00eb  said: "</s> 1, 2"\n';
    const models = await Promise.all(
      ['hf', 'stories260K-f32.gguf', 'stories260K-f16.gguf'].map(open),
    );
    for (const { spec, special, tokenizer } of models) {
      expect({ ...spec, rope: { ...spec.rope, layout: 'any' } }).toEqual({
        ...models[0]!.spec,
        rope: { ...models[0]!.spec.rope, layout: 'any' },
      });
      expect(special).toEqual({ begin: 1, addBegin: true, ends: [2] });
      const made = createTokenizer(tokenizer!);
      expect(made.encode('Once upon a time')).toEqual([1, 403, 407, 261, 378]);
      expect(made.encode(text)).toEqual(createTokenizer(models[0]!.tokenizer!).encode(text));
      expect(made.decode(made.encode(text))).toBe(text);
    }
  });

  test('written as GGUF has the rows of the GGUF that others made', async () => {
    const path = join(folder, 'stories.gguf');
    writeModel({ model: await open('hf'), format: 'gguf', path });
    const [ours, theirs] = [await openModel(path), await open('stories260K-f32.gguf')];
    for (const name of Object.keys(theirs.source.tensors)) {
      expect(rowsOf(ours, name).equals(rowsOf(theirs, name)), name).toBe(true);
    }
  });
});

function rowsOf(model: Model, name: string): Buffer {
  const { type, rows, columns } = model.source.tensors[name]!;
  const bytes = Buffer.alloc(rows * storedRowBytes(type, columns));
  const reader = openReader(model.source);
  reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, bytes);
  reader.close();
  return bytes;
}

test('a model that was pulled whole opens by its name', async () => {
  const models = join(folder, 'models');
  const place = join(models, 'org', 'name');
  cpSync(sound, place, { recursive: true });
  const open = (): Promise<Model> => openModel('org/name', { modelsFolder: models });
  await expect(open()).rejects.toThrow(/^MODEL_NOT_PULLED: .*wafer pull org\/name/);
  writeFileSync(join(place, PULL_RECORD), '{}');
  expect((await open()).spec).toEqual((await openModel(sound)).spec);
  await expect(openModel('org/name')).rejects.toThrow(/^MODEL_NOT_PULLED/);
  for (const name of ['org/../org/name', 'org/name/..', './org/name', 'org/name/../../x']) {
    await expect(openModel(name, { modelsFolder: models })).rejects.toThrow(/^MODEL_NOT_FOUND/);
  }
});

test('a revision with slashes opens by its name, and so does a file of it', async () => {
  const models = join(folder, 'revisions');
  const place = join(models, 'org', 'name@refs--pr--1');
  cpSync(sound, place, { recursive: true });
  mkdirSync(join(place, 'q8'));
  copyFileSync(gguf, join(place, 'q8', 'a.gguf'));
  writeFileSync(join(place, PULL_RECORD), '{}');
  const open = (name: string): Promise<Model> => openModel(name, { modelsFolder: models });
  const { spec } = await openModel(sound);
  expect((await open('org/name@refs/pr/1')).spec).toEqual(spec);
  expect((await open('org/name@refs--pr--1')).spec).toEqual(spec);
  const file = await open('org/name@refs/pr/1/q8/a.gguf');
  expect(file.spec).toEqual((await openModel(gguf)).spec);
  for (const name of ['org/name@refs/pr/2', 'org/name', 'org/name@refs/pr/1/q8/b.gguf']) {
    await expect(open(name)).rejects.toThrow(/^MODEL_NOT_PULLED/);
  }
});

test('a pulled model opens by the address of its page', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'wafer-address-'));
  try {
    const { path } = await modelAt(folder);
    expect(path).toBe(join(folder, 'org', 'name'));
    for (const name of ['https://hub.example/org/name', 'http://hub.example/org/name/tree/main']) {
      const opened = await openModel(name, { modelsFolder: folder });
      expect(opened.spec.family).toBe('llama');
    }
    await expect(
      openModel('https://hub.example/org/other', { modelsFolder: folder }),
    ).rejects.toThrow(/^MODEL_NOT_PULLED: .*org\/other/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

async function modelAt(folder: string): Promise<{ path: string }> {
  const path = join(folder, 'org', 'name');
  mkdirSync(join(folder, 'org'));
  writeModel({ model: await openModel('synthetic:tiny'), format: 'safetensors', path });
  writeFileSync(join(path, PULL_RECORD), '{}');
  return { path };
}
