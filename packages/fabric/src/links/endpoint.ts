/**
 * One end of a link: messages of many channels over a wire that may lose, repeat, reorder or
 * damage frames. Each message arrives once, in order and unharmed, or the link ends with a code.
 *
 *   greeting ── proof accepted ──▶ open ── both said bye, all acknowledged ──▶ ended
 *      └──────── error, silence after three recoveries, wire closed ─────────────▲
 *
 * Go-back-N: only the next frame in sequence is accepted; a gap or damage asks for it by a nak,
 * and silence sends all frames in doubt again. Acknowledgements travel with every frame. Pure: the
 * owner feeds `receive`, calls `flush` when asked and `advance` at `deadlineMs`.
 *
 * Source: Tanenbaum, "Computer Networks" (go-back-N with negative acknowledgements).
 */
import { WaferError, maxOf } from '@wafer/core';
import { FrameDecoder } from './frame-decoder.ts';
import type { FramePayload } from './frame-decoder.ts';
import { FRAME, isSequenced, TAG_BYTES } from './frame.ts';
import { FrameOpener, FrameSealer } from './frame-tags.ts';
import type { FrameHeader } from './frame.ts';
import { FrameWriter } from './frame-writer.ts';
import type { OutgoingRows } from './frame-writer.ts';
import { Greeting } from './greeting.ts';
import { ReceivingChannel, SendingChannel } from './link-channels.ts';
import { emptyStats, LINK_TUNING } from './link-spec.ts';
import type { LinkHandlers, LinkSpec, LinkStats, LinkTuning, LinkWire } from './link-spec.ts';
import { Recovery } from './recovery.ts';

export class LinkEndpoint {
  readonly stats: LinkStats = emptyStats();
  readonly #spec: LinkSpec;
  readonly #tuning: LinkTuning;
  readonly #wire: LinkWire;
  readonly #handlers: LinkHandlers;
  readonly #now: () => number;
  readonly #greeting: Greeting;
  readonly #decoder: FrameDecoder;
  readonly #recovery: Recovery;
  readonly #sends = new Map<number, SendingChannel>();
  readonly #receives = new Map<number, ReceivingChannel>();
  #creditors: ReceivingChannel[] = [];
  #creditAtMs = Infinity;
  readonly #writer: FrameWriter;
  /** Judges tags, once the keys are known; undefined on a link without. */
  #opener: FrameOpener | undefined;
  readonly #isAuthenticated: boolean;
  /** Bytes that came before the other end was proved. */
  #greetingBytes = 0;
  #state: 'greeting' | 'open' | 'ended' = 'greeting';
  #error: WaferError | undefined;
  /** Undefined until the other end is proved; its data frames are skipped until then. */
  #payloadBytesMax: number | undefined;
  /** Whether the other end has proved that it knows the secret. */
  #isProved = false;
  #wantsRoom = false;
  #hasSaidBye = false;
  #hasHeardBye = false;

