/**
 * One doorbell per thread: how a thread sleeps until a message may have come.
 *
 *   sleeper                          ringer
 *   asleep = 1                       publish
 *   look at all channels once more   asleep? → bell += 1, notify
 *   wait while bell is unchanged
 *
 * Both sides write, then read what the other wrote, in one total order (Atomics): either the
 * sleeper sees the message or the ringer sees the sleeper. A ringer that meets nobody asleep pays
 * one load. Words, 64 bytes per line: line 0 holds the stop word, line 1 + i the bell and sleep
 * flag of thread i,
 * and how often its owner came round: a sign of life.
 *
 * Source: Dekker's mutual exclusion, as told in Dijkstra 1965, "Cooperating sequential processes".
 */

const WORDS_PER_LINE = 16;

/** Shared words for `threadCount` doorbells. */
export function createDoorbells(threadCount: number): Int32Array<SharedArrayBuffer> {
  return new Int32Array(new SharedArrayBuffer((threadCount + 1) * WORDS_PER_LINE * 4));
}

/** Asks every thread to end, and wakes the sleepers. */
export function ringStop(words: Int32Array): void {
  Atomics.store(words, 0, 1);
  for (let bell = WORDS_PER_LINE; bell < words.length; bell += WORDS_PER_LINE) {
    Atomics.add(words, bell, 1);
    Atomics.notify(words, bell);
  }
}

/** The doorbell of one thread; many may ring, only its owner waits. */
export class Doorbell {
  readonly #words: Int32Array;
  readonly #bell: number;
  readonly #asleep: number;
  readonly #beat: number;

  constructor(words: Int32Array, thread: number) {
    this.#words = words;
    this.#bell = (thread + 1) * WORDS_PER_LINE;
    this.#asleep = this.#bell + 1;
    this.#beat = this.#bell + 2;
  }

  /** Wakes the owner if it sleeps. Call after publishing. */
  ring(): void {
    if (Atomics.load(this.#words, this.#asleep) === 0) return;
    Atomics.add(this.#words, this.#bell, 1);
    Atomics.notify(this.#words, this.#bell);
  }

  /** Wakes the owner, asleep or not yet, so that it comes round once more. */
  ask(): void {
    Atomics.add(this.#words, this.#bell, 1);
    Atomics.notify(this.#words, this.#bell);
  }

  /** The owner's sign of life, given before every sleep, and in long work by itself. */
  beat(): void {
    Atomics.add(this.#words, this.#beat, 1);
  }

  /** Changes with every sign of life. */
  get beats(): number {
    return Atomics.load(this.#words, this.#beat);
  }

  get isStopped(): boolean {
    return Atomics.load(this.#words, 0) !== 0;
  }

  /** Sleeps until rung, unless `hasWork` says there is something to do already. */
  sleepUnless(hasWork: () => boolean, timeoutMs?: number): void {
    this.beat();
    Atomics.store(this.#words, this.#asleep, 1);
    const bell = Atomics.load(this.#words, this.#bell);
    if (!hasWork() && !this.isStopped) Atomics.wait(this.#words, this.#bell, bell, timeoutMs);
    Atomics.store(this.#words, this.#asleep, 0);
  }

  /**
   * Resolves when rung, or at once if there is something to do: for a thread that must not block,
   * because it owns sockets.
   */
  async rungUnless(hasWork: () => boolean): Promise<void> {
    this.beat();
    Atomics.store(this.#words, this.#asleep, 1);
    const bell = Atomics.load(this.#words, this.#bell);
    if (!hasWork() && !this.isStopped) {
      await Atomics.waitAsync(this.#words as Int32Array<SharedArrayBuffer>, this.#bell, bell).value;
    }
    Atomics.store(this.#words, this.#asleep, 0);
  }
}
