import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ggufHead } from '../gguf/gguf-bytes.ts';
import { openAdapter } from '../adapt/open-adapter.ts';
import { openModel } from './open-model.ts';
import { openReader } from '../weights/reader.ts';
import type { Model } from '../source/source.ts';
import { syntheticModel, SYNTHETIC_SPECS } from '../synthetic/synthetic.ts';
import { writeModel } from '../write/write-model.ts';

const folder = mkdtempSync(join(tmpdir(), 'wafer-split-'));
afterAll(() => rmSync(folder, { recursive: true }));

let nextFolder = 0;

function makeSet(): { path: string; model: Model; part: (number: number) => string } {
  const path = join(folder, String(nextFolder++));
  mkdirSync(path);
  const spec = { ...SYNTHETIC_SPECS['llama']!, layerCount: 1, vocabCount: 300 };
  const model = syntheticModel({ name: 'llama', spec, type: 'f16', seed: 1 });
  const first = writeModel({ model, format: 'gguf', path: join(path, 'm.gguf'), shardCount: 3 });
  const part = (number: number): string => join(path, `m-0000${number}-of-00003.gguf`);
  expect(first).toBe(part(1));
  return { path, model, part };
}

/** A file of a set that holds nothing but its number. */
function emptyPart(no: number, count: number): Uint8Array {
  return ggufHead(
    [
      { key: 'split.no', type: 'uint16', value: no },
      { key: 'split.count', type: 'uint16', value: count },
    ],
    [],
  );
}

test('a set opens by its folder or its first file, with the tensors of all', async () => {
  const { path, model, part } = makeSet();
  for (const name of [path, part(1)]) {
    const opened = await openModel(name);
    expect(opened.source.kind === 'files' && opened.source.paths).toEqual([1, 2, 3].map(part));
    const [found, made] = [openReader(opened.source), openReader(model.source)];
    for (const { name: tensor, rows } of Object.values(model.source.tensors)) {
      if (rows === 1) expect(found.readVector(tensor)).toEqual(made.readVector(tensor));
    }
    found.close();
    made.close();
  }
});

test('an adapter of several files is refused, whose tensors would be read from the first', () => {
  const said = Object.entries({ 'general.type': 'adapter', 'adapter.type': 'lora' });
  const first = ggufHead(
    [
      ...said.map(([key, value]) => ({ key, type: 'string', value }) as const),
      { key: 'general.architecture', type: 'string', value: 'llama' },
      { key: 'adapter.lora.alpha', type: 'float32', value: 16 },
      { key: 'split.no', type: 'uint16', value: 0 },
      { key: 'split.count', type: 'uint16', value: 2 },
    ],
    [],
  );
  const path = join(folder, 'a-00001-of-00002.gguf');
  writeFileSync(path, first);
  writeFileSync(join(folder, 'a-00002-of-00002.gguf'), emptyPart(1, 2));
  expect(() => openAdapter(SYNTHETIC_SPECS['llama']!, path)).toThrow(/GGUF_INVALID.*2 files/);
});

test('a tensor that nothing asks for is refused, not left out', async () => {
  const biases = { qkv: true, attentionOutput: true, ffn: false };
  const spec = { ...SYNTHETIC_SPECS['llama']!, layerCount: 1, vocabCount: 300, biases };
  const model = syntheticModel({ name: 'llama', spec, type: 'f16', seed: 1 });
  const path = writeModel({ model, format: 'gguf', path: join(folder, 'biased.gguf') });
  await openModel(path);
  // Without this one the file seems to have no bias there.
  const bytes = readFileSync(path);
  bytes.write('blk.0.attn_output.bia_', bytes.indexOf('blk.0.attn_output.bias'));
  writeFileSync(path, bytes);
  await expect(openModel(path)).rejects.toThrow(/^GGUF_INVALID.*no tensor blk.0.attn_output.bia_/);
});

describe('a set is refused', () => {
  test('by a later file', async () => {
    await expect(openModel(makeSet().part(2))).rejects.toThrow(/^GGUF_INVALID.*name the first/);
  });

  test('with a file missing', async () => {
    const { part, path } = makeSet();
    rmSync(part(2));
    await expect(openModel(part(1))).rejects.toThrow(/^MODEL_UNREADABLE.*part 2 of 3/);
    await expect(openModel(path)).rejects.toThrow(/^MODEL_UNREADABLE.*2 .gguf files/);
  });

  test('with a file of another set, or of another place in it', async () => {
    const { part } = makeSet();
    for (const [no, count] of [
      [2, 3],
      [1, 4],
    ] as const) {
      writeFileSync(part(2), emptyPart(no, count));
      await expect(openModel(part(1))).rejects.toThrow(/^GGUF_INVALID.*not 1 of 3/);
    }
  });

  test('with tensors that no file has', async () => {
    const { part } = makeSet();
    writeFileSync(part(2), emptyPart(1, 3));
    await expect(openModel(part(1))).rejects.toThrow(/^TENSOR_MISSING/);
  });

  test('with a tensor in two files', async () => {
    const { part } = makeSet();
    const bytes = ggufHead(
      [
        { key: 'split.no', type: 'uint16', value: 1 },
        { key: 'split.count', type: 'uint16', value: 3 },
      ],
      [{ name: 'token_embd.weight', dimensions: [1], typeNumber: 0, offset: 0 }],
    );
    const padded = new Uint8Array(Math.ceil(bytes.length / 32) * 32 + 32);
    padded.set(bytes);
    writeFileSync(part(2), padded);
    await expect(openModel(part(1))).rejects.toThrow(/^GGUF_INVALID.*twice/);
  });

  test('under another name', async () => {
    const { part, path } = makeSet();
    renameSync(part(1), join(path, 'renamed.gguf'));
    await expect(openModel(join(path, 'renamed.gguf'))).rejects.toThrow(/^GGUF_INVALID.*called/);
  });
});
