/**
 * Injects the delay of a described link: the receiver does not see one before it is due.
 *
 *   sender     starts = max(now, lane free); lane free = starts + busy; due = lane free + travel
 *   receiver   not ready before due, though the message is there; its thread runs other tiles
 *
 * Shared words, f64: for each channel when its message was sent and is due; for each thread how
 * many messages its tiles waited for, how many were due before anybody looked, and what was asked
 * of the last ones and what they got. Clock: wall, one origin for all threads.
 */
import type { MessageRows, Receiver, Sender } from './channel.ts';
import type { Doorbell } from './doorbell.ts';

const SAMPLES_MAX = 4096;
const RING_WORDS = 2 + 2 * SAMPLES_MAX;
/** A sleeper may wake this late: the rest of a wait is polled. */
const POLL_NS = 150_000;

/** What one message asks of a link. */
export interface DelayTimes {
  /** The lane carries nothing else for so long. */
  busyNs: number;
  /** On top of it, until the message is there. */
  travelNs: number;
}

/** The way out of one tile: it carries one message after the other. */
export interface DelayLane {
  freeNs: number;
}

/** How well messages were held, over all threads. */
export interface DelayFigures {
  clock: 'wall';
  /** Messages that a tile waited for until they were due. */
  heldCount: number;
  /** Messages that were due before their tile looked: nothing to measure. */
  unwaitedCount: number;
  /** Of the last held messages; undefined if none was. */
  medianAskedNs: number | undefined;
  medianHeldNs: number | undefined;
  /** Median of |held - asked| / asked. */
  medianError: number | undefined;
}

/** Shared words for the messages and measurements of a wafer. */
export function createDelayWords(counts: {
  channelCount: number;
  threadCount: number;
}): Float64Array<SharedArrayBuffer> {
  const wordCount = 2 * counts.channelCount + counts.threadCount * RING_WORDS;
  return new Float64Array(new SharedArrayBuffer(wordCount * 8));
}

/** One thread's part in holding messages. */
export class DelayInjector {
  readonly #words: Float64Array;
  readonly #ring: number;
  readonly #nowNs: () => number;
  /** When the messages that tiles of this thread wait for are due, by place. */
  readonly #dues: number[] = [];

  /** `nowNs` has the same origin in every thread. */
  constructor(
    words: Float64Array,
    place: { channelCount: number; thread: number; nowNs: () => number },
  ) {
    this.#words = words;
    this.#ring = 2 * place.channelCount + place.thread * RING_WORDS;
    this.#nowNs = place.nowNs;
  }

  /** A sender that stamps its messages with when they are due. */
  sender(
    inner: Sender,
    use: { channel: number; lane: DelayLane; timesOf: (rows: MessageRows) => DelayTimes },
  ): Sender {
    const { channel, lane, timesOf } = use;
    return {
      hasCredit: () => inner.hasCredit(),
      send: (rows) => {
        const sentNs = this.#nowNs();
        const { busyNs, travelNs } = timesOf(rows);
        lane.freeNs = Math.max(sentNs, lane.freeNs) + busyNs;
        // Before the message is published: its one slot is this sender's until then.
        this.#words[2 * channel] = sentNs;
        this.#words[2 * channel + 1] = lane.freeNs + travelNs;
        inner.send(rows);
      },
    };
  }

  /** A receiver that does not see a message before it is due. */
  receiver(inner: Receiver, channel: number): Receiver {
    const place = this.#dues.push(Infinity) - 1;
    let isWaited = false;
    let seenNs = 0;
    return {
      isReady: () => {
        if (!inner.isReady()) return false;
        const nowNs = this.#nowNs();
        const dueNs = this.#words[2 * channel + 1]!;
        if (nowNs < dueNs) {
          this.#dues[place] = dueNs;
          isWaited = true;
          return false;
        }
        this.#dues[place] = Infinity;
        if (seenNs === 0) seenNs = nowNs;
        return true;
      },
      take: () => {
        this.#count(channel, isWaited, seenNs);
        isWaited = false;
        seenNs = 0;
        inner.take();
      },
      release: () => inner.release(),
    };
  }

  /** Sleeps until rung or until the next message is due; polls where that is soon. */
  sleep(doorbell: Doorbell, hasWork: () => boolean): void {
    const dueNs = this.#nextDueNs();
    const sleepNs = dueNs - this.#nowNs() - POLL_NS;
    if (sleepNs <= 0) return;
    // A message that came in the meantime, not due yet, would be slept over.
    doorbell.sleepUnless(() => hasWork() || this.#nextDueNs() !== dueNs, sleepNs / 1e6);
  }

  #nextDueNs(): number {
    let dueNs = Infinity;
    for (const other of this.#dues) dueNs = Math.min(dueNs, other);
    return dueNs;
  }

  #count(channel: number, isWaited: boolean, seenNs: number): void {
    const words = this.#words;
    if (!isWaited) {
      words[this.#ring + 1]! += 1;
      return;
    }
    const count = words[this.#ring]!;
    const sample = this.#ring + 2 + 2 * (count % SAMPLES_MAX);
    const sentNs = words[2 * channel]!;
    words[sample] = words[2 * channel + 1]! - sentNs;
    words[sample + 1] = seenNs - sentNs;
    words[this.#ring] = count + 1;
  }
}

/** Reads what all threads measured; safe at any time, from any thread. */
export function readDelays(words: Float64Array, channelCount: number): DelayFigures {
  let [heldCount, unwaitedCount] = [0, 0];
  const asked: number[] = [];
  const held: number[] = [];
  for (let ring = 2 * channelCount; ring < words.length; ring += RING_WORDS) {
    const count = words[ring]!;
    heldCount += count;
    unwaitedCount += words[ring + 1]!;
    for (let i = 0; i < Math.min(count, SAMPLES_MAX); i++) {
      asked.push(words[ring + 2 + 2 * i]!);
      held.push(words[ring + 3 + 2 * i]!);
    }
  }
  return {
    clock: 'wall',
    heldCount,
    unwaitedCount,
    medianAskedNs: median(asked),
    medianHeldNs: median(held),
    medianError: median(held.map((ns, i) => Math.abs(ns - asked[i]!) / asked[i]!)),
  };
}

function median(values: readonly number[]): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length % 2 === 1) return sorted[middle];
  return middle === 0 ? undefined : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
