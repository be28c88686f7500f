/**
 * The shared words of the virtual clock, f64: stamps of messages, and the clocks of tiles.
 *
 *   [channel]  sentNs, arrivalNs of its message under way; published with the message
 *   [tile]     nowNs in the step; computeNs, transferNs, waitNs since the start
 *
 * A channel has one message at a time, so that its stamp is the sender's until it publishes, and
 * the receiver's until it releases.
 */
import type { Plan } from '@wafer/core';

const CHANNEL_WORDS = 2;
const TILE_WORDS = 4;

/** How a tile spent its virtual time since the start. */
export interface TileVirtualTimes {
  tile: number;
  computeVirtualNs: number;
  /** Messages under way while the tile waited for them. */
  transferVirtualNs: number;
  /** For tiles that had not sent yet. */
  waitVirtualNs: number;
}

type Counts = Pick<Plan, 'channels' | 'tiles'>;

export class ClockBoard {
  readonly #words: Float64Array;
  readonly #tiles: number;
  readonly #tileCount: number;

  constructor(words: Float64Array, { channels, tiles }: Counts) {
    this.#words = words;
    this.#tiles = channels.length * CHANNEL_WORDS;
    this.#tileCount = tiles.length;
  }

  /** Words for a plan. */
  static create({ channels, tiles }: Counts): Float64Array<SharedArrayBuffer> {
    const wordCount = channels.length * CHANNEL_WORDS + tiles.length * TILE_WORDS;
    return new Float64Array(new SharedArrayBuffer(wordCount * 8));
  }

  stamp(channel: number, { sentNs, arrivalNs }: { sentNs: number; arrivalNs: number }): void {
    this.#words[channel * CHANNEL_WORDS] = sentNs;
    this.#words[channel * CHANNEL_WORDS + 1] = arrivalNs;
  }

  sentNs(channel: number): number {
    return this.#words[channel * CHANNEL_WORDS]!;
  }

  arrivalNs(channel: number): number {
    return this.#words[channel * CHANNEL_WORDS + 1]!;
  }

  show(
    tile: number,
    clock: { nowNs: number; computeNs: number; transferNs: number; waitNs: number },
  ): void {
    const at = this.#tiles + tile * TILE_WORDS;
    this.#words[at] = clock.nowNs;
    this.#words[at + 1] = clock.computeNs;
    this.#words[at + 2] = clock.transferNs;
    this.#words[at + 3] = clock.waitNs;
  }

  nowNs(tile: number): number {
    return this.#words[this.#tiles + tile * TILE_WORDS]!;
  }

  tileTimes(): TileVirtualTimes[] {
    return Array.from({ length: this.#tileCount }, (_, tile) => {
      const at = this.#tiles + tile * TILE_WORDS;
      const [, computeVirtualNs, transferVirtualNs, waitVirtualNs] = this.#words.subarray(at);
      return {
        tile,
        computeVirtualNs: computeVirtualNs!,
        transferVirtualNs: transferVirtualNs!,
        waitVirtualNs: waitVirtualNs!,
      };
    });
  }
}
