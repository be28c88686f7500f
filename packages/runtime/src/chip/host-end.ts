/**
 * A chip's end of the link to its parent, in the I/O thread: step records in, logits out.
 *
 *   record ─▶ slot of every tile, published, ring       (the engine's work, were it here)
 *   steps finished by all tiles, KiB loaded ─▶ status
 *   reports of all head tiles ─▶ their columns of the step's logit rows, row by row
 *
 * The engine waits for the logits of a step before it publishes the next one, so that they lie
 * still while they are sent.
 */
import { RECORD_SLOTS, StepView, TILE_HEADER, WaferError } from '@wafer/core';
import type { Plan, TilePlan } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import type { FramePayload, LinkMessage, SocketLink } from '@wafer/fabric/links';
import type { HostLayout } from '../host.ts';
import { LogitCursor } from './logit-cursor.ts';
import { HOST_CHANNEL, PIECE_BYTES, STATUS_BYTES } from './protocol.ts';

export interface HostEndParts {
  link: SocketLink;
  plan: Plan;
  chip: number;
  chipOf: readonly number[];
  memories: ReadonlyMap<number, WebAssembly.Memory>;
  host: { memory: WebAssembly.Memory; layout: HostLayout };
  threadOf: readonly number[];
  doorbells: Int32Array;
}

/** A tile as the parent's engine would see it. */
interface OwnTile {
  plan: TilePlan;
  words: Int32Array;
  bytes: Uint8Array;
  doorbell: Doorbell;
}

export class HostEnd {
  readonly #link: SocketLink;
  readonly #tiles: OwnTile[];
  readonly #logits: LogitCursor;
  readonly #parts: HostEndParts;
  readonly #hostWords: Int32Array;
  readonly #hostBytes: Uint8Array;
  readonly #status = new Int32Array(STATUS_BYTES / 4);
  readonly #statusBytes: Uint8Array = new Uint8Array(this.#status.buffer);
  /** Logit rows of the step in each slot. */
  readonly #outputCounts = new Int32Array(RECORD_SLOTS);
  /** The records of the first tile. */
  readonly #step: StepView;
  #recordAt = 0;
  #published = 0;
  #consumed = 0;
  #isStatusDue = false;
  #reported = 0;
  #reportedSteps = 0;
  /** Whether logits are under way. */
  #isLogitsDue = false;

  constructor(parts: HostEndParts) {
    this.#parts = parts;
    this.#link = parts.link;
    const { plan, chip, chipOf, memories, doorbells, threadOf, host } = parts;
    this.#tiles = plan.tiles
      .filter(({ index }) => chipOf[index] === chip)
      .map((tile) => {
        const { buffer } = memories.get(tile.index)!;
        const doorbell = new Doorbell(doorbells, threadOf[tile.index]!);
        const words = new Int32Array(buffer);
        return { plan: tile, words, bytes: new Uint8Array(buffer), doorbell };
      });
    this.#step = new StepView(this.#tiles[0]!.words.buffer);
    this.#logits = new LogitCursor(plan, { chip, chipOf }, host.layout);
    this.#hostWords = new Int32Array(host.memory.buffer, 0, 16);
    this.#hostBytes = new Uint8Array(host.memory.buffer);
  }

  /** Takes a piece of a step record; the last one publishes the step. Throws: LINK_FRAME. */
  takeRecord({ rowCount: rest }: LinkMessage, payload: FramePayload): void {
    const { recordBytes } = this.#parts.plan;
    const end = this.#recordAt + payload.byteLength;
    if (end > recordBytes) {
      const reason = `a step record above ${recordBytes} bytes`;
      throw new WaferError('LINK_FRAME', { link: 'Wafer.Link[host]', reason });
    }
    const slot = this.#published % RECORD_SLOTS;
    const [first, ...others] = this.#tiles;
    const address = first!.plan.records[slot]!;
    payload.read(first!.bytes.subarray(address + this.#recordAt, address + end));
    this.#link.release(HOST_CHANNEL.record);
    this.#recordAt = end;
    if (rest > 0) return;
    this.#recordAt = 0;
    this.#step.open(address, this.#published);
    this.#outputCounts[slot] = this.#step.outputCount;
    this.#published++;
    const record = first!.bytes.subarray(address, address + end);
    for (const { plan, bytes } of others) bytes.set(record, plan.records[slot]!);
    for (const { words, doorbell } of this.#tiles) {
      Atomics.store(words, TILE_HEADER.published / 4, this.#published | 0);
      doorbell.ring();
    }
  }

  /** Whether tiles have done something that was not looked at yet. */
  get hasWork(): boolean {
    return this.#findConsumed() !== this.#consumed || this.#hasReports;
  }

  /** Looks at what tiles have done, and tells the parent. */
  work(): void {
    const consumed = this.#findConsumed();
    if (consumed !== this.#consumed) {
      this.#consumed = consumed;
      this.#isStatusDue = true;
    }
    if (this.#hasReports) {
      this.#reported = (this.#reported + this.#logits.tileCount) | 0;
      this.#isLogitsDue = true;
    }
    this.flush();
  }

  /** Says how much is loaded. */
  reportLoaded(): void {
    this.#isStatusDue = true;
    this.flush();
  }

  /** Sends what is due, as far as the link takes it. */
  flush(): void {
    if (this.#isLogitsDue) this.#sendLogits();
    if (!this.#isStatusDue || !this.#link.canSend(HOST_CHANNEL.status)) return;
    this.#isStatusDue = false;
    this.#status[0] = Atomics.load(this.#hostWords, this.#parts.host.layout.loadedKib / 4);
    this.#status[1] = this.#consumed;
    const rows = { rowCount: 0, hasIndices: false, payloadBytes: STATUS_BYTES };
    this.#link.send(HOST_CHANNEL.status, rows, (payload) => payload.set(this.#statusBytes));
  }

  get #hasReports(): boolean {
    const count = this.#logits.tileCount;
    if (count === 0) return false;
    const reports = Atomics.load(this.#hostWords, this.#parts.host.layout.headReports / 4);
    return ((reports - this.#reported) | 0) >= count;
  }

  /** Steps that all tiles have finished. */
  #findConsumed(): number {
    let behind = 0;
    for (const { words } of this.#tiles) {
      const consumed = Atomics.load(words, TILE_HEADER.consumed / 4);
      behind = Math.max(behind, (this.#published - consumed) | 0);
    }
    return (this.#published - behind) | 0;
  }

  #sendLogits(): void {
    const logits = this.#logits;
    const rowCount = this.#outputCounts[this.#reportedSteps % RECORD_SLOTS]!;
    while (this.#link.canSend(HOST_CHANNEL.logits)) {
      const { address } = logits;
      const bytes = rowCount === 0 ? 0 : Math.min(PIECE_BYTES, logits.bytesLeft);
      logits.advance(bytes);
      // A step without logits is reported by one turn of empty stretches.
      const isLast = logits.row >= Math.max(1, rowCount);
      const rows = { rowCount: isLast ? 0 : 1, hasIndices: false, payloadBytes: bytes };
      this.#link.send(HOST_CHANNEL.logits, rows, (payload) =>
        payload.set(this.#hostBytes.subarray(address, address + bytes)),
      );
      if (!isLast) continue;
      logits.reset();
      this.#isLogitsDue = false;
      this.#reportedSteps++;
      return;
    }
  }
}
