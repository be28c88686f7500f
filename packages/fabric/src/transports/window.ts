/**
 * Carries channels between tiles that share memory: rows go straight into the window.
 */
import type { ChannelPlan } from '@wafer/core';
import { ControlLine, WindowReceiver, WindowSender } from '../channel.ts';
import type { Receiver, Sender } from '../channel.ts';
import type { Transport, TransportParts } from './transport.ts';

export class WindowTransport implements Transport {
  readonly #parts: TransportParts;

  constructor(parts: TransportParts) {
    this.#parts = parts;
  }

  carries(): boolean {
    return true;
  }

  sender(channel: ChannelPlan): Sender {
    const { memoryOf, copierOf, doorbellOf } = this.#parts;
    const [source, target] = [memoryOf(channel.source), memoryOf(channel.target)];
    const line = new ControlLine(target.buffer, channel.control);
    const doorbell = doorbellOf(channel.target);
    return new WindowSender(channel, { line, copier: copierOf(source, target), doorbell });
  }

  receiver(channel: ChannelPlan): Receiver {
    const { memoryOf, doorbellOf } = this.#parts;
    const line = new ControlLine(memoryOf(channel.target).buffer, channel.control);
    return new WindowReceiver(channel, { line, doorbell: doorbellOf(channel.source) });
  }
}
