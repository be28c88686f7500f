import { copyFileSync, mkdirSync, mkdtempSync, readFileSync } from 'node:fs';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { FAMILY_SPECS } from '../synthetic/synthetic-families.ts';
import { syntheticModel } from '../synthetic/synthetic.ts';
import type { Model } from '../source/source.ts';
import { writeModel } from '../write/write-model.ts';
import { openModel } from './open-model.ts';

const root = mkdtempSync(join(tmpdir(), 'wafer-folder-names-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

/** A folder of a family, its tensors renamed and its config changed. */
function folderOf(
  family: 'llama' | 'smollm3' | 'llama4',
  rename: (name: string) => string,
  change: Record<string, unknown> = {},
): string {
  const path = join(root, `${count++}`);
  const spec = FAMILY_SPECS[family];
  const model = syntheticModel({ name: 'm', spec, type: 'f32', seed: 1 });
  writeModel({ model, format: 'safetensors', path });
  const file = join(path, 'model.safetensors');
  const bytes = readFileSync(file);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.subarray(8, 8 + length).toString()) as Record<string, unknown>;
  const renamed = Object.entries(header).map(
    ([name, entry]) => [name === '__metadata__' ? name : rename(name), entry] as const,
  );
  const text = Buffer.from(JSON.stringify(Object.fromEntries(renamed)));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(text.length));
  writeFileSync(file, Buffer.concat([size, text, bytes.subarray(8 + length)]));
  const config = join(path, 'config.json');
  const values = JSON.parse(readFileSync(config, 'utf8')) as Record<string, unknown>;
  writeFileSync(config, JSON.stringify({ ...values, ...change }));
  return path;
}

/** Names of tensors and how their bytes lie: the order of the file is kept, so places are alike. */
const tensorsOf = ({ source }: Model): string[] =>
  Object.values(source.tensors).map(({ name, type, rows, columns }) =>
    [name, type, rows, columns].join(' '),
  );

describe('names that begin otherwise', () => {
  const bare = (name: string): string => name.replace(/^model\./, '');
  const forms: [string, (name: string) => string][] = [
    ['of the bare model', bare],
    ['of a text part', (name) => `language_model.${name}`],
    [
      'of a text part of newer versions',
      (name) => (name.startsWith('model.') ? `model.language_model.${bare(name)}` : name),
    ],
    ['of any wrapper', (name) => `base.transformer.${bare(name)}`],
  ];
  test.each(forms)('%s are found', async (_, rename) => {
    for (const family of ['llama', 'smollm3'] as const) {
      const usual = await openModel(folderOf(family, (name) => name));
      const opened = await openModel(folderOf(family, rename));
      expect(tensorsOf(opened)).toEqual(tensorsOf(usual));
      expect(opened.spec).toEqual(usual.spec);
    }
  });

  test('of two models side by side are refused', async () => {
    const path = folderOf('llama', (name) => `a.${name}`);
    const file = join(path, 'model.safetensors');
    const other = join(
      folderOf('llama', (name) => `b.${name}`),
      'model.safetensors',
    );
    renameSync(file, join(path, 'model-00001-of-00002.safetensors'));
    renameSync(other, join(path, 'model-00002-of-00002.safetensors'));
    await expect(openModel(path)).rejects.toThrow(/^MODEL_KIND.*2 stacks of layers/);
  });
});

describe('an output head that is not there', () => {
  const headless = (name: string): string => (name === 'lm_head.weight' ? 'score.weight' : name);

  test('is the embedding where the config does not ask for one', async () => {
    const path = folderOf('llama', headless, { tie_word_embeddings: undefined });
    expect((await openModel(path)).spec.hasTiedEmbeddings).toBe(true);
  });

  test('is refused where it does, as of a model that embeds texts', async () => {
    const path = folderOf('llama', headless, { tie_word_embeddings: false });
    await expect(openModel(path)).rejects.toThrow(/^MODEL_KIND.*no output head.*embed or rank/);
  });
});

