/**
 * Carries channels between chips that are processes: the I/O thread of a chip owns the sockets, a
 * tile thread leaves messages in outboxes and takes them from windows that the I/O thread fills.
 */
import { assert } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import { ControlLine, WindowReceiver } from '../channel.ts';
import type { Receiver, Sender } from '../channel.ts';
import type { Doorbell } from '../doorbell.ts';
import { ChipReceiver, OutboxSender } from './outbox.ts';
import type { ChipTask } from './outbox.ts';
import { SubmissionWriter } from './submission-queue.ts';
import type { Transport, TransportParts } from './transport.ts';

export class SocketTransport implements Transport {
  readonly #task: ChipTask;
  readonly #parts: TransportParts;
  readonly #doorbell: Doorbell;
  readonly #submissions: SubmissionWriter;

  /** `doorbell` is the I/O thread's. */
  constructor(task: ChipTask, parts: TransportParts, doorbell: Doorbell) {
    this.#task = task;
    this.#parts = parts;
    this.#doorbell = doorbell;
    this.#submissions = new SubmissionWriter(task.submissions, doorbell);
  }

  carries({ index }: ChannelPlan): boolean {
    return this.#task.places.has(index) || this.#task.inbound.has(index);
  }

  sender(channel: ChannelPlan): Sender {
    const { boxes, places } = this.#task;
    const [box, place] = [boxes.get(channel.source), places.get(channel.index)];
    const { index, source } = channel;
    assert(box !== undefined && place !== undefined, 'a way out has an outbox', { index, source });
    const copier = this.#parts.copierOf(this.#parts.memoryOf(source), box);
    return new OutboxSender(channel, { place, box, copier, submissions: this.#submissions });
  }

  receiver(channel: ChannelPlan): Receiver {
    const line = new ControlLine(this.#parts.memoryOf(channel.target).buffer, channel.control);
    const window = new WindowReceiver(channel, { line, doorbell: this.#doorbell });
    return new ChipReceiver(channel.index, window, this.#submissions);
  }
}
