/** Fused tensors give the bytes of single ones: files rewritten by hand, read part by part. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { storedRowBytes, type ModelSpec } from '@wafer/core';
import { afterAll, expect, test } from 'vitest';
import { openModel } from './open-model.ts';
import { withFile } from '../source/files.ts';
import type { Model } from '../source/source.ts';
import { FAMILY_SPECS } from '../synthetic/synthetic-families.ts';
import { syntheticModel } from '../synthetic/synthetic.ts';
import { openReader } from '../weights/reader.ts';
import { writeModel } from '../write/write-model.ts';
import type { GgufTensor } from '../gguf/gguf-tensors.ts';
import { GgufHead } from '../gguf/gguf.ts';

const root = mkdtempSync(join(tmpdir(), 'wafer-fused-'));
afterAll(() => rmSync(root, { recursive: true }));
let count = 0;

/** One tensor in place of some: its name, its outer dimension, its bytes out of theirs. */
interface Fusion {
  names: readonly string[];
  whole: string;
  joined(parts: readonly Buffer[], outer: number): Buffer;
}

/** The file with fusions in every layer; tensors that are fused lie side by side. */
function fuse(path: string, fusions: readonly Fusion[]): string {
  const bytes = readFileSync(path);
  const head = withFile(path, (file) => new GgufHead(file));
  const tensors = [...head.tensors.values()];
  const dataStart = Math.min(...tensors.map(({ offset }) => offset));
  const infoStart = bytes.indexOf(tensors[0]!.name) - 8;
  const dataBytes = (tensor: GgufTensor): Buffer => {
    const next = tensors.map(({ offset }) => offset).filter((offset) => offset > tensor.offset);
    return bytes.subarray(tensor.offset, Math.min(...next, bytes.length));
  };
  const infos: Buffer[] = [];
  const data: Buffer[] = [];
  let at = 0;
  const write = (name: string, dimensions: readonly number[], type: number, body: Buffer): void => {
    const info = Buffer.alloc(8 + name.length + 4 + 8 * dimensions.length + 12);
    let place = info.writeBigUInt64LE(BigInt(name.length));
    place += info.write(name, place);
    place = info.writeUInt32LE(dimensions.length, place);
    for (const size of dimensions) place = info.writeBigUInt64LE(BigInt(size), place);
    place = info.writeUInt32LE(type, place);
    info.writeBigUInt64LE(BigInt(at), place);
    infos.push(info);
    data.push(body);
    at += body.length;
  };
  for (const tensor of tensors) {
    const [layer] = /^blk\.\d+\./.exec(tensor.name) ?? [''];
    const short = tensor.name.slice(layer.length);
    const fusion = fusions.find(({ names }) => names.includes(short));
    if (fusion === undefined)
      write(tensor.name, tensor.dimensions, tensor.typeNumber, dataBytes(tensor));
    else if (fusion.names[0] === short) {
      const parts = fusion.names.map((name) => head.tensors.get(layer + name)!);
      const [first] = parts;
      const dimensions = [...first!.dimensions];
      const last = dimensions.length > 2 ? 1 : dimensions.length - 1;
      dimensions[last] = parts.reduce((sum, part) => sum + part.dimensions[last]!, 0);
      const body = fusion.joined(parts.map(dataBytes), first!.dimensions.at(-1)!);
      write(layer + fusion.whole, dimensions, first!.typeNumber, body);
    }
  }
  const start = Buffer.concat([bytes.subarray(0, infoStart), ...infos]);
  start.writeBigUInt64LE(BigInt(infos.length), 8);
  const padding = Buffer.alloc(-start.length & 31);
  expect(dataStart % 32).toBe(0);
  const other = join(root, `${count++}.gguf`);
  writeFileSync(other, Buffer.concat([start, padding, ...data]));
  return other;
}

const behind = (parts: readonly Buffer[]): Buffer => Buffer.concat(parts);
const qkv = (kind: string): Fusion => ({
  names: ['q', 'k', 'v'].map((part) => `attn_${part}.${kind}`),
  whole: `attn_qkv.${kind}`,
  joined: behind,
});
const GATE_UP: Fusion = {
  names: ['ffn_gate_exps.weight', 'ffn_up_exps.weight'],
  whole: 'ffn_gate_up_exps.weight',
  joined: (parts, experts) =>
    behind(
      Array.from({ length: experts }, (_, expert) =>
        behind(
          parts.map((part) => {
            const size = part.length / experts;
            return part.subarray(expert * size, (expert + 1) * size);
          }),
        ),
      ),
    ),
};

/** All bytes of each tensor, row by row, as a reader finds them. */
function bytesOf({ source }: Model): Map<string, string> {
  const reader = openReader(source);
  const found = new Map<string, string>();
  for (const { name, type, rows, columns } of Object.values(source.tensors)) {
    const bytes = new Uint8Array(rows * storedRowBytes(type, columns));
    if (rows === 1) found.set(name, reader.readVector(name).join(' '));
    else {
      reader.readRows(name, { row: 0, rowCount: rows, column: 0, columnCount: columns }, bytes);
      found.set(name, Buffer.from(bytes).toString('hex'));
    }
  }
  reader.close();
  return found;
}

const withBiases = (spec: ModelSpec): ModelSpec => ({
  ...spec,
  biases: { ...spec.biases, qkv: true },
});

test.each([
  ['q, k and v', FAMILY_SPECS.llama, [qkv('weight')]],
  ['their biases', withBiases(FAMILY_SPECS.qwen2), [qkv('weight'), qkv('bias')]],
  ['gates and ups of experts', FAMILY_SPECS['qwen3-moe'], [GATE_UP, qkv('weight')]],
])('%s in one tensor are read as those of their own', async (_, spec, fusions) => {
  const model = syntheticModel({ name: 'm', spec, type: 'f16', seed: 1 });
  const path = writeModel({ model, format: 'gguf', path: join(root, `${count++}.gguf`) });
  const fused = fuse(path, fusions);
  const [found, usual] = [await openModel(fused), await openModel(path)];
  expect(found.spec).toEqual(usual.spec);
  expect(bytesOf(found)).toEqual(bytesOf(usual));
});

test('a fused tensor of another size is refused by its shape', async () => {
  const spec = FAMILY_SPECS.llama;
  const model = syntheticModel({ name: 'm', spec, type: 'f16', seed: 1 });
  const path = writeModel({ model, format: 'gguf', path: join(root, `${count++}.gguf`) });
  const short: Fusion = { ...qkv('weight'), names: ['attn_q.weight', 'attn_k.weight'] };
  const other = { names: ['attn_v.weight'], whole: 'attn_v2.weight', joined: behind };
  await expect(openModel(fuse(path, [short, other]))).rejects.toThrow(/^TENSOR_SHAPE/);
});
