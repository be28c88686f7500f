/**
 * Where everything lies in a stress run of the fabric: one memory per thread, a window and a
 * control line per channel, and a word per thread that says what it does.
 *
 *   memory of a thread: [rows it sends from][per incoming channel: control line, window]
 *
 * Every thread sends to the next one and to one picked by the seed. Counters begin just before
 * they wrap: half of them at 2^32, half at 2^31, where the sign flips.
 */
import { CHANNEL_LINE, CHANNEL_LINE_BYTES } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import { createDoorbells } from '@wafer/fabric';
import { mix, Random } from '@wafer/fabric/links';

export const ROWS_MAX = 4;
export const COLUMNS = 24;
const ROW_BYTES = COLUMNS * 4;
const WINDOW_BYTES = ROWS_MAX * ROW_BYTES;

/** What a thread does, as it says itself. */
export const THREAD_STATES = ['starting', 'running', 'asleep', 'done'] as const;

/** The number that stands for a state in shared memory. */
export function stateNumber(state: (typeof THREAD_STATES)[number]): number {
  return THREAD_STATES.indexOf(state);
}

/** Plain data, handed to every thread. */
export interface FabricStress {
  seed: number;
  messagesPerChannel: number;
  channels: ChannelPlan[];
  memories: SharedArrayBuffer[];
  doorbells: Int32Array<SharedArrayBuffer>;
  states: Int32Array<SharedArrayBuffer>;
  /** A thread that nobody wakes, to see that the watchdog does. */
  deafThread: number | undefined;
}

export interface FabricStressOptions {
  threads: number;
  /** Messages over all channels, at least. */
  messages: number;
  seed: number;
  /** Time without any message after which a run counts as stuck; 10 s unless told. */
  stallMs?: number;
  deafThread?: number;
}

/** Lays out channels and memories, with counters just before their wrap. */
export function layOutStress(options: FabricStressOptions): FabricStress {
  const { threads, messages, seed, deafThread } = options;
  const random = new Random(seed);
  const channels: ChannelPlan[] = [];
  const used = new Array<number>(threads).fill(WINDOW_BYTES);
  const join = (source: number, target: number): void => {
    const control = used[target]!;
    used[target] = control + CHANNEL_LINE_BYTES + WINDOW_BYTES;
    const window = control + CHANNEL_LINE_BYTES;
    channels.push({
      index: channels.length,
      source,
      target,
      window: 'stress',
      collective: 0,
      kind: 'rows',
      rowsMax: WINDOW_BYTES / (COLUMNS * 4),
      routed: undefined,
      columnCount: COLUMNS,
      sourceRows: { address: 0, stride: COLUMNS },
      targetRows: { address: window, stride: COLUMNS },
      control,
    });
  };
  for (let thread = 0; thread < threads; thread++) {
    join(thread, (thread + 1) % threads);
    join(thread, (thread + 1 + random.below(threads - 1)) % threads);
  }
  const memories = used.map((bytes) => new SharedArrayBuffer(bytes));
  for (const { index, target, control } of channels) {
    const words = new Int32Array(memories[target]!, control, CHANNEL_LINE_BYTES / 4);
    const start = ((index % 2 === 0 ? 0 : 2 ** 31) - 1 - random.below(20)) | 0;
    words[CHANNEL_LINE.pushed / 4] = start;
    words[CHANNEL_LINE.popped / 4] = start;
    words[CHANNEL_LINE.sequence / 4] = start;
  }
  return {
    seed,
    messagesPerChannel: Math.ceil(messages / channels.length),
    channels,
    memories,
    doorbells: createDoorbells(threads),
    states: new Int32Array(new SharedArrayBuffer(threads * 4)),
    deafThread,
  };
}

/** Rows of a message; both ends know it without being told. */
export function rowCountOf(seed: number, channel: number, message: number): number {
  return (mix(seed ^ mix(channel) ^ message) >>> 0) % (ROWS_MAX + 1);
}

/** One word of a message; both ends know it without being told. */
export function wordOf(
  message: { seed: number; channel: number; number: number },
  at: number,
): number {
  return mix(message.seed + mix(message.number ^ (message.channel << 16)) + at);
}
