import { MessageChannel } from 'node:worker_threads';
import fc from 'fast-check';
import { expect, onTestFinished, test } from 'vitest';
import type { ChannelPlan } from '@wafer/core';
import { CHANNEL_LINE } from '@wafer/core';
import { ControlLine, WindowReceiver, WindowSender } from './channel.ts';
import type { Copier, MessageRows, Receiver, Sender } from './channel.ts';
import { createDoorbells, Doorbell } from './doorbell.ts';
import { PortSource, PortTarget } from './transports/port.ts';

const PLAN: ChannelPlan = {
  index: 3,
  source: 0,
  target: 1,
  window: 'hidden',
  collective: 0,
  kind: 'rows',
  rowsMax: 6,
  routed: undefined,
  columnCount: 3,
  sourceRows: { address: 256, stride: 5 },
  targetRows: { address: 1024, stride: 7 },
  control: 64,
};

interface Ends {
  sender: Sender;
  receiver: Receiver;
  source: Float32Array;
  target: Float32Array;
  line: ControlLine;
  words: Int32Array;
  doorbells: Int32Array;
}

function copierOf(source: SharedArrayBuffer, target: SharedArrayBuffer): Copier {
  return {
    copyRows(to, toStride, from, fromStride, rowBytes, rowCount) {
      for (let row = 0; row < rowCount; row++) {
        const bytes = new Uint8Array(source, from + row * fromStride, rowBytes);
        new Uint8Array(target).set(bytes, to + row * toStride);
      }
    },
  };
}

function memories(): { source: SharedArrayBuffer; target: SharedArrayBuffer; line: ControlLine } {
  const target = new SharedArrayBuffer(4096);
  const line = new ControlLine(target, PLAN.control);
  return { source: new SharedArrayBuffer(4096), target, line };
}

function windowEnds(startCount = 0): Ends {
  const { source, target, line } = memories();
  const words = new Int32Array(target, PLAN.control, 4);
  words[CHANNEL_LINE.pushed / 4] = startCount;
  words[CHANNEL_LINE.popped / 4] = startCount;
  const doorbells = createDoorbells(2);
  const bell = (thread: number): Doorbell => new Doorbell(doorbells, thread);
  const copier = copierOf(source, target);
  return {
    sender: new WindowSender(PLAN, { line, copier, doorbell: bell(1) }),
    receiver: new WindowReceiver(PLAN, { line, doorbell: bell(0) }),
    source: new Float32Array(source),
    target: new Float32Array(target),
    line,
    words,
    doorbells,
  };
}

function portEnds(): Ends {
  const { source, target, line } = memories();
  const { port1, port2 } = new MessageChannel();
  port1.unref();
  port2.unref();
  const doorbells = createDoorbells(2);
  const from = { port: port1, doorbell: new Doorbell(doorbells, 1), memory: source };
  const to = { port: port2, doorbell: new Doorbell(doorbells, 0), memory: target };
  return {
    sender: new PortSource(from).sender(PLAN, line),
    receiver: new PortTarget(to).receiver(PLAN),
    source: new Float32Array(source),
    target: new Float32Array(target),
    line,
    words: new Int32Array(target, PLAN.control, 4),
    doorbells,
  };
}

const kinds = [
  ['window', () => windowEnds()],
  ['window whose counters pass 0', () => windowEnds(-2)],
  ['window whose counters wrap', () => windowEnds(2 ** 31 - 2)],
  ['port', portEnds],
] as const;

test.each(kinds)('a %s carries rows to their columns, in order, and loses nothing', (_, create) => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ isSend: fc.boolean(), rowCount: fc.integer({ min: 0, max: 6 }) })),
      (turns) => {
        const { sender, receiver, source, target } = create();
        const held: MessageRows[] = [];
        let value = 0;
        let expected = 0;
        for (const { isSend, rowCount } of turns) {
          expect(sender.hasCredit()).toBe(held.length === 0);
          expect(receiver.isReady()).toBe(held.length === 1);
          if (isSend && held.length === 0) {
            for (let row = 0; row < rowCount; row++) {
              source.fill(++value, 64 + row * 5, 64 + row * 5 + 3);
            }
            const rows = { count: rowCount, indices: undefined };
            sender.send(rows);
            held.push(rows);
          } else if (!isSend && held.length === 1) {
            receiver.take();
            for (let row = 0; row < held[0]!.count; row++) {
              expected++;
              const at = 256 + row * 7;
              // Exactly three columns are written; the window's neighbors are left alone.
              expect([...target.subarray(at, at + 4)]).toEqual([expected, expected, expected, 0]);
            }
            receiver.release();
            held.pop();
          }
        }
      },
    ),
    { numRuns: 60, seed: 1 },
  );
});

