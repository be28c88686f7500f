/** Shards on their way into a tile: told of, stopped, refused; pages are asked for before. */
import type { TilePlan } from '@wafer/core';
import { compileKernels, instantiateKernels } from '@wafer/kernels';
import { openReader, openSynthetic } from '@wafer/models';
import type { WeightReader } from '@wafer/models';
import { expect, onTestFinished, test } from 'vitest';
import { createMemories } from '../host.ts';
import { HugePages } from '../huge-pages.ts';
import { prepareModel } from '../prepare.ts';
import { loadShards } from './load-shards.ts';

const model = openSynthetic('synthetic:tiny:f32');
const { plan } = prepareModel(model, { grid: '1x1', contextTokens: 64 });
const tile = plan.tiles[0]!;

function opened(): { reader: WeightReader; memory: ArrayBufferLike; target: Target } {
  const memory = createMemories(plan, [0]).get(0)!;
  const reader = openReader(model.source);
  onTestFinished(() => reader.close());
  const kernels = instantiateKernels(compileKernels('plain'), memory);
  return { reader, memory: memory.buffer, target: { memory: memory.buffer, kernels } };
}
type Target = Parameters<typeof loadShards>[1];

const never = { report: () => undefined, isStopped: () => false };
const bytesOf = ({ shards }: TilePlan): number => shards.reduce((sum, { bytes }) => sum + bytes, 0);

test('every shard is told of once it is in place, and all bytes of the tile with the last', () => {
  const { reader, memory, target } = opened();
  let told = 0;
  let count = 0;
  const report = (bytes: number): void => {
    const { address, bytes: own } = tile.shards[count++]!;
    expect(bytes).toBe(own);
    expect(new Uint8Array(memory, address, own).some((byte) => byte !== 0)).toBe(true);
    told += bytes;
  };
  loadShards(tile, target, reader, { ...never, report });
  expect([count, told]).toEqual([tile.shards.length, bytesOf(tile)]);
});

test('a load that is stopped reads no further matrix', () => {
  const { reader, memory, target } = opened();
  loadShards(tile, target, reader, { ...never, isStopped: () => true });
  for (const { isVector, address, bytes } of tile.shards) {
    const isThere = new Uint8Array(memory, address, bytes).some((byte) => byte !== 0);
    expect(isThere).toBe(isVector);
  }
});

test('a matrix with a value that is no number is refused by its name', () => {
  const { reader, target } = opened();
  const { tensor } = tile.shards.findLast(({ isVector }) => !isVector)!;
  const spoiled: WeightReader = {
    readVector: (name) => reader.readVector(name),
    readRows: (name, range, bytes) => {
      reader.readRows(name, range, bytes);
      if (name === tensor) new Float32Array(bytes.buffer, bytes.byteOffset, 1)[0] = NaN;
    },
    takeLoss: () => reader.takeLoss(),
    close: () => undefined,
  };
  expect(() => loadShards(tile, target, spoiled, never)).toThrow(
    expect.objectContaining({ code: 'TENSOR_NOT_FINITE', details: { tensor } }),
  );
});

test('pages are asked for before anything is written to them, each that matrices fill', () => {
  const { reader, memory, target } = opened();
  const pageBytes = 256;
  const asked: number[] = [];
  const pages = new HugePages({
    ...{ pageBytes, addressOf: () => 0n, threadNs: () => 0, advise: () => true },
    populate: (address) => {
      const page = new Uint8Array(memory, Number(address), pageBytes);
      expect(page.every((byte) => byte === 0)).toBe(true);
      asked.push(Number(address));
      return true;
    },
  });
  const matrices = tile.shards.filter(({ isVector }) => !isVector);
  const hugePages = pages.tryMemory(memory, matrices)!;
  loadShards({ ...tile, shards: matrices }, { ...target, hugePages }, reader, never);
  const inside = matrices.flatMap(({ address, bytes }) => {
    const first = Math.ceil(address / pageBytes);
    const count = Math.floor((address + bytes) / pageBytes) - first;
    return Array.from({ length: count }, (_, i) => (first + i) * pageBytes);
  });
  expect(asked).toEqual(expect.arrayContaining(inside));
});
