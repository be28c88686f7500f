/**
 * The end of a channel that comes from another chip, in the I/O thread: rows go from the frame to
 * their places in the window, which is then published as if the sender had filled it.
 *
 * The channel's counters are kept here: bytes of rows, and beside them what frame and credit add.
 */
import { assert, hasRowIndices, WaferError } from '@wafer/core';
import type { ChannelPlan } from '@wafer/core';
import { ControlLine } from '@wafer/fabric';
import type { Doorbell } from '@wafer/fabric';
import { frameBytes } from '@wafer/fabric/links';
import type { FramePayload, LinkMessage } from '@wafer/fabric/links';

export class IncomingChannel {
  readonly plan: ChannelPlan;
  /** Chip that it comes from. */
  readonly peer: number;
  readonly #line: ControlLine;
  readonly #memory: Uint8Array;
  readonly #doorbell: Doorbell;
  readonly #tagBytes: number;
  /** Views of the window's rows, made when first written. */
  readonly #rows: Uint8Array[] = [];
  readonly #indices: Int32Array;
  readonly #indexBytes: Uint8Array;

  /** `memory` and `doorbell` are those of the receiving tile; `tagBytes` a frame's. */
  constructor(
    plan: ChannelPlan,
    place: { peer: number; memory: WebAssembly.Memory; doorbell: Doorbell; tagBytes: number },
  ) {
    this.plan = plan;
    this.peer = place.peer;
    this.#line = new ControlLine(place.memory.buffer, plan.control);
    this.#memory = new Uint8Array(place.memory.buffer);
    this.#doorbell = place.doorbell;
    this.#tagBytes = place.tagBytes;
    this.#indices = new Int32Array(hasRowIndices(plan.kind) ? plan.rowsMax : 0);
    this.#indexBytes = new Uint8Array(this.#indices.buffer);
  }

  /** Puts the rows of a message where the window has them. Throws: LINK_FRAME. */
  receive(message: LinkMessage, payload: FramePayload): void {
    const { rowCount, hasIndices } = message;
    const { kind, rowsMax, columnCount } = this.plan;
    const rowsBytes = rowCount * columnCount * 4;
    const bytes = rowsBytes + (hasIndices ? rowCount * 4 : 0);
    const isSound = rowCount <= rowsMax && hasIndices === hasRowIndices(kind);
    if (!isSound || payload.byteLength !== bytes) throw this.#refusal(message, payload);
    // The link has counted messages and credits; here it shows in the window itself.
    const { pushed, popped } = this.#line;
    if (pushed !== popped || message.message !== ((pushed + 1) | 0)) {
      const values = { channel: this.plan.index, message: message.message, pushed, popped };
      assert(false, 'a message finds its window free', values);
    }
    const creditBytes = frameBytes(0, this.#tagBytes);
    const overheadBytes = frameBytes(bytes, this.#tagBytes) - rowsBytes + creditBytes;
    if (hasIndices) {
      payload.read(this.#indexBytes.subarray(0, rowCount * 4));
      for (let i = 0; i < rowCount; i++) {
        if (this.#indices[i]! >>> 0 >= rowsMax) throw this.#refusal(message, payload);
      }
    }
    for (let i = 0; i < rowCount; i++) {
      payload.read(this.#row(hasIndices ? this.#indices[i]! : i));
    }
    this.#line.countMessage(rowsBytes, overheadBytes);
    this.#line.publish(message.message, rowCount);
    this.#doorbell.ring();
  }

  #row(row: number): Uint8Array {
    const known = this.#rows[row];
    if (known !== undefined) return known;
    const { targetRows, columnCount } = this.plan;
    const start = targetRows.address + row * targetRows.stride * 4;
    return (this.#rows[row] = this.#memory.subarray(start, start + columnCount * 4));
  }

  #refusal({ rowCount }: LinkMessage, { byteLength }: FramePayload): WaferError {
    const { index, target } = this.plan;
    const reason = `${rowCount} rows in ${byteLength} bytes on channel ${index}`;
    return new WaferError('LINK_FRAME', { link: `Wafer.Tile[${target}]`, reason });
  }
}
