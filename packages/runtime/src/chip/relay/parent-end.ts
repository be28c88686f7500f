/**
 * The parent's end of the link to one chip: what the engine writes goes out, and what it waits for
 * comes in, so that the engine cannot tell a chip process from threads of its own.
 *
 *   published in the images of the chip's tiles ─▶ record, once per chip
 *   logits ─▶ host memory, reports += head tiles, ring      status ─▶ images: consumed; KiB loaded
 */
import { RECORD_SLOTS, StepView, TILE_HEADER, WaferError } from '@wafer/core';
import { Doorbell } from '@wafer/fabric';
import type { FramePayload, LinkAddress, LinkMessage, SocketLink } from '@wafer/fabric/links';
import { LogitCursor } from '../logit-cursor.ts';
import { connectChip } from '../connect-chip.ts';
import { HOST_CHANNEL, hostChannels, PIECE_BYTES, STATUS_BYTES } from '../protocol.ts';
import type { ChipSetup, ToChip, ToParent } from '../protocol.ts';
import { ControlChannel } from '../control-channel.ts';
import type { RelayTask, SlotPiece } from './relay-task.ts';
import { SlotSender } from './slot-sender.ts';

export interface ParentEndListener {
  onSaid(message: ToParent): void;
  onEnd(error: WaferError | undefined): void;
}

export class ParentEnd {
  readonly #task: RelayTask;
  readonly #setup: ChipSetup;
  readonly #link: SocketLink;
  readonly #control: ControlChannel<ToChip, ToParent>;
  readonly #listener: ParentEndListener;
  readonly #slots: SlotSender;
  readonly #logits: LogitCursor;
  readonly #images: Int32Array[];
  /** The image of the chip's first tile, which every record is read from. */
  readonly #step: StepView;
  readonly #bytes: Uint8Array;
  readonly #records: readonly number[];
  readonly #hostWords: Int32Array;
  readonly #hostBytes: Uint8Array;
  readonly #engine: Doorbell;
  readonly #status = new Int32Array(STATUS_BYTES / 4);
  readonly #statusBytes: Uint8Array = new Uint8Array(this.#status.buffer);
  #hasOpened = false;
  #sentSteps = 0;
  #sentBytes = 0;
  #loadedKib = 0;

