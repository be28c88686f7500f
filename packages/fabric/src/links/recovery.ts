/**
 * Sequence numbers, acknowledgements and time of one end: what go-back-N decides by.
 *
 *   sent:      window of frames in doubt ── acknowledged, or sent again after nak or silence
 *   received:  expected ── equal: accept · before: repeated, say so · after: gap, ask for expected
 *
 * A recovery has failed if the next one comes before anything new was acknowledged. An
 * acknowledgement waits a little for a frame to travel with, unless much is owed. Pure: time is
 * an argument.
 */
import type { FrameBuffer, FrameHeader } from './frame.ts';
import type { LinkStats, LinkTuning } from './link-spec.ts';
import { SendWindow } from './send-window.ts';
import type { FramePool } from './send-window.ts';

export class Recovery {
  readonly #tuning: LinkTuning;
  readonly #stats: LinkStats;
  readonly #window: SendWindow;
  #expected = 0;
  /** Frames accepted so far. */
  #accepted = 0;
  #failures = 0;
  #resendAtMs = Infinity;
  #recoveredAtMs = -Infinity;
  #owedFrames = 0;
  #owedBytes = 0;
  #ackAtMs = Infinity;
  #wantsNak = false;
  #nakExpected = 0;
  #nakAgainAtMs = -Infinity;

  constructor(tuning: LinkTuning, firstSequence: number, stats: LinkStats) {
    this.#tuning = tuning;
    this.#stats = stats;
    this.#window = new SendWindow(firstSequence);
  }

  /** The greeting is over; the other end counts from `theirFirst`. */
  begin(theirFirst: number): void {
    this.#expected = theirFirst;
    this.#failures = 0;
    this.#resendAtMs = Infinity;
  }

  get deadlineMs(): number {
    return Math.min(this.#resendAtMs, this.#ackAtMs);
  }

  // ---- frames sent

  get next(): number {
    return this.#window.next;
  }

  /** Frames in doubt. */
  get count(): number {
    return this.#window.count;
  }

  get hasRoom(): boolean {
    const { windowFrames, windowBytes } = this.#tuning;
    return this.#window.count < windowFrames && this.#window.bytes < windowBytes;
  }

  /** Keeps a frame until it is acknowledged. */
  keep(frame: FrameBuffer, pool: FramePool | undefined, now: number): void {
    if (this.#window.count === 0) this.armResend(now);
    frame.transmissions = 1;
    this.#window.add(frame, pool);
  }

  /** Starts waiting for an answer. */
  armResend(now: number): void {
    this.#resendAtMs = now + this.#tuning.resendMs * 2 ** this.#failures;
  }

  /** Frees acknowledged frames. Returns their count; -1 if they were never sent. */
  acknowledge(sequence: number, now: number): number {
    const freed = this.#window.acknowledge(sequence);
    if (freed <= 0) return freed;
    this.#failures = 0;
    this.#recoveredAtMs = -Infinity;
    if (this.#window.count === 0) this.#resendAtMs = Infinity;
    else this.armResend(now);
    return freed;
  }

  isResendDue(now: number): boolean {
    return now >= this.#resendAtMs;
  }

  /** Whether a nak is news: a repeated one, or one for a recovery under way, is not. */
  shouldHeedNak(now: number): boolean {
    return this.#window.count > 0 && now - this.#recoveredAtMs >= this.#tuning.nakMs;
  }

  /** Begins a recovery; false if too many in a row have failed. */
  tryRecover(now: number): boolean {
    if (this.#failures === this.#tuning.recoveriesMax) return false;
    this.#failures++;
    this.#stats.recoveries++;
    this.#recoveredAtMs = now;
    this.armResend(now);
    return true;
  }

  /** Why no more recoveries are tried. */
  get lossReason(): string {
    const { damages } = this.#stats;
    const harm = damages > 0 ? `, ${damages} frames came damaged or altered` : '';
    return `${this.#tuning.recoveriesMax} recoveries in a row failed${harm}`;
  }

  /** Calls `send` with all frames in doubt, which are sent once more. */
  forEachInDoubt(send: (frame: FrameBuffer) => void): void {
    this.#window.forEach((frame) => {
      frame.transmissions++;
      send(frame);
    });
  }

  // ---- frames received

  /** How many frames went before the one of this number; negative before the first. */
  positionOf(sequence: number): number {
    return this.#accepted + ((sequence - this.#expected) | 0);
  }

  /** Whether this frame is the next one in sequence; if so, it counts as received. */
  accept({ sequence, payloadBytes }: Readonly<FrameHeader>, now: number): boolean {
    const ahead = (sequence - this.#expected) | 0;
    if (ahead > 0) {
      this.#stats.gaps++;
      this.#wantsNak = true;
      return false;
    }
    if (ahead < 0) {
      // Its acknowledgement may have been lost.
      this.#stats.duplicates++;
      this.#owedFrames = this.#tuning.windowFrames;
      return false;
    }
    this.#expected = (sequence + 1) | 0;
    this.#accepted++;
    this.#owedFrames++;
    this.#owedBytes += payloadBytes;
    this.#ackAtMs = Math.min(this.#ackAtMs, now + this.#tuning.ackMs);
    return true;
  }

  wantNak(): void {
    this.#wantsNak = true;
  }

  /** Whether something is owed that should not wait. */
  get owesReply(): boolean {
    return this.#wantsNak || this.#owesMuch;
  }

  get #owesMuch(): boolean {
    const { windowFrames, windowBytes } = this.#tuning;
    return this.#owedFrames * 4 >= windowFrames || this.#owedBytes * 4 >= windowBytes;
  }

  get owesAny(): boolean {
    return this.#owedFrames > 0;
  }

  owesAck(now: number): boolean {
    return this.#owesMuch || now >= this.#ackAtMs;
  }

  /** The acknowledgement for a frame that is about to leave; nothing is owed after that. */
  takeAcknowledgement(): number {
    this.#owedFrames = 0;
    this.#owedBytes = 0;
    this.#ackAtMs = Infinity;
    return this.#expected;
  }

  /** Whether to send a nak now: wanted, and not asked for a moment ago. */
  takeNak(now: number): boolean {
    if (!this.#wantsNak) return false;
    this.#wantsNak = false;
    if (this.#nakExpected === this.#expected && now < this.#nakAgainAtMs) return false;
    this.#nakExpected = this.#expected;
    this.#nakAgainAtMs = now + this.#tuning.nakMs;
    return true;
  }
}
