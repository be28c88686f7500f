/**
 * Meeting points of threads in shared words: a barrier, and counters that only grow.
 *
 * A barrier is two words, arrivals and generation; the last to arrive opens the next generation. A
 * waiting thread looks for a while, then sleeps: to be woken takes longer than most waits, and who
 * wakes late makes the others sleep at the next meeting.
 */
import { availableParallelism } from 'node:os';

/** Looks before it sleeps: about 70 µs. */
const LOOKS = 2000;

/** How often a thread of so many looks: where they are more than cores, others need the core. */
export function looksOf(threadCount: number): number {
  return threadCount <= availableParallelism() ? LOOKS : 0;
}

/** Waits until all `count` threads of a barrier have come. */
export function meet(
  words: Int32Array,
  at: number,
  { count, looks }: { count: number; looks: number },
): void {
  if (count === 1) return;
  const generation = Atomics.load(words, at + 1);
  if (Atomics.add(words, at, 1) + 1 === count) {
    Atomics.store(words, at, 0);
    Atomics.add(words, at + 1, 1);
    Atomics.notify(words, at + 1);
    return;
  }
  for (let look = 0; look < looks; look++) {
    if (Atomics.load(words, at + 1) !== generation) return;
    Atomics.pause();
  }
  while (Atomics.load(words, at + 1) === generation) Atomics.wait(words, at + 1, generation);
}

/** Waits until a counter has reached a value (counters wrap at 2^32). */
export function waitFor(
  words: Int32Array,
  at: number,
  { value, looks }: { value: number; looks: number },
): void {
  for (let look = 0; ; look++) {
    const held = Atomics.load(words, at);
    if (((held - value) | 0) >= 0) return;
    if (look < looks) Atomics.pause();
    else Atomics.wait(words, at, held);
  }
}

/** Sets a counter and wakes who waits for it. */
export function publish(words: Int32Array, at: number, value: number): void {
  Atomics.store(words, at, value | 0);
  Atomics.notify(words, at);
}
