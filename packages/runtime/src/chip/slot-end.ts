/**
 * Parts of adapters' slots as they come to a chip: straight from the frame to where they lie in
 * the SRAM of its tiles. The records of steps that need them come by the same thread, later.
 */
import { WaferError } from '@wafer/core';
import type { Plan } from '@wafer/core';
import type { FramePayload, LinkMessage, SocketLink } from '@wafer/fabric/links';
import { SLOT_PARTS, slotRange } from '../adapters/adapter-slots.ts';
import { HOST_CHANNEL } from './protocol.ts';
import { SLOT_HEAD, SLOT_HEAD_BYTES } from './slot-piece.ts';

export interface SlotEndParts {
  link: SocketLink;
  plan: Plan;
  memories: ReadonlyMap<number, WebAssembly.Memory>;
}

export class SlotEnd {
  readonly #parts: SlotEndParts;
  readonly #head = new Int32Array(SLOT_HEAD_BYTES / 4);
  readonly #headBytes: Uint8Array = new Uint8Array(this.#head.buffer);

  constructor(parts: SlotEndParts) {
    this.#parts = parts;
  }

  /** Takes a piece; the number of its part, if it is the last of it. Throws: LINK_FRAME. */
  take({ rowCount: rest }: LinkMessage, payload: FramePayload): number | undefined {
    const count = payload.byteLength - SLOT_HEAD_BYTES;
    if (count < 0) throw refusal(`${payload.byteLength} bytes of a slot`);
    payload.read(this.#headBytes);
    const address = this.#addressOf(count);
    const { buffer } = this.#parts.memories.get(this.#head[SLOT_HEAD.tile]!)!;
    payload.read(new Uint8Array(buffer, address, count));
    this.#parts.link.release(HOST_CHANNEL.slots);
    return rest > 0 ? undefined : this.#head[SLOT_HEAD.id];
  }

  /** Where the piece belongs that the head is of. Throws: LINK_FRAME. */
  #addressOf(count: number): number {
    const { plan, memories } = this.#parts;
    const { slots = 0 } = plan.options.adapters ?? {};
    const at = (field: keyof typeof SLOT_HEAD): number => this.#head[SLOT_HEAD[field]]!;
    const [tile, share, slot, offset] = [at('tile'), at('share'), at('slot'), at('offset')];
    const part = SLOT_PARTS[at('part')];
    const isSlot = slot >= 0 && slot < slots;
    const isOwn = memories.has(tile) && plan.tiles[tile]!.adapters[share] !== undefined;
    if (part !== undefined && isSlot && isOwn) {
      const range = slotRange(plan, { tile, share, part, slot });
      if (offset >= 0 && offset + count <= range.bytes) return range.address + offset;
    }
    throw refusal(`${count} bytes at ${offset} of share ${share} of tile ${tile}, slot ${slot}`);
  }
}

function refusal(reason: string): WaferError {
  return new WaferError('LINK_FRAME', { link: 'Wafer.Link[host]', reason });
}