test.each(kinds)('a %s scatters owned rows to where they belong', (_, create) => {
  const { sender, receiver, source, target, line } = create();
  for (let row = 0; row < 5; row++) source.fill(row + 1, 64 + row * 5, 64 + row * 5 + 3);
  sender.send({ count: 2, indices: Int32Array.of(4, 1, 0) });
  expect(receiver.isReady()).toBe(true);
  receiver.take();
  expect([0, 1, 2, 3, 4].map((row) => target[256 + row * 7])).toEqual([0, 2, 0, 0, 5]);
  expect(line.rowCount).toBe(2); // the list of places may be longer
});

test.each(kinds)('a %s counts messages and payload bytes', (_, create) => {
  const { sender, receiver, target } = create();
  for (const count of [2, 0, 5]) {
    sender.send({ count, indices: undefined });
    expect(receiver.isReady()).toBe(true);
    receiver.take();
    receiver.release();
  }
  const counters = new Float64Array(target.buffer, PLAN.control, 8);
  expect(counters[CHANNEL_LINE.messages / 8]).toBe(3);
  expect(counters[CHANNEL_LINE.payloadBytes / 8]).toBe(7 * 12);
});

test('a message out of sequence is refused with both numbers', () => {
  const { sender, receiver, words } = windowEnds();
  sender.send({ count: 1, indices: undefined });
  words[CHANNEL_LINE.sequence / 4] = 7;
  expect(() => receiver.take()).toThrow(/SEQUENCE_BROKEN.*Channel\[hidden<0\].*7.*expected 1/);
});

const { store } = Atomics;

/** Calls `look` where one of the words is about to be stored, before others can see it. */
function beforeStore(words: Int32Array, looks: Record<number, () => void>): void {
  const watched = ((array: Int32Array, at: number, value: number) => {
    const { buffer, byteOffset } = array;
    if (buffer === words.buffer) looks[byteOffset / 4 + at - words.byteOffset / 4]?.();
    return store(array, at, value);
  }) as typeof store;
  Object.assign(Atomics, { store: watched });
  onTestFinished(() => void Object.assign(Atomics, { store }));
}

const [BELL_OF_0, BELL_OF_1] = [16, 32];

test.each(kinds)('a %s publishes a message after its rows and header, then rings', (_, create) => {
  const { sender, receiver, source, target, words, doorbells } = create();
  const first = (words[CHANNEL_LINE.pushed / 4]! + 1) | 0;
  doorbells[BELL_OF_1 + 1] = 1; // the receiver sleeps
  const seen: number[][] = [];
  beforeStore(words, {
    [CHANNEL_LINE.pushed / 4]: () => {
      const header = [words[CHANNEL_LINE.sequence / 4]!, words[CHANNEL_LINE.rows / 4]!];
      seen.push([...header, target[256]!, target[256 + 7]!]);
    },
  });
  source.fill(8, 64, 67);
  source.fill(9, 69, 72);
  sender.send({ count: 2, indices: undefined });
  expect(doorbells[BELL_OF_1]).toBe(1);
  expect(receiver.isReady()).toBe(true);
  expect(seen).toEqual([[first, 2, 8, 9]]);
});

test('a window rings after what it tells is there to be seen', () => {
  const { sender, receiver, words, doorbells } = windowEnds();
  doorbells[BELL_OF_0 + 1] = 1;
  doorbells[BELL_OF_1 + 1] = 1;
  const bells: number[] = [];
  beforeStore(words, {
    [CHANNEL_LINE.pushed / 4]: () => bells.push(doorbells[BELL_OF_1]!),
    [CHANNEL_LINE.popped / 4]: () => bells.push(doorbells[BELL_OF_0]!),
  });
  sender.send({ count: 1, indices: undefined });
  receiver.take();
  receiver.release();
  expect(bells).toEqual([0, 0]);
  expect([doorbells[BELL_OF_0], doorbells[BELL_OF_1]]).toEqual([1, 1]);
});

test('both ends of a window say what they were not asked for', () => {
  const one = { count: 1, indices: undefined };
  const { sender, receiver, words } = windowEnds();
  expect(() => receiver.release()).toThrow('what is given back was taken');
  expect(() => sender.send({ count: 7, indices: undefined })).toThrow('fits its window');
  sender.send(one);
  expect(() => sender.send(one)).toThrow('has a credit');
  words[CHANNEL_LINE.rows / 4] = 7;
  expect(() => receiver.take()).toThrow('fits its window');
  words[CHANNEL_LINE.rows / 4] = 1;
  receiver.take();
  receiver.release();
  words[CHANNEL_LINE.sequence / 4] = 2; // a header without its counter
  expect(() => receiver.take()).toThrow('is there');
});
