import { expect, test } from 'vitest';
import { EventBuffer } from './event-buffer.ts';
import type { RequestEvent } from './event-buffer.ts';

const piece = (id: number, token: number): RequestEvent => ({
  ...{ kind: 'piece', id, index: 0, text: '' },
  token,
});

/** What leaves with each of the steps: `id:token`, of pieces that may wait so long. */
function leaving(
  steps: readonly {
    endMs: number;
    pieces: readonly [id: number, token: number, waitMs: number][];
  }[],
  buffer: EventBuffer = new EventBuffer(),
): string[] {
  return steps.map(({ endMs, pieces }) => {
    buffer.endStep(endMs, 2);
    for (const [id, token, waitMs] of pieces) buffer.put(piece(id, token), waitMs);
    return told(buffer.take(2));
  });
}

function told(events: readonly RequestEvent[]): string {
  return events
    .flatMap((event) => (event.kind === 'piece' ? [`${event.id}:${event.token}`] : []))
    .join(' ');
}

test('pieces wait for those of the next steps, as long as the next one ends in time', () => {
  const steps = Array.from({ length: 9 }, (_, i) => ({
    endMs: 100 + 8 * i,
    pieces: [[1, i, 20]] as [number, number, number][],
  }));
  // How long a step takes is known after the second.
  expect(leaving(steps)).toEqual(['1:0', '', '', '1:1 1:2 1:3', '', '', '1:4 1:5 1:6', '', '']);
  const slow = steps.map((step, i) => ({ ...step, endMs: 100 + 25 * i }));
  expect(leaving(slow)).toEqual(steps.map((_, i) => `1:${i}`));
});

test('one that may not wait takes along what waits of its request, and nothing else', () => {
  const buffer = new EventBuffer();
  const got = leaving(
    [
      { endMs: 0, pieces: [] },
      { endMs: 1, pieces: [[1, 10, 50], [2, 20, 50]] }, // prettier-ignore
      { endMs: 2, pieces: [[1, 11, 0], [2, 21, 50], [3, 30, 0]] }, // prettier-ignore
      { endMs: 3, pieces: [[2, 22, 50]] },
    ],
    buffer,
  );
  expect(got).toEqual(['', '', '1:10 1:11 3:30', '']);
  expect(told(buffer.take(undefined))).toBe('2:20 2:21 2:22');
  expect(buffer.take(undefined)).toEqual([]);
});

test('what waited is due from the first of it on, not from one that has left', () => {
  const buffer = new EventBuffer();
  leaving(
    [
      { endMs: 0, pieces: [] },
      { endMs: 1, pieces: [[1, 1, 10]] },
    ],
    buffer,
  );
  expect(leaving([{ endMs: 2, pieces: [[1, 2, 0]] }], buffer)).toEqual(['1:1 1:2']);
  const steps = Array.from({ length: 11 }, (_, i) => ({
    endMs: 3 + i,
    pieces: [[1, 3 + i, 10]] as [number, number, number][],
  }));
  expect(leaving(steps, buffer).map((text) => text.split(' ').length)).toEqual([
    ...Array<number>(10).fill(1),
    11,
  ]);
});

test('what waits leaves before a step whose rows would take too long', () => {
  const buffer = new EventBuffer();
  buffer.endStep(0, 2);
  const counts = [1, 8, 9].map((nextRows, i) => {
    buffer.endStep(4 * (i + 1), 2); // 4 ms of two rows; the first piece is due at 28
    buffer.put(piece(1, i), 24);
    return buffer.take(nextRows).length;
  });
  expect(counts).toEqual([0, 0, 3]);
});