  constructor(
    task: RelayTask,
    parts: { setup: ChipSetup; address: LinkAddress; listener: ParentEndListener },
  ) {
    const { setup, address, listener } = parts;
    this.#task = task;
    this.#setup = setup;
    this.#listener = listener;
    const { plan, memories, host, doorbells } = task;
    const tiles = plan.tiles.filter(({ index }) => setup.chipOf[index] === setup.chip);
    this.#images = tiles.map(({ index }) => new Int32Array(memories.get(index)!.buffer, 0, 2));
    const [first] = tiles;
    const { buffer } = memories.get(first!.index)!;
    this.#step = new StepView(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#records = first!.records;
    this.#logits = new LogitCursor(plan, setup, host.layout);
    this.#hostWords = new Int32Array(host.memory.buffer, 0, 16);
    this.#hostBytes = new Uint8Array(host.memory.buffer);
    this.#engine = new Doorbell(doorbells, 1);
    this.#link = this.#connect(address);
    this.#control = new ControlChannel(this.#link, {
      out: HOST_CHANNEL.toChip,
      in: HOST_CHANNEL.toParent,
    });
    this.#slots = new SlotSender(this.#link);
  }

  say(message: ToChip): void {
    this.#control.say(message);
  }

  /** Sends a part of a slot; the chip says when it lies there. */
  place(piece: SlotPiece): void {
    this.#slots.add(piece);
  }

  /** Resolves when the link has ended. */
  async close(): Promise<void> {
    this.#link.close();
    await this.#link.ended;
  }

  /** Whether the chip has proved itself. */
  get hasOpened(): boolean {
    return this.#hasOpened;
  }

  /** Whether the link has tried to recover, as from silence. */
  get hasRecovered(): boolean {
    return this.#link.stats.recoveries > 0;
  }

  /** Ends the link now, if it has not ended. */
  abort(): void {
    this.#link.abort(new WaferError('WAFER_CLOSED'));
  }

  /** Sends steps that the engine has published, as far as the link takes them. */
  sendRecords(published: number): void {
    while (this.#sentSteps !== published) {
      const address = this.#records[this.#sentSteps % RECORD_SLOTS]!;
      const recordBytes = this.#step.look(address).bytes;
      while (this.#sentBytes < recordBytes) {
        if (!this.#link.canSend(HOST_CHANNEL.record)) return;
        const start = address + this.#sentBytes;
        const bytes = Math.min(PIECE_BYTES, recordBytes - this.#sentBytes);
        this.#sentBytes += bytes;
        const rest = this.#sentBytes < recordBytes ? 1 : 0;
        const rows = { rowCount: rest, hasIndices: false, payloadBytes: bytes };
        this.#link.send(HOST_CHANNEL.record, rows, (payload) =>
          payload.set(this.#bytes.subarray(start, start + bytes)),
        );
      }
      this.#sentBytes = 0;
      this.#sentSteps++;
    }
  }

  #connect(address: LinkAddress): SocketLink {
    const flush = (): void => {
      this.#control.flush();
      this.sendRecords(this.published);
      this.#slots.flush();
    };
    return connectChip({ address, chip: this.#setup.chip }, this.#task, {
      channels: () => hostChannels('parent'),
      onOpen: () => {
        this.#hasOpened = true;
        this.say(this.#setup);
      },
      onCredit: flush,
      onRoom: flush,
      onMessage: (message, payload) => this.#take(message, payload),
      onEnd: (error) => this.#listener.onEnd(error),
    });
  }

  /** Steps published to the chip's tiles; the last one's image is written last. */
  get published(): number {
    return Atomics.load(this.#images.at(-1)!, TILE_HEADER.published / 4) >>> 0;
  }

  #take(message: LinkMessage, payload: FramePayload): void {
    if (message.channel === HOST_CHANNEL.logits) return this.#takeLogits(message, payload);
    if (message.channel === HOST_CHANNEL.status) return this.#takeStatus(payload);
    const said = this.#control.take(message, payload);
    if (said !== undefined) this.#listener.onSaid(said);
    return undefined;
  }

  #takeStatus(payload: FramePayload): void {
    if (payload.byteLength !== STATUS_BYTES) throw this.#refusal('a status of another length');
    payload.read(this.#statusBytes);
    this.#link.release(HOST_CHANNEL.status);
    const [loadedKib = 0, consumed = 0] = this.#status;
    const { layout } = this.#task.host;
    Atomics.add(this.#hostWords, layout.loadedKib / 4, loadedKib - this.#loadedKib);
    this.#loadedKib = loadedKib;
    for (const words of this.#images) Atomics.store(words, TILE_HEADER.consumed / 4, consumed);
    this.#engine.ring();
  }

  /** Takes a stretch of one tile's columns of one row. Throws: LINK_FRAME. */
  #takeLogits({ rowCount: rest }: LinkMessage, payload: FramePayload): void {
    const { plan, host } = this.#task;
    const logits = this.#logits;
    const bytes = payload.byteLength;
    if (logits.row >= plan.options.logitRowsMax || bytes > logits.bytesLeft) {
      throw this.#refusal(`${bytes} bytes of logits beyond row ${logits.row}`);
    }
    const { address } = logits;
    payload.read(this.#hostBytes.subarray(address, address + bytes));
    this.#link.release(HOST_CHANNEL.logits);
    logits.advance(bytes);
    if (rest > 0) return;
    logits.reset();
    Atomics.add(this.#hostWords, host.layout.headReports / 4, logits.tileCount);
    this.#engine.ring();
  }

  #refusal(reason: string): WaferError {
    return new WaferError('LINK_FRAME', { link: `Wafer.Link[host-${this.#setup.chip}]`, reason });
  }
}
