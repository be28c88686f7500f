import { expect, test } from 'vitest';
import { emptyHeader, FRAME, FrameBuffer } from './frame.ts';
import { FramePool, SendWindow } from './send-window.ts';

/** A frame that was written with this sequence number and sent so many times. */
function sent(frame: FrameBuffer, sequence: number, transmissions: number): FrameBuffer {
  frame.writeHeader({ ...emptyHeader(FRAME.data), sequence });
  frame.transmissions = transmissions;
  return frame;
}

test('a buffer that was sent once is written again, one that was sent twice is not', () => {
  const pool = new FramePool(64);
  const window = new SendWindow(0);
  const [once, twice] = [pool.take(), pool.take()];
  window.add(sent(once, 0, 1), pool);
  window.add(sent(twice, 1, 2), pool);
  expect(window.acknowledge(2)).toBe(2);
  // A copy of `twice` may still lie in a socket's queue.
  expect(pool.take()).toBe(once);
  expect([once, twice]).not.toContain(pool.take());
});

test('a buffer in doubt is not written again', () => {
  const pool = new FramePool(64);
  const window = new SendWindow(-1);
  const frames = [pool.take(), pool.take(), pool.take()];
  frames.forEach((frame, i) => window.add(sent(frame, i - 1, 1), pool));
  expect(window.acknowledge(0)).toBe(1);
  expect(pool.take()).toBe(frames[0]);
  expect(frames).not.toContain(pool.take());
});

test('the window counts frames and bytes in doubt, over the wrap of numbers', () => {
  const window = new SendWindow(2 ** 31 - 100);
  for (let i = 0; i < 1000; i++) {
    const sequence = window.next;
    window.add(sent(new FrameBuffer(0), sequence, 1));
    window.add(sent(new FrameBuffer(0), window.next, 1));
    expect([window.count, window.bytes]).toEqual([2, 64]);
    expect(window.acknowledge((sequence + 3) | 0)).toBe(-1);
    expect(window.acknowledge(sequence)).toBe(0);
    const again: number[] = [];
    window.forEach((frame) => again.push(frame.sequence));
    expect(again).toEqual([sequence, (sequence + 1) | 0]);
    expect(window.acknowledge((sequence + 2) | 0)).toBe(2);
    expect([window.count, window.bytes]).toEqual([0, 0]);
  }
});
