/** What is no model for here: each says in its users' words what it is, and what to do. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ggufHead } from '../gguf/gguf-bytes.ts';
import { syntheticModel, SYNTHETIC_SPECS } from '../synthetic/synthetic.ts';
import { writeModel } from '../write/write-model.ts';
import { openModel } from './open-model.ts';

const root = mkdtempSync(join(tmpdir(), 'wafer-refusals-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

const LFS = 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12\n';
const PAGE = '<!DOCTYPE html>\n<html><head><title>Sign in</title></head><body>…</body></html>';
const CONFIG = JSON.stringify({
  architectures: ['LlamaForCausalLM'],
  hidden_size: 64,
  intermediate_size: 96,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  vocab_size: 100,
});

type Files = Readonly<Record<string, string | Uint8Array>>;

function folderWith(files: Files): string {
  const path = join(root, `${count++}`);
  mkdirSync(path);
  for (const [name, bytes] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  }
  return path;
}

const fileWith = (name: string, bytes: string | Uint8Array): string =>
  join(folderWith({ [name]: bytes }), name);

const KIND = /^MODEL_KIND: /;

async function refusal(path: string): Promise<string> {
  const error: unknown = await openModel(path).catch((reason: unknown) => reason);
  return error instanceof Error ? error.message.replaceAll(root, '') : 'was opened';
}

describe('a file that is not what its name says', () => {
  const latin = (text: string): Uint8Array => Buffer.from(text.padEnd(80, 'x'), 'latin1');
  const cases: [string, string, string | Uint8Array, RegExp][] = [
    ['a pointer of Git LFS', 'm.gguf', LFS, /pointer of Git LFS.*git lfs pull/],
    ['a web page', 'm.gguf', PAGE, /web page.*\/resolve\//],
    ['a message of a server', 'm.gguf', 'Entry not found, sorry', /text that begins “Entry not/],
    ['a gzip archive', 'm.tar.gz', latin('\x1f\x8b\x08'), /archive; unpack/],
    ['a zip archive', 'm.zip', latin('PK\x03\x04'), /archive; unpack/],
    ['pickled weights', 'm.pth', latin('PK\x03\x04'), /pickled.*safetensors/],
    ['older pickled weights', 'm.bin', latin('\x80\x02'), /pickled.*safetensors/],
    ['weights from before GGUF', 'm.bin', latin('tjgg\x03\0\0\0'), /before GGUF; take a .gguf/],
    ['a preallocated download', 'm.gguf', new Uint8Array(4096), /zeros.*download it again/],
    ['safetensors', 'm.bin', latin('\x40\0\0\0\0\0\0\0{"a"'), /safetensors.*give the folder/],
    ['a graph', 'm.onnx', latin('\x08\x08'), /ONNX/],
    ['half a download', 'm.gguf.part', 'GGUF', /not finished.*again/],
    ['a tokenizer', 'tokenizer.model', 'x', /tokenizer without weights.*folder/],
    ['one file of many', 'model.safetensors', 'x', /give the folder it lies in/],
  ];
  test.each(cases)('%s', async (_, name, bytes, message) => {
    const text = await refusal(fileWith(name, bytes));
    expect(text).toMatch(KIND);
    expect(text).toMatch(message);
  });

  test.each(['config.json', 'tokenizer.json', 'model.safetensors', 'chat_template.jinja'])(
    'nor is one inside a folder: %s',
    async (name) => {
      const spec = { ...SYNTHETIC_SPECS['llama']!, layerCount: 1, vocabCount: 300 };
      const model = syntheticModel({ name: 'llama', spec, type: 'f16', seed: 1 });
      const path = writeModel({ model, format: 'safetensors', path: join(root, `${count++}`) });
      if (name === 'chat_template.jinja') writeFileSync(join(path, 'tokenizer.json'), '{}');
      const sound = name === 'model.safetensors' ? readFileSync(join(path, name)) : Buffer.of();
      for (const [bytes, message] of [
        [LFS, /git lfs pull/],
        [PAGE, /web page/],
      ] as const) {
        writeFileSync(join(path, name), bytes);
        expect(await refusal(path)).toMatch(message);
      }
      if (sound.length === 0) return;
      writeFileSync(join(path, name), sound.subarray(0, -100));
      expect(await refusal(path)).toMatch(/tensors need \d+ bytes.*download it again/);
    },
  );
});

describe('a GGUF file that holds no language model', () => {
  const text = (key: string, value: string): Parameters<typeof ggufHead>[0][number] => ({
    key,
    type: 'string',
    value,
  });
  const architecture = (name: string): ReturnType<typeof text> =>
    text('general.architecture', name);
  const cases: [string, ReturnType<typeof text>[], RegExp][] = [
    ['eyes', [architecture('clip'), text('general.type', 'mmproj')], /mmproj.*lies beside/],
    ['eyes by architecture', [architecture('clip')], /mmproj/],
    ['an adapter', [architecture('llama'), text('general.type', 'adapter')], /LoRA.*--adapter/],
    ['an older adapter', [architecture('llama'), text('adapter.type', 'lora')], /LoRA.*--adapter/],
    ['a control vector', [architecture('controlvector')], /control vector/],
    ['an importance matrix', [text('general.type', 'imatrix')], /statistics for quantizing/],
    ['an encoder', [architecture('nomic-bert')], /embeddings.*text generation/],
    ['a pair', [architecture('t5')], /encoder and a decoder/],
    ['sound', [architecture('whisper')], /sound/],
    ['images', [architecture('flux')], /images or films/],
  ];
  test.each(cases)('%s', async (_, pairs, message) => {
    const refused = await refusal(fileWith('m.gguf', ggufHead(pairs, [])));
    expect(refused).toMatch(KIND);
    expect(refused).toMatch(message);
  });
});

describe('a folder without a model', () => {
  const cases: [string, Files, RegExp][] = [
    ['with a tokenizer', { 'tokenizer.json': '{}' }, /tokenizer without weights.*tokenize/],
    ['with half a download', { 'm.gguf.incomplete': 'x' }, /not finished.*again/],
    ['with models below', { 'a/config.json': '{}', 'b/m.gguf': 'x' }, /folders that do \(a, b\)/],
    ['that is a cache', { 'snapshots/0a/config.json': '{}' }, /folders that do \(snapshots.0a\)/],
  ];
  test.each(cases)('%s', async (_, files, message) => {
    const refused = await refusal(folderWith(files));
    expect(refused).toMatch(KIND);
    expect(refused).toMatch(message);
  });
});

describe('tensors that another tool quantized, where the config is silent', () => {
  const head = (names: readonly string[]): Uint8Array => {
    const entry = { dtype: 'U8', shape: [0], data_offsets: [0, 0] };
    const json = JSON.stringify(Object.fromEntries(names.map((name) => [name, entry])));
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(json.length));
    return Buffer.concat([start, Buffer.from(json)]);
  };
  const cases: [string, string[]][] = [
    ['GPTQ or AWQ', ['q_proj.qweight', 'q_proj.qzeros']],
    ['bitsandbytes', ['q_proj.weight.quant_state.bitsandbytes__nf4']],
    ['compressed-tensors', ['q_proj.weight_packed']],
    ['ExLlamaV2', ['q_proj.q_weight']],
    ['ExLlamaV3', ['q_proj.trellis']],
    ['MLX', ['q_proj.scales', 'q_proj.biases']],
  ];
  test.each(cases)('%s', async (tool, names) => {
    const weights = head(names.map((name) => `model.layers.0.self_attn.${name}`));
    const path = folderWith({ 'config.json': CONFIG, 'model.safetensors': weights });
    expect(await refusal(path)).toMatch(new RegExp(`^MODEL_KIND.*quantized by ${tool}; .*q8_0`));
  });
});
