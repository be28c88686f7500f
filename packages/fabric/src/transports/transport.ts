/**
 * What carries the messages of channels: shared windows, ports of threads, sockets of processes.
 *
 * A tile asks no channel how it is carried: it takes the two ends from the transport that carries
 * it, and cannot tell one from another. Kinds of links are transports too, plus a way to start the
 * chips at their ends.
 */
import { assert } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import type { Copier, Receiver, Sender } from '../channel.ts';
import type { Doorbell } from '../doorbell.ts';
import type { TileMemory } from '../tile-memory.ts';

export interface Transport {
  /** Whether the channel is one of its own. */
  carries(channel: ChannelPlan): boolean;
  /** The sending end, for the thread of the source. */
  sender(channel: ChannelPlan): Sender;
  /** The receiving end, for the thread of the target. */
  receiver(channel: ChannelPlan): Receiver;
}

/** What transports find of a thread and those it talks to. */
export interface TransportParts {
  /** Memories of the thread's tiles, and of those they share windows with. */
  memoryOf(tile: number): TileMemory;
  /** Of the thread that a tile runs on. */
  doorbellOf(tile: number): Doorbell;
  copierOf(source: TileMemory, target: TileMemory): Copier;
}

/** The first of several transports that carries a channel, as one. */
export function firstOf(transports: readonly Transport[]): Transport {
  const carrierOf = (channel: ChannelPlan): Transport => {
    const found = transports.find((transport) => transport.carries(channel));
    assert(found !== undefined, 'a channel is carried', { channel: channel.index });
    return found;
  };
  return {
    carries: (channel) => transports.some((transport) => transport.carries(channel)),
    sender: (channel) => carrierOf(channel).sender(channel),
    receiver: (channel) => carrierOf(channel).receiver(channel),
  };
}
