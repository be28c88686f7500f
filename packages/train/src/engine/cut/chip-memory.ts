/**
 * What parent and chip say over their link beside the control channel: bytes of the memory that
 * both lay out alike, and steps; all in one order.
 *
 *   parent ── write: address, bytes · step · evaluate · gather ──▶ chip
 *   parent ◀─ write: address, bytes · done ────────────────────── chip
 *
 * What cannot be sent yet waits for `flush`; who queues bytes does not change them before the
 * answer came. The row count of a message says which of these it is.
 */
import { assert, WaferError } from '@wafer/core';
import type {
  FramePayload,
  LinkChannel,
  LinkChannels,
  LinkMessage,
  SocketLink,
} from '@wafer/fabric/links';
import { HOST_CHANNEL, PIECE_BYTES } from '@wafer/runtime/chips';
import type { MemoryRange } from './ranges.ts';

/** What a message asks or says. */
export const SAYS = { write: 0, step: 1, evaluate: 2, gather: 3, done: 4 } as const;
type Saying = (typeof SAYS)[keyof typeof SAYS];

/** Of this link; the first two are those of the control channel. */
const MEMORY = { toChip: 2, toParent: 3 } as const;
const PIECES_MAX = 16;
/** The address, before the bytes. */
const HEAD_BYTES = 8;

/** Channels of the link, seen from one end. */
export function memoryChannels(end: 'parent' | 'chip'): LinkChannels {
  const channelOf = (channel: number): LinkChannel => {
    return { channel, bytesMax: PIECE_BYTES + HEAD_BYTES, slots: PIECES_MAX };
  };
  const down = [HOST_CHANNEL.toChip, MEMORY.toChip].map(channelOf);
  const up = [HOST_CHANNEL.toParent, MEMORY.toParent].map(channelOf);
  return end === 'parent' ? { sends: down, receives: up } : { sends: up, receives: down };
}

interface Piece {
  says: Saying;
  range: MemoryRange;
}

const NOTHING: MemoryRange = { start: 0, end: 0 };

/** One end. */
export class MemoryChannel {
  readonly #link: SocketLink;
  readonly #bytes: Uint8Array;
  readonly #ids: { out: number; in: number };
  readonly #head = new Float64Array(1);
  readonly #headBytes: Uint8Array = new Uint8Array(this.#head.buffer);
  #waiting: Piece[] = [];
  #next = 0;

  constructor(link: SocketLink, memory: WebAssembly.Memory, end: 'parent' | 'chip') {
    const { toChip, toParent } = MEMORY;
    this.#link = link;
    this.#bytes = new Uint8Array(memory.buffer);
    this.#ids = end === 'parent' ? { out: toChip, in: toParent } : { out: toParent, in: toChip };
  }

  /** Queues bytes of the memory, for the same address. */
  write(ranges: readonly MemoryRange[]): void {
    for (const { start, end } of ranges) {
      for (let at = start; at < end; at += PIECE_BYTES) {
        const range = { start: at, end: Math.min(end, at + PIECE_BYTES) };
        this.#waiting.push({ says: SAYS.write, range });
      }
    }
    this.flush();
  }

  /** Says something, after all that was queued before. */
  say(says: Exclude<Saying, typeof SAYS.write>): void {
    this.#waiting.push({ says, range: NOTHING });
    this.flush();
  }

  /** Sends what waits, as far as the link takes it. */
  flush(): void {
    while (this.#next < this.#waiting.length && this.#link.canSend(this.#ids.out)) {
      const { says, range } = this.#waiting[this.#next++]!;
      const { start, end } = range;
      const payloadBytes = says === SAYS.write ? HEAD_BYTES + end - start : 0;
      const rows = { rowCount: says, hasIndices: false, payloadBytes };
      this.#link.send(this.#ids.out, rows, (payload) => {
        if (says !== SAYS.write) return;
        this.#head[0] = start;
        payload.set(this.#headBytes);
        payload.set(this.#bytes.subarray(start, end), HEAD_BYTES);
      });
    }
    if (this.#next < this.#waiting.length) return;
    this.#waiting = [];
    this.#next = 0;
  }

  /** Takes a message; what it says, if it was no bytes for the memory. Throws: LINK_FRAME. */
  take(message: LinkMessage, payload: FramePayload): Exclude<Saying, 0> | undefined {
    assert(message.channel === this.#ids.in, 'a message is of the channel of memories', {
      channel: message.channel,
    });
    const says = message.rowCount as Saying;
    if (says === SAYS.write) this.#read(payload);
    else if (!Object.values(SAYS).includes(says)) throw refusal(`message ${says}`);
    this.#link.release(this.#ids.in);
    return says === SAYS.write ? undefined : says;
  }

  #read(payload: FramePayload): void {
    const bytes = payload.byteLength - HEAD_BYTES;
    if (bytes < 0) throw refusal('bytes without an address');
    payload.read(this.#headBytes);
    const [start = 0] = this.#head;
    const isInside =
      Number.isSafeInteger(start) && start >= 0 && start + bytes <= this.#bytes.length;
    if (!isInside) throw refusal(`${bytes} bytes for address ${start}`);
    payload.read(this.#bytes.subarray(start, start + bytes));
  }
}

function refusal(reason: string): WaferError {
  return new WaferError('LINK_FRAME', { link: 'Wafer.Link[host]', reason });
}
