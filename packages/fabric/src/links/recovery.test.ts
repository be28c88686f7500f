import { expect, test } from 'vitest';
import { emptyHeader, FRAME, FrameBuffer } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { emptyStats, LINK_TUNING } from './link-spec.ts';
import { Recovery } from './recovery.ts';

const TUNING = { ...LINK_TUNING, resendMs: 10, nakMs: 3, ackMs: 2, windowFrames: 8 };

function recovery(first = 0): { it: Recovery; stats: ReturnType<typeof emptyStats> } {
  const stats = emptyStats();
  const it = new Recovery(TUNING, first, stats);
  it.begin(first);
  return { it, stats };
}

const data = (sequence: number, payloadBytes = 0): FrameHeader => ({
  ...emptyHeader(FRAME.data),
  sequence,
  payloadBytes,
});

function keep(it: Recovery, nowMs: number, payloadBytes = 0): void {
  const frame = new FrameBuffer(payloadBytes);
  frame.writeHeader(data(it.next, payloadBytes));
  it.keep(frame, undefined, nowMs);
}

test('a gap is asked for at once, and again only after a while or for another frame', () => {
  const { it, stats } = recovery();
  expect(it.accept(data(2), 0)).toBe(false);
  expect(it.owesReply).toBe(true);
  expect(it.takeNak(0)).toBe(true);
  expect(it.takeNak(0)).toBe(false);
  expect(it.accept(data(3), 1)).toBe(false);
  expect(it.takeNak(1)).toBe(false);
  expect(it.accept(data(4), 3)).toBe(false);
  expect(it.takeNak(3)).toBe(true);
  expect(it.accept(data(0), 4)).toBe(true);
  expect(it.accept(data(2), 4)).toBe(false);
  expect(it.takeNak(4)).toBe(true);
  expect(stats.gaps).toBe(4);
  expect([it.takeNak(100), it.owesReply]).toEqual([false, false]);
});

test('what came before is not taken again, and its acknowledgement is owed at once', () => {
  const { it, stats } = recovery(-1);
  expect([it.accept(data(-1), 0), it.accept(data(0), 0)]).toEqual([true, true]);
  expect(it.takeAcknowledgement()).toBe(1);
  expect(it.owesAck(0)).toBe(false);
  for (const old of [0, -1]) expect(it.accept(data(old), 0)).toBe(false);
  expect(it.owesAck(0)).toBe(true);
  expect(it.takeAcknowledgement()).toBe(1);
  expect(stats.duplicates).toBe(2);
});

test('an acknowledgement waits for a frame, unless a quarter of the window is owed', () => {
  const { it } = recovery();
  it.accept(data(0), 5);
  expect([it.owesAck(6), it.owesAck(7), it.deadlineMs]).toEqual([false, true, 7]);
  it.accept(data(1), 6);
  expect([it.owesAck(6), it.owesReply, it.deadlineMs]).toEqual([true, true, 7]);
  it.takeAcknowledgement();
  expect([it.owesAck(100), it.deadlineMs]).toEqual([false, Infinity]);
});

test('bytes fill a window as frames do, and are owed until they are acknowledged', () => {
  const { it } = recovery();
  const half = TUNING.windowBytes / 2;
  keep(it, 0, half);
  expect(it.hasRoom).toBe(true);
  keep(it, 0, half);
  expect([it.hasRoom, it.count]).toEqual([false, 2]);
  expect(it.acknowledge(1, 0)).toBe(1);
  expect(it.hasRoom).toBe(true);
  expect(it.accept(data(0, half), 0)).toBe(true);
  expect(it.owesReply).toBe(true);
  it.takeAcknowledgement();
  expect(it.owesReply).toBe(false);
  expect(it.accept(data(1, 8), 0)).toBe(true);
  expect(it.owesReply).toBe(false);
});

test('silence is waited for twice as long after each failure; news begins anew', () => {
  const { it, stats } = recovery();
  keep(it, 0);
  keep(it, 0);
  const waits: number[] = [];
  let nowMs = 0;
  for (let i = 0; i < 3; i++) {
    waits.push(it.deadlineMs - nowMs);
    nowMs = it.deadlineMs;
    expect(it.tryRecover(nowMs)).toBe(true);
  }
  expect(waits).toEqual([10, 20, 40]);
  expect(it.tryRecover(nowMs)).toBe(false);
  expect(it.acknowledge(1, nowMs)).toBe(1);
  expect(it.deadlineMs - nowMs).toBe(10);
  expect(it.tryRecover(nowMs)).toBe(true);
  expect(it.acknowledge(2, nowMs)).toBe(1);
  expect([it.deadlineMs, it.count, stats.recoveries]).toEqual([Infinity, 0, 4]);
});

test('a nak is heeded once in a while, and only with frames in doubt', () => {
  const { it } = recovery();
  expect(it.shouldHeedNak(0)).toBe(false);
  keep(it, 0);
  expect(it.shouldHeedNak(0)).toBe(true);
  it.tryRecover(0);
  expect([it.shouldHeedNak(2), it.shouldHeedNak(3)]).toEqual([false, true]);
  keep(it, 3);
  it.tryRecover(3);
  expect(it.acknowledge(1, 4)).toBe(1);
  expect(it.shouldHeedNak(4)).toBe(true); // of frames that were not sent again before the news
});

test('the oldest frame sets the time of an answer, and nothing does once a link opens', () => {
  const { it } = recovery();
  it.armResend(0);
  it.begin(0);
  expect(it.deadlineMs).toBe(Infinity);
  keep(it, 0);
  keep(it, 6);
  expect([it.deadlineMs, it.isResendDue(9), it.isResendDue(10)]).toEqual([10, false, true]);
});

test('each time that frames in doubt are sent again is counted on them', () => {
  const { it } = recovery();
  keep(it, 0);
  keep(it, 0);
  const counts: number[] = [];
  for (let i = 0; i < 2; i++) it.forEachInDoubt((frame) => counts.push(frame.transmissions));
  expect(counts).toEqual([2, 2, 3, 3]);
});

test('frames are counted from the first, beyond 2^32 of them, and none lies before it', () => {
  const { it } = recovery(2 ** 31 - 2);
  expect(it.positionOf(2 ** 31 - 2)).toBe(0);
  expect(it.positionOf(2 ** 31 - 3)).toBe(-1);
  for (let i = 0; i < 4; i++) it.accept(data((2 ** 31 - 2 + i) | 0), 0);
  expect([it.positionOf(-(2 ** 31)), it.positionOf(-(2 ** 31) + 5)]).toEqual([2, 7]);
});