describe('shards', () => {
  test('need no index, and a single one may have any name', async () => {
    const path = folderOf('llama', (name) => name);
    const usual = await openModel(path);
    for (const name of ['model-00001-of-00001.safetensors', 'weights.safetensors']) {
      const other = folderOf('llama', (each) => each);
      renameSync(join(other, 'model.safetensors'), join(other, name));
      expect(tensorsOf(await openModel(other))).toEqual(tensorsOf(usual));
    }
  });
});

test('an index that is out of date gives way to what the files hold', async () => {
  const path = folderOf('llama', (name) => name);
  const file = 'model-00001-of-00001.safetensors';
  renameSync(join(path, 'model.safetensors'), join(path, file));
  const map = { 'lm_head.weight': file, 'model.norm.weight': 'other.safetensors' };
  copyFileSync(join(path, file), join(path, 'other.safetensors'));
  writeFileSync(join(path, 'model.safetensors.index.json'), JSON.stringify({ weight_map: map }));
  const usual = await openModel(folderOf('llama', (name) => name));
  expect((await openModel(path)).spec).toEqual(usual.spec);
});

test('a config may have numbers that only Python writes', async () => {
  const path = folderOf('llama', (name) => name);
  const usual = await openModel(path);
  const config = join(path, 'config.json');
  const more = '{"a": [-Infinity, NaN], "b": "say \\"NaN\\" to Infinity", ';
  writeFileSync(config, readFileSync(config, 'utf8').replace('{', more));
  expect((await openModel(path)).spec).toEqual(usual.spec);
});

test('weights with an adapter in them are told to be merged', async () => {
  const wrapped = (name: string): string => name.replace('q_proj.', 'q_proj.base_layer.');
  const refusal = /^MODEL_KIND.*not merged.*merge_and_unload/;
  await expect(openModel(folderOf('llama', wrapped))).rejects.toThrow(refusal);
});

test('whole weights beside an adapter are refused: either may be meant', async () => {
  const path = folderOf('llama', (name) => name);
  const config = join(path, 'adapter_config.json');
  writeFileSync(config, '{"base_model_name_or_path":"a/b"}');
  const refusal = /^MODEL_KIND.*whole weights and an adapter of a\/b.*--adapter/;
  await expect(openModel(path)).rejects.toThrow(refusal);
  renameSync(join(path, 'model.safetensors'), join(path, 'weights.safetensors'));
  await expect(openModel(path)).rejects.toThrow(refusal);
  // Written anew, the folder is the new model and nothing else.
  const model = syntheticModel({ name: 'm', spec: FAMILY_SPECS.llama, type: 'f32', seed: 2 });
  rmSync(join(path, 'weights.safetensors'));
  writeModel({ model, format: 'safetensors', path, isForced: true });
  expect(tensorsOf(await openModel(path))).toEqual(tensorsOf(model));
});

describe('a folder without weights says what it holds', () => {
  const cases: [string, Record<string, string>, RegExp][] = [
    ['pickled weights', { 'pytorch_model.bin': 'x' }, /MODEL_KIND.*pytorch_model.bin.*safetensors/],
    ['a graph', { 'model.onnx': 'x' }, /MODEL_KIND.*ONNX/],
    [
      'an adapter',
      { 'adapter_config.json': '{"base_model_name_or_path":"a/b"}' },
      /adapter of a\/b/,
    ],
    ['a pipeline', { 'model_index.json': '{}' }, /MODEL_KIND.*diffusers/],
    ['the layout of authors', { 'params.json': '{}', 'consolidated.00.pth': '' }, /authors/],
    ['parts of it', { 'consolidated-00001-of-00002.safetensors': '' }, /authors/],
  ];
  test.each(cases)('%s', async (_, files, message) => {
    for (const hasConfig of [false, true]) {
      const path = join(root, `${count++}`);
      mkdirSync(path);
      const config = { architectures: ['LlamaForCausalLM'], hidden_size: 64 };
      const sizes = { intermediate_size: 96, num_hidden_layers: 2, num_attention_heads: 4 };
      if (hasConfig) {
        const text = JSON.stringify({ ...config, ...sizes, vocab_size: 100 });
        writeFileSync(join(path, 'config.json'), text);
      }
      for (const [name, text] of Object.entries(files)) writeFileSync(join(path, name), text);
      await expect(openModel(path)).rejects.toThrow(message);
    }
  });
});
