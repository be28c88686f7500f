/**
 * The shared memory of a chip process beside the SRAM of its tiles: outboxes and submissions.
 */
import type { ChannelPlan, Plan } from '@wafer/core';
import { createSubmissionQueue, Outbox, outboxLayout } from '@wafer/fabric';
import type { ChipTask, OutboxPlace } from '@wafer/fabric';
import { createSharedMemory } from '../host.ts';

export class ChipMemories {
  /** One per tile thread. */
  readonly submissions: readonly SharedArrayBuffer[];
  readonly tasks: readonly ChipTask[];
  readonly #boxes = new Map<number, WebAssembly.Memory>();
  readonly #places = new Map<number, OutboxPlace>();

  constructor(
    plan: Pick<Plan, 'channels'>,
    chip: { tiles: readonly number[]; chipOf: readonly number[]; threadCount: number },
  ) {
    const { tiles, chipOf, threadCount } = chip;
    const crossing = plan.channels.filter(
      ({ source, target }) => chipOf[source] !== chipOf[target],
    );
    for (const tile of tiles) {
      const own = crossing.filter(({ source }) => source === tile);
      const { places, bytes } = outboxLayout(own);
      this.#boxes.set(tile, createSharedMemory(bytes));
      for (const place of places) this.#places.set(place.channel, place);
    }
    const own = new Set(tiles);
    const inbound = crossing.filter(({ target }) => own.has(target)).map(({ index }) => index);
    this.submissions = Array.from({ length: threadCount }, () =>
      createSubmissionQueue(crossing.length),
    );
    this.tasks = this.submissions.map((submissions) => ({
      submissions,
      boxes: this.#boxes,
      places: this.#places,
      inbound: new Set(inbound),
    }));
  }

  /** The outbox of a channel, for the I/O thread. */
  outbox({ index, source, columnCount }: ChannelPlan): Outbox {
    return new Outbox(this.#boxes.get(source)!, this.#places.get(index)!, columnCount);
  }
}
