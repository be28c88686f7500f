/**
 * How one end introduces itself, and the other one is heard: hello and proof as frames, the keys
 * that follow from them, and how much is read of a stranger.
 *
 * What is said and believed is in `Greeting`; here it travels. Each hello is answered by a proof,
 * and by our own hello where the other end has not heard it.
 */
import type { FramePayload } from './frame-decoder.ts';
import { FRAME } from './frame.ts';
import type { FrameHeader } from './frame.ts';
import { FrameOpener, FrameSealer } from './frame-tags.ts';
import type { FrameWriter } from './frame-writer.ts';
import { Greeting } from './greeting.ts';
import type { Hello } from './handshake.ts';
import type { LinkEnd } from './link-spec.ts';
import { frameRefused } from './link-state.ts';
import type { Recovery } from './recovery.ts';

export class Introduction {
  /** Whether frames that follow carry tags. */
  readonly isAuthenticated: boolean;
  readonly #link: string;
  readonly #greeting: Greeting;
  readonly #writer: FrameWriter;
  readonly #recovery: Recovery;
  readonly #bytesMax: number;
  /** Bytes that came before the other end was proved. */
  #bytes = 0;
  #opener: FrameOpener | undefined;

  /** `bytesMax`: what is read of an end that is not proved. */
  constructor(spec: LinkEnd, parts: { writer: FrameWriter; recovery: Recovery; bytesMax: number }) {
    const { name, role, secret, nonce, chip, firstSequence = 0, isAuthenticated = true } = spec;
    this.isAuthenticated = isAuthenticated;
    this.#link = name;
    this.#writer = parts.writer;
    this.#recovery = parts.recovery;
    this.#bytesMax = parts.bytesMax;
    const hello = { ...spec.identity, nonce, chip, firstSequence, isAuthenticated };
    this.#greeting = new Greeting({ link: name, role, secret, hello });
  }

  /** Judges tags, once the keys are known; undefined on a link without. */
  get opener(): FrameOpener | undefined {
    return this.#opener;
  }

  /** Says hello. */
  greet(): void {
    this.#writer.writeAlone(FRAME.hello, this.#greeting.hello, this.#greeting.hasHeard ? 1 : 0);
  }

  /** The beginning of a chunk that a stranger may still say. */
  admit(chunk: Uint8Array): Uint8Array {
    const head = chunk.subarray(0, this.#bytesMax - this.#bytes);
    this.#bytes += head.length;
    return head;
  }

  /** Refuses who has said all that a stranger may, and is one still. Throws: LINK_FRAME. */
  checkPatience(): void {
    if (this.#bytes >= this.#bytesMax) {
      throw frameRefused(this.#link, `${this.#bytesMax} bytes without a proof`);
    }
  }

  /** Takes a hello, and answers it. Throws: LINK_FRAME. */
  hear({ rowCount, payloadBytes }: Readonly<FrameHeader>, payload: FramePayload): void {
    const bytes = new Uint8Array(payloadBytes);
    payload.read(bytes);
    const isFirst = !this.#greeting.hasHeard;
    this.#greeting.hear(bytes);
    if (isFirst && this.isAuthenticated) this.#makeKeys();
    if (rowCount === 0) this.greet();
    this.#writer.writeAlone(FRAME.proof, this.#greeting.proof());
  }

  /**
   * Takes a proof and returns the hello of who is proved; undefined if none was heard yet.
   * Throws: LINK_SECRET, LINK_MISMATCH.
   */
  verify({ payloadBytes }: Readonly<FrameHeader>, payload: FramePayload): Hello | undefined {
    const bytes = new Uint8Array(payloadBytes);
    payload.read(bytes);
    return this.#greeting.verify(bytes);
  }

  #makeKeys(): void {
    const { send, receive } = this.#greeting.frameKeys();
    this.#writer.sealWith(new FrameSealer(send));
    this.#opener = new FrameOpener(receive, (sequence) => this.#recovery.positionOf(sequence));
  }
}
