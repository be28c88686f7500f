/**
 * Handoffs between a tile thread and its chip's I/O thread: what is written, in what order, and
 * what either side says when the other one breaks the rules.
 */
import { expect, onTestFinished, test } from 'vitest';
import type { ChannelPlan } from '@wafer/core';
import { CHANNEL_LINE } from '@wafer/core';
import {
  createDoorbells,
  createSubmissionQueue,
  Doorbell,
  Outbox,
  outboxLayout,
  OutboxSender,
  SubmissionReader,
  SubmissionWriter,
} from '@wafer/fabric';
import type { Copier } from '@wafer/fabric';
import { FramePayload } from '@wafer/fabric/links';
import { IncomingChannel } from './incoming.ts';

const PLAN: ChannelPlan = {
  index: 5,
  source: 0,
  target: 1,
  window: 'hidden',
  kind: 'owned',
  rowsMax: 4,
  routed: undefined,
  collective: 0,
  columnCount: 2,
  sourceRows: { address: 256, stride: 2 },
  targetRows: { address: 1024, stride: 2 },
  control: 64,
};
const BELL = 16;
const { store } = Atomics;

/** Calls `look` before each store of the word, as others would see memory then. */
function beforeStore(buffer: ArrayBufferLike, byteOffset: number, look: () => void): void {
  const watched = ((array: Int32Array, at: number, value: number) => {
    if (array.buffer === buffer && array.byteOffset + at * 4 === byteOffset) look();
    return store(array, at, value);
  }) as typeof store;
  Object.assign(Atomics, { store: watched });
  onTestFinished(() => void Object.assign(Atomics, { store }));
}

function sleeper(): { doorbells: Int32Array; doorbell: Doorbell } {
  const doorbells = createDoorbells(1);
  doorbells[BELL + 1] = 1; // asleep
  return { doorbells, doorbell: new Doorbell(doorbells, 0) };
}

interface Ends {
  sender: OutboxSender;
  outbox: Outbox;
  submissions: SharedArrayBuffer;
  reader: SubmissionReader;
  box: WebAssembly.Memory;
  source: Float32Array;
  doorbells: Int32Array;
}

function ends(): Ends {
  const tile = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const box = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const copier: Copier = {
    copyRows(to, toStride, from, fromStride, rowBytes, rowCount) {
      for (let row = 0; row < rowCount; row++) {
        const bytes = new Uint8Array(tile.buffer, from + row * fromStride, rowBytes);
        new Uint8Array(box.buffer).set(bytes, to + row * toStride);
      }
    },
  };
  const { places } = outboxLayout([PLAN]);
  const submissions = createSubmissionQueue(4);
  const { doorbells, doorbell } = sleeper();
  const writer = new SubmissionWriter(submissions, doorbell);
  const place = places[0]!;
  return {
    sender: new OutboxSender(PLAN, { place, box, copier, submissions: writer }),
    outbox: new Outbox(box, place, PLAN.columnCount),
    submissions,
    reader: new SubmissionReader(submissions),
    box,
    source: new Float32Array(tile.buffer, PLAN.sourceRows.address, 8),
    doorbells,
  };
}

test('an outbox carries a message once, and is full until its credit comes', () => {
  const { sender, outbox, reader, source } = ends();
  for (let round = 1; round <= 3; round++) {
    source.fill(round);
    expect(sender.hasCredit()).toBe(true);
    sender.send({ count: 2, indices: Int32Array.of(3, 1) });
    expect(sender.hasCredit()).toBe(false);
    expect(reader.take()).toBe(PLAN.index);
    const words = outbox.payload.slice().buffer;
    expect([...new Int32Array(words, 0, 2)]).toEqual([3, 1]);
    expect([...new Float32Array(words, 8)]).toEqual(Array(4).fill(round));
    expect([outbox.rowCount, outbox.hasIndices]).toEqual([2, true]);
    outbox.credit();
  }
});

test('a message lies in its outbox before it is counted, and is submitted after that', () => {
  const { sender, outbox, submissions, box, source } = ends();
  source.fill(7);
  const seen: unknown[] = [];
  const words = new Int32Array(box.buffer, 0, 4);
  const queued = new Int32Array(submissions);
  beforeStore(box.buffer, 0, () => seen.push([outbox.rowCount, outbox.hasIndices, queued[0]]));
  sender.send({ count: 1, indices: undefined });
  expect(seen).toEqual([[1, false, 0]]);
  expect([words[0], queued[0]]).toEqual([1, 1]);
});

test('a submission lies in the queue before it is counted, and rings after that', () => {
  const submissions = createSubmissionQueue(2);
  const { doorbells, doorbell } = sleeper();
  const words = new Int32Array(submissions);
  const seen: unknown[] = [];
  beforeStore(submissions, 0, () => seen.push([words[16], words[17], doorbells[BELL]]));
  const writer = new SubmissionWriter(submissions, doorbell);
  writer.post(9);
  writer.post(8);
  expect(seen).toEqual([
    [9, 0, 0],
    [9, 8, 1],
  ]);
  expect(doorbells[BELL]).toBe(2);
});

test('submissions come out in order, over the wrap of the ring', () => {
  const submissions = createSubmissionQueue(3);
  const writer = new SubmissionWriter(submissions, sleeper().doorbell);
  const reader = new SubmissionReader(submissions);
  expect(reader.hasSubmission).toBe(false);
  for (let i = 0; i < 50; i += 3) {
    for (let j = i; j < i + 3; j++) writer.post(j);
    expect([reader.take(), reader.take(), reader.take()]).toEqual([i, i + 1, i + 2]);
    expect(reader.hasSubmission).toBe(false);
  }
});

test('a window is filled before it is published, and its tile rung after that', () => {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const { doorbells, doorbell } = sleeper();
  const incoming = new IncomingChannel(PLAN, { peer: 0, memory, doorbell, tagBytes: 0 });
  const line = new Int32Array(memory.buffer, PLAN.control, 4);
  const rows = new Float32Array(memory.buffer, PLAN.targetRows.address, 8);
  const seen: unknown[] = [];
  beforeStore(memory.buffer, PLAN.control + CHANNEL_LINE.pushed, () => {
    const header = [line[CHANNEL_LINE.sequence / 4], line[CHANNEL_LINE.rows / 4]];
    seen.push([...header, rows[4], doorbells[BELL]]);
  });
  const bytes = new Uint8Array(Int32Array.of(2, 0, 0).buffer);
  new Float32Array(bytes.buffer, 4).fill(5);
  const payload = new FramePayload();
  const message = { channel: 5, message: 1, rowCount: 1, hasIndices: true };
  payload.reset(bytes.length);
  payload.add(bytes);
  incoming.receive(message, payload);
  expect(seen).toEqual([[1, 1, 5, 0]]);
  expect(doorbells[BELL]).toBe(1);
  // The tile has not given it back.
  payload.reset(bytes.length);
  payload.add(bytes);
  const second = (): void => incoming.receive({ ...message, message: 2 }, payload);
  expect(second).toThrow('finds its window free');
});

test('each end says what it was not asked for', () => {
  const { sender, outbox, reader } = ends();
  const one = { count: 1, indices: Int32Array.of(0) };
  expect(() => outbox.payload).toThrow('holds a message');
  expect(() => outbox.credit()).toThrow('holds a message');
  expect(() => reader.take()).toThrow('is there');
  expect(() => sender.send({ count: 5, indices: undefined })).toThrow('fits its outbox');
  sender.send(one);
  expect(() => sender.send(one)).toThrow('has a credit');
});
