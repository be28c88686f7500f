import { expect, onTestFinished, test } from 'vitest';
import { RECORD_SLOTS, StepView, TILE_HEADER } from '@wafer/core';
import type { Step } from '@wafer/core';
import { createDoorbells } from '@wafer/fabric';
import { openSynthetic } from '@wafer/models';
import { createMemories, createSharedMemory, hostLayout } from '../host.ts';
import { prepareModel } from '../prepare.ts';
import { StepWriter } from './step-writer.ts';

const BELL = 16;

/** A writer of steps for two tiles, whose thread sleeps. */
function writerOfTwo(): {
  writer: StepWriter;
  tiles: { words: Int32Array; records: readonly number[] }[];
  doorbells: Int32Array;
} {
  const model = openSynthetic('synthetic:tiny');
  const { plan } = prepareModel(model, { grid: '2x1' });
  const layout = hostLayout(plan);
  const memories = createMemories(plan, [0, 1]);
  const doorbells = createDoorbells(1);
  doorbells[BELL + 1] = 1;
  const host = createSharedMemory(layout.bytes);
  const writer = new StepWriter(plan, { host, layout, memories, doorbells, threadOf: [0, 0] });
  const tiles = plan.tiles.map(({ index, records }) => ({
    words: new Int32Array(memories.get(index)!.buffer),
    records,
  }));
  return { writer, tiles, doorbells };
}

function stepOf(token: number): Step {
  const segment = { firstRow: 0, rowCount: 1, startPosition: 0, blocks: [0] };
  return {
    program: 'infer',
    rowCount: 1,
    tokens: Int32Array.of(token),
    segments: [{ ...segment, windowBlocks: [], windowFirst: 0, adapter: 0 }],
    outputRows: [0],
    logitCount: 1,
  };
}

/** The first token of the record in a slot. */
function tokenIn({ words, records }: { words: Int32Array; records: readonly number[] }): number[] {
  const view = new StepView(words.buffer);
  return records.map((address) => view.look(address).token(0));
}

test('a step is published to a tile after its record, and the tile is rung after that', () => {
  const { writer, tiles, doorbells } = writerOfTwo();
  const seen: number[][] = [];
  const { store } = Atomics;
  const watched = ((array: Int32Array, at: number, value: number) => {
    const tile = tiles.find(({ words }) => words.buffer === array.buffer);
    if (tile && at === TILE_HEADER.published / 4) seen.push([tokenIn(tile)[0]!, doorbells[BELL]!]);
    return store(array, at, value);
  }) as typeof store;
  Object.assign(Atomics, { store: watched });
  onTestFinished(() => void Object.assign(Atomics, { store }));
  writer.publish(stepOf(77));
  expect(seen).toEqual([
    [77, 0],
    [77, 1],
  ]);
  expect(tiles.map(({ words }) => words[TILE_HEADER.published / 4])).toEqual([1, 1]);
});

test('records lie in slots in turn, and none is written over before every tile is done', () => {
  const { writer, tiles } = writerOfTwo();
  expect(RECORD_SLOTS).toBe(2);
  writer.publish(stepOf(10));
  expect(writer.canPublish()).toBe(true);
  writer.publish(stepOf(11));
  expect(tiles.map(tokenIn)).toEqual([
    [10, 11],
    [10, 11],
  ]);
  expect(writer.canPublish()).toBe(false);
  tiles[0]!.words[TILE_HEADER.consumed / 4] = 1;
  expect(writer.canPublish()).toBe(false); // the other one still reads
  tiles[1]!.words[TILE_HEADER.consumed / 4] = 1;
  expect(writer.canPublish()).toBe(true);
});
