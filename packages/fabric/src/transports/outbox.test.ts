import type { ChannelPlan } from '@wafer/core';
import { expect, test } from 'vitest';
import { createDoorbells, Doorbell } from '../doorbell.ts';
import { Outbox, outboxLayout, OutboxSender } from './outbox.ts';
import { createSubmissionQueue, SubmissionWriter } from './submission-queue.ts';

/** Indices of 20 rows are 80 bytes: more than the line of the words before them. */
const ROWS = 20;
const COLUMNS = 3;

function channelOf(index: number, kind: ChannelPlan['kind']): ChannelPlan {
  return {
    ...{ index, kind, source: 0, target: 1, window: 'hidden', routed: undefined, collective: 0 },
    ...{ rowsMax: ROWS, columnCount: COLUMNS, control: 0 },
    sourceRows: { address: 0, stride: COLUMNS },
    targetRows: { address: 0, stride: COLUMNS },
  };
}

test('boxes of full messages, with indices and without, share no byte', () => {
  const channels = (['owned', 'rows', 'routed', 'owned'] as const).map((kind, index) =>
    channelOf(index, kind),
  );
  const { places, bytes } = outboxLayout(channels);
  const memory = (): WebAssembly.Memory =>
    new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const [tile, box] = [memory(), memory()];
  const submissions = new SubmissionWriter(
    createSubmissionQueue(channels.length),
    new Doorbell(createDoorbells(1), 0),
  );
  const source = new Float32Array(tile.buffer, 0, ROWS * COLUMNS);
  const indices = Int32Array.from({ length: ROWS }, (_, row) => ROWS - 1 - row);
  const boxes = channels.map((plan, i) => {
    source.fill(i + 1);
    const copier = {
      copyRows: (to: number, _: number, from: number, stride: number, row: number, n: number) => {
        for (let at = 0; at < n; at++) {
          const copied = new Uint8Array(tile.buffer, from + at * stride, row);
          new Uint8Array(box.buffer).set(copied, to + at * row);
        }
      },
    };
    const sender = new OutboxSender(plan, { place: places[i]!, box, copier, submissions });
    sender.send({ count: ROWS, indices: plan.kind === 'rows' ? undefined : indices });
    return new Outbox(box, places[i]!, COLUMNS);
  });
  boxes.forEach((outbox, i) => {
    const hasIndices = channels[i]!.kind !== 'rows';
    expect([outbox.rowCount, outbox.hasIndices]).toEqual([ROWS, hasIndices]);
    const payload = outbox.payload.slice().buffer;
    const rowsAt = hasIndices ? ROWS * 4 : 0;
    expect([...new Int32Array(payload, 0, rowsAt / 4)]).toEqual(hasIndices ? [...indices] : []);
    expect([...new Float32Array(payload, rowsAt)]).toEqual(Array(ROWS * COLUMNS).fill(i + 1));
    outbox.credit();
  });
  // Words, 64 bytes; indices, 80 in 128, where there are any; rows, 240 in 256.
  expect(places.map(({ control, rows }) => rows - control)).toEqual([192, 64, 192, 192]);
  expect(bytes).toBe(3 * (64 + 128 + 256) + 64 + 256);
});
