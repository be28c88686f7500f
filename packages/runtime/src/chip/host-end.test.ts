/**
 * Step records on a chip: in pieces from the parent, whole to every tile, published last.
 */
import { Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { StepEncoder, TILE_HEADER, WaferError } from '@wafer/core';
import type { Plan } from '@wafer/core';
import { createDoorbells } from '@wafer/fabric';
import { FramePayload, SocketLink } from '@wafer/fabric/links';
import { openSynthetic } from '@wafer/models';
import { createMemories, createSharedMemory, hostLayout } from '../host.ts';
import { prepareModel } from '../prepare.ts';
import { HostEnd } from './host-end.ts';
import { WALL_CLOCK } from './link-clock.ts';
import { HOST_CHANNEL, hostChannels, linkIdentity } from './protocol.ts';

const BELL = 16;

/** A link that is not joined to anything: what is given back on it goes nowhere. */
function looseLink(): SocketLink {
  const nothing = (): void => undefined;
  const channels = (): ReturnType<typeof hostChannels> => hostChannels('chip');
  const rest = { onCredit: nothing, onRoom: nothing, onMessage: nothing, onEnd: nothing };
  return new SocketLink(new Socket(), {
    spec: {
      name: 'Wafer.Chip.Link',
      role: 'listen',
      chip: 0,
      identity: linkIdentity('plain'),
      secret: new Uint8Array(32),
      nonce: new Uint8Array(16),
    },
    handlers: { channels, onOpen: nothing, ...rest },
    clock: WALL_CLOCK,
  });
}

interface Parts {
  end: HostEnd;
  plan: Plan;
  tiles: { words: Int32Array; bytes: Uint8Array; records: readonly number[] }[];
  doorbells: Int32Array;
}

/** One chip with both tiles of a wafer, whose thread sleeps. */
function chipOfTwo(): Parts {
  const model = openSynthetic('synthetic:tiny');
  const { plan } = prepareModel(model, { grid: '2x1' });
  const layout = hostLayout(plan);
  const memories = createMemories(plan, [0, 1]);
  const doorbells = createDoorbells(1);
  doorbells[BELL + 1] = 1;
  const host = { memory: createSharedMemory(layout.bytes), layout };
  const place = { plan, chip: 0, chipOf: [0, 0], memories, host, threadOf: [0, 0], doorbells };
  const tiles = plan.tiles.map(({ index, records }) => {
    const { buffer } = memories.get(index)!;
    return { words: new Int32Array(buffer), bytes: new Uint8Array(buffer), records };
  });
  return { end: new HostEnd({ ...place, link: looseLink() }), plan, tiles, doorbells };
}

function give(end: HostEnd, bytes: Uint8Array, rest: number): void {
  const payload = new FramePayload();
  payload.reset(bytes.length);
  payload.add(bytes);
  const message = { channel: HOST_CHANNEL.record, message: 1, rowCount: rest, hasIndices: false };
  end.takeRecord(message, payload);
}

const RECORD_BYTES = 8192;

/** The record of the first step: 40 rows of one sequence. */
function firstRecord({ spec }: Plan): Uint8Array {
  const { rotaryWidth } = spec.rope;
  const memory = new ArrayBuffer(RECORD_BYTES);
  const place = { address: 0, bytesMax: RECORD_BYTES };
  const rope = { source: { copy: () => undefined }, rotaryWidth };
  const rows = { firstRow: 0, rowCount: 40, startPosition: 0, windowFirst: 0, adapter: 0 };
  const bytes = new StepEncoder(memory, place, rope).encode(
    {
      program: 'infer',
      rowCount: 40,
      tokens: Int32Array.from({ length: 40 }, (_, i) => i + 7),
      segments: [{ ...rows, blocks: [1, 2, 3], windowBlocks: [] }],
      outputRows: [39],
      logitCount: 1,
    },
    0,
  );
  return new Uint8Array(memory, 0, bytes);
}

test('a record is published to each tile when it lies whole in all of them', () => {
  const { end, plan, tiles, doorbells } = chipOfTwo();
  const record = firstRecord(plan);
  const isThere = ({ bytes, records }: Parts['tiles'][number]): boolean =>
    Buffer.compare(bytes.subarray(records[0]!, records[0]! + record.length), record) === 0;
  const seen: unknown[] = [];
  const { store } = Atomics;
  const watched = ((array: Int32Array, at: number, value: number) => {
    const tile = tiles.find(({ words }) => words.buffer === array.buffer);
    if (tile && at === TILE_HEADER.published / 4) seen.push([isThere(tile), doorbells[BELL]]);
    return store(array, at, value);
  }) as typeof store;
  Object.assign(Atomics, { store: watched });
  onTestFinished(() => void Object.assign(Atomics, { store }));
  give(end, record.subarray(0, 100), 1);
  expect(seen).toEqual([]);
  give(end, record.subarray(100), 0);
  expect(seen).toEqual([
    [true, 0],
    [true, 1],
  ]);
  expect(tiles.map(({ words }) => words[TILE_HEADER.published / 4])).toEqual([1, 1]);
});

test('a step is finished when the last tile of the chip has finished it', () => {
  const { end, plan, tiles } = chipOfTwo();
  give(end, firstRecord(plan), 0);
  expect(end.hasWork).toBe(false);
  Atomics.store(tiles[1]!.words, TILE_HEADER.consumed / 4, 1);
  expect(end.hasWork).toBe(false);
  Atomics.store(tiles[0]!.words, TILE_HEADER.consumed / 4, 1);
  expect(end.hasWork).toBe(true);
  end.work();
  expect(end.hasWork).toBe(false);
});

test('a record that is longer than any step is refused before it is written', () => {
  const { end, plan, tiles } = chipOfTwo();
  const long = new Uint8Array(plan.recordBytes + 4).fill(9);
  expect(() => give(end, long, 0)).toThrow(WaferError);
  expect(tiles[0]!.bytes[tiles[0]!.records[0]! + plan.recordBytes - 1]).toBe(0);
});
