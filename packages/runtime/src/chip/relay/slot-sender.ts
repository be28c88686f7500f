/**
 * Parts of adapters' slots on their way to one chip, in pieces, as far as the link takes them.
 */
import type { SocketLink } from '@wafer/fabric/links';
import { SLOT_PARTS } from '../../adapters/adapter-slots.ts';
import { HOST_CHANNEL } from '../protocol.ts';
import { SLOT_HEAD, SLOT_HEAD_BYTES, SLOT_PIECE_BYTES } from '../slot-piece.ts';
import type { SlotPiece } from './relay-task.ts';

export class SlotSender {
  readonly #link: SocketLink;
  readonly #waiting: SlotPiece[] = [];
  readonly #head = new Int32Array(SLOT_HEAD_BYTES / 4);
  readonly #headBytes: Uint8Array = new Uint8Array(this.#head.buffer);
  /** Bytes of the first one that have left. */
  #sentBytes = 0;

  constructor(link: SocketLink) {
    this.#link = link;
  }

  add(piece: SlotPiece): void {
    this.#waiting.push(piece);
    this.flush();
  }

  /** Sends what waits, as far as the link takes it. */
  flush(): void {
    for (let [piece] = this.#waiting; piece !== undefined; [piece] = this.#waiting) {
      if (!this.#link.canSend(HOST_CHANNEL.slots)) return;
      this.#send(piece);
      if (this.#sentBytes < piece.bytes.byteLength) continue;
      this.#waiting.shift();
      this.#sentBytes = 0;
    }
  }

  #send({ id, part: { tile, share, part, slot }, bytes }: SlotPiece): void {
    const offset = this.#sentBytes;
    const count = Math.min(SLOT_PIECE_BYTES, bytes.byteLength - offset);
    this.#sentBytes += count;
    const rest = this.#sentBytes < bytes.byteLength ? 1 : 0;
    const fields = { id, tile, share, part: SLOT_PARTS.indexOf(part), slot, offset };
    for (const [field, at] of Object.entries(SLOT_HEAD)) {
      this.#head[at] = fields[field as keyof typeof fields];
    }
    const payloadBytes = SLOT_HEAD_BYTES + count;
    const rows = { rowCount: rest, hasIndices: false, payloadBytes };
    this.#link.send(HOST_CHANNEL.slots, rows, (payload) => {
      payload.set(this.#headBytes);
      payload.set(new Uint8Array(bytes, offset, count), SLOT_HEAD_BYTES);
    });
  }
}