  constructor(
    spec: LinkSpec,
    parts: { wire: LinkWire; handlers: LinkHandlers; now: () => number },
  ) {
    this.#spec = spec;
    this.#tuning = { ...LINK_TUNING, ...spec.tuning };
    this.#wire = parts.wire;
    this.#handlers = parts.handlers;
    this.#now = parts.now;
    const { name, role, secret, nonce, chip, firstSequence = 0, isAuthenticated = true } = spec;
    this.#isAuthenticated = isAuthenticated;
    const hello = { ...spec.identity, nonce, chip, firstSequence, isAuthenticated };
    this.#greeting = new Greeting({ link: name, role, secret, hello });
    this.#recovery = new Recovery(this.#tuning, firstSequence, this.stats);
    const { wire, now } = parts;
    this.#writer = new FrameWriter({ wire, now, recovery: this.#recovery, stats: this.stats });
    this.#decoder = new FrameDecoder({
      name,
      payloadBytesMax: () => this.#payloadBytesMax,
      tags: isAuthenticated ? () => this.#opener : undefined,
      sink: {
        onFrame: (header, payload) => this.#takeFrame(header, payload),
        onDamage: () => this.#takeDamage(),
      },
    });
  }

  get state(): 'greeting' | 'open' | 'ended' {
    return this.#state;
  }

  /** What a frame carries as its tag. */
  get tagBytes(): number {
    return this.#isAuthenticated ? TAG_BYTES : 0;
  }

  /** Why the link ended; undefined if it did not, or as asked. */
  get error(): WaferError | undefined {
    return this.#error;
  }

  /** When `advance` is due; infinite if only the wire can bring news. */
  get deadlineMs(): number {
    return this.#state === 'ended'
      ? Infinity
      : Math.min(this.#recovery.deadlineMs, this.#creditAtMs);
  }

  // ---- the owner's side

  /** Says hello. */
  start(): void {
    this.#greet();
    this.#recovery.armResend(this.#now());
  }

  /** Whether the channel has a credit and the window has room. */
  canSend(channel: number): boolean {
    if (this.#state !== 'open' || this.#hasSaidBye) return false;
    if (!this.#hasRoom) {
      this.#wantsRoom = true;
      return false;
    }
    return this.#sends.get(channel)?.hasCredit ?? false;
  }

  get #hasRoom(): boolean {
    return this.#recovery.hasRoom && this.#wire.hasRoom;
  }

  /** Sends one message; `fill` writes its payload in place. Only if `canSend`. */
  send(channel: number, rows: OutgoingRows, fill: (payload: Uint8Array) => void): void {
    const sender = this.#sends.get(channel);
    const bytesMax = sender?.spec.bytesMax ?? 0;
    if (sender === undefined || !this.canSend(channel) || rows.payloadBytes > bytesMax) {
      throw new RangeError(`${this.#spec.name}: channel ${channel} cannot send this message`);
    }
    this.#writer.writeMessage(sender, rows, fill);
  }

  /** Gives a received message's place back to the sender. */
  release(channel: number): void {
    const receiver = this.#receives.get(channel);
    if (receiver === undefined) return;
    if (!receiver.release()) throw new RangeError(`channel ${channel} holds no message`);
    if (!receiver.isListed) {
      receiver.isListed = true;
      this.#creditors.push(receiver);
    }
    if (receiver.isCreditUrgent) this.#wire.requestFlush();
    else this.#creditAtMs = Math.min(this.#creditAtMs, this.#now() + this.#tuning.ackMs);
  }

  /** Ends the link once everything sent so far has arrived. */
  close(): void {
    if (this.#state === 'greeting') {
      this.disconnect('it was closed before it was open');
    } else if (this.#state === 'open' && !this.#hasSaidBye) {
      this.flush();
      this.#hasSaidBye = true;
      this.#writer.writeSequenced(FRAME.bye, 0, 0);
    }
  }

  /** Ends the link with an error, and tells the other end. */
  abort(error: WaferError): void {
    if (this.#state === 'ended') return;
    const kind = this.#isProved ? FRAME.failure : FRAME.error;
    this.#writer.writeAlone(kind, Buffer.from(error.code, 'latin1'));
    this.#end(error);
  }

  /** The wire is gone. An error, unless only the last goodbye was under way. */
  disconnect(reason: string): void {
    if (this.#state === 'ended') return;
    const isDone = this.#hasSaidBye && this.#hasHeardBye && this.#recovery.count <= 1;
    this.#end(isDone ? undefined : this.#broken(reason));
  }

  // ---- turns of work

  /** Takes bytes from the wire. */
  receive(chunk: Uint8Array): void {
    if (this.#error !== undefined) return;
    try {
      const isStranger = this.#state === 'greeting';
      const rest = isStranger ? this.#receiveGreeting(chunk) : chunk;
      if (rest.length > 0) this.#decoder.push(rest);
    } catch (error) {
      if (!(error instanceof WaferError)) throw error;
      this.abort(error);
    }
    const isLingering = this.#state === 'ended' && this.#recovery.owesAny;
    if (isLingering || this.#recovery.owesReply) this.#wire.requestFlush();
  }

  /** Takes so much as a stranger may say; returns the rest, once it is none any more. */
  #receiveGreeting(chunk: Uint8Array): Uint8Array {
    const { greetingBytes } = this.#tuning;
    const head = chunk.subarray(0, greetingBytes - this.#greetingBytes);
    this.#greetingBytes += head.length;
    this.#decoder.push(head);
    if (this.#state === 'greeting' && this.#greetingBytes >= greetingBytes) {
      this.#refuse(`${greetingBytes} bytes without a proof`);
    }
    return chunk.subarray(head.length);
  }

  /** Sends what is owed: credits, naks, acknowledgements that no frame carried. */
  flush(): void {
    if (this.#state === 'greeting' || this.#error !== undefined) return;
    if (this.#wantsRoom && this.#hasRoom) {
      this.#wantsRoom = false;
      this.#handlers.onRoom();
    }
    const now = this.#now();
    if (this.#recovery.takeNak(now)) this.#writer.writeAlone(FRAME.nak);
    if (this.#creditors.length > 0) this.#flushCredits(now);
    const isDone = this.#hasSaidBye && this.#hasHeardBye && this.#recovery.count === 0;
    // The last acknowledgement has no frame to wait for.
    const owesAck = isDone ? this.#recovery.owesAny : this.#recovery.owesAck(now);
    if (owesAck) this.#writer.writeAlone(FRAME.ack);
    if (isDone && this.#state === 'open') this.#end(undefined);
  }

  /** Sends the credits that the other end may be waiting for; all of them when it is time. */
  #flushCredits(now: number): void {
    const isTime = now >= this.#creditAtMs;
    const later: ReceivingChannel[] = [];
    for (const receiver of this.#creditors) {
      if (!isTime && !receiver.isCreditUrgent) {
        later.push(receiver);
        continue;
      }
      receiver.isListed = false;
      // An end that has said goodbye has no use for credits.
      if (this.#hasHeardBye) continue;
      this.#writer.writeSequenced(FRAME.credit, receiver.spec.channel, receiver.takeCredit());
    }
    this.#creditors = later;
    if (later.length === 0) this.#creditAtMs = Infinity;
  }

  /** Does what time asks for. Call at `deadlineMs`. */
  advance(): void {
    if (this.#state === 'ended') return;
    const now = this.#now();
    if (this.#recovery.isResendDue(now)) {
      this.stats.timeouts++;
      this.#recover(now);
    }
    this.flush();
  }

  // ---- frames that arrive

  #takeFrame(header: Readonly<FrameHeader>, payload: FramePayload): void {
    if (this.#error !== undefined) return;
    const { kind } = header;
    if (kind === FRAME.error || kind === FRAME.failure) {
      this.#takeError(header, payload);
      return;
    }
    if (kind === FRAME.hello || kind === FRAME.proof) {
      this.#takeGreeting(header, payload);
      return;
    }
    if (this.#state === 'greeting') return;
    const now = this.#now();
    const freed = this.#recovery.acknowledge(header.acknowledged, now);
    if (freed < 0) this.#refuse('an acknowledgement of what was never sent');
    if (freed > 0 && (this.#hasSaidBye || this.#wantsRoom)) this.#wire.requestFlush();
    if (kind === FRAME.nak && this.#recovery.shouldHeedNak(now)) this.#recover(now);
    if (isSequenced(kind) && this.#recovery.accept(header, now)) this.#takeNext(header, payload);
  }

  #takeGreeting({ kind, rowCount, payloadBytes }: FrameHeader, payload: FramePayload): void {
    const bytes = new Uint8Array(payloadBytes);
    payload.read(bytes);
    if (kind === FRAME.hello) {
      const isFirst = !this.#greeting.hasHeard;
      this.#greeting.hear(bytes);
      if (isFirst && this.#isAuthenticated) this.#makeKeys();
      if (rowCount === 0) this.#greet();
      this.#writer.writeAlone(FRAME.proof, this.#greeting.proof());
    } else if (this.#state === 'greeting') {
      const theirs = this.#greeting.verify(bytes);
      if (theirs !== undefined) this.#open(theirs.chip, theirs.firstSequence);
    }
  }

  /** Who has opened its end says why it stops with a tag, where frames have them. */
  #takeError({ kind, payloadBytes }: FrameHeader, payload: FramePayload): void {
    if (kind === FRAME.error && this.#isProved && this.#isAuthenticated) return this.#takeDamage();
    const bytes = new Uint8Array(payloadBytes);
    payload.read(bytes);
    const code = Buffer.from(bytes).toString('latin1');
    const readable = code.replace(/[^A-Z_]/g, '');
    this.#end(this.#broken(`the other end stopped with ${readable}`));
    return undefined;
  }

  #makeKeys(): void {
    const { send, receive } = this.#greeting.frameKeys();
    this.#writer.sealWith(new FrameSealer(send));
    this.#opener = new FrameOpener(receive, (sequence) => this.#recovery.positionOf(sequence));
  }

  #open(peer: number, firstSequence: number): void {
    this.#isProved = true;
    const { sends, receives } = this.#handlers.channels(peer);
    for (const spec of sends) this.#sends.set(spec.channel, new SendingChannel(spec));
    for (const spec of receives) this.#receives.set(spec.channel, new ReceivingChannel(spec));
    this.#payloadBytesMax = maxOf(
      receives.map(({ bytesMax }) => bytesMax),
      0,
    );
    this.#recovery.begin(firstSequence);
    this.#state = 'open';
    this.#handlers.onOpen(peer);
  }

  /** Takes the next frame in sequence. */
  #takeNext(header: Readonly<FrameHeader>, payload: FramePayload): void {
    const { kind, channel, message } = header;
    if (kind === FRAME.data) {
      const receiver = this.#receives.get(channel);
      if (receiver === undefined) this.#refuse(`a message on channel ${channel}`);
      else receiver.accept(this.#spec.name, message, payload.byteLength);
      if (header.hasIndices && header.rowCount * 4 > payload.byteLength) {
        this.#refuse(`${header.rowCount} row indices in ${payload.byteLength} bytes`);
      }
      this.stats.messagesReceived++;
      this.stats.payloadBytesReceived += payload.byteLength;
      this.#handlers.onMessage(header, payload);
    } else if (kind === FRAME.credit) {
      const isGood = this.#sends.get(channel)?.takeCredit(message) ?? false;
      if (!isGood) this.#refuse(`a credit for message ${message} of channel ${channel}`);
      this.#handlers.onCredit(channel);
    } else {
      this.#hasHeardBye = true;
      this.close();
      this.#wire.requestFlush();
    }
  }

  #takeDamage(): void {
    this.stats.damages++;
    if (this.#state === 'open') this.#recovery.wantNak();
  }

  // ---- frames that leave

  #greet(): void {
    this.#writer.writeAlone(FRAME.hello, this.#greeting.hello, this.#greeting.hasHeard ? 1 : 0);
  }

  /** Sends everything in doubt again, or gives up. */
  #recover(now: number): void {
    if (!this.#recovery.tryRecover(now)) {
      this.abort(this.#broken(this.#lossReason));
    } else if (this.#state === 'greeting') {
      this.#greet();
    } else {
      this.#writer.writeAgain();
    }
  }

  // ---- ends

  get #lossReason(): string {
    const { damages } = this.stats;
    const harm = damages > 0 ? `, ${damages} frames came damaged or altered` : '';
    return `${this.#tuning.recoveriesMax} recoveries in a row failed${harm}`;
  }

  #broken(reason: string): WaferError {
    return new WaferError('LINK_BROKEN', { link: this.#spec.name, reason });
  }

  #refuse(reason: string): never {
    throw new WaferError('LINK_FRAME', { link: this.#spec.name, reason });
  }

  #end(error: WaferError | undefined): void {
    this.#state = 'ended';
    this.#error = error;
    this.#handlers.onEnd(error);
  }
}
