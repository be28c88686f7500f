/**
 * Ctrl-C and SIGTERM: everywhere "interrupted", exit code 130, within a second.
 *
 * The first signal asks whoever watches, by an abort signal, to end its request and its threads.
 * Where nobody watches, or what was asked is not done in time, and at the second signal, the
 * process ends at once, and with it its threads and children.
 *
 *     installed ──first──▶ asked ──done──▶ the command reports `Interrupted`
 *                              └─second, or END_MS_MAX later─▶ `finish`
 */
import { Interrupted } from './failures.ts';

type Kind = Interrupted['kind'];

/** Whoever is told of a signal; whether the command ends by it. */
export type SignalTaker = (reason: Interrupted) => boolean;

/** What a command may take to end before it is ended. */
const END_MS_MAX = 600;

const takers = new Set<SignalTaker>();

/** Listens to signals until disposed. `finish` ends the process. */
export function installSignals(finish: (kind: Kind) => void): Disposable {
  let isAsked = false;
  const handle = (kind: Kind): void => {
    if (isAsked || takers.size === 0) return finish(kind);
    const reason = new Interrupted(kind);
    const isEnding = [...takers].map((take) => take(reason)).some(Boolean);
    if (!isEnding) return;
    isAsked = true;
    setTimeout(() => finish(kind), END_MS_MAX).unref();
  };
  const onInterrupt = (): void => handle('interrupted');
  const onTerminate = (): void => handle('terminated');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    [Symbol.dispose]: () => {
      process.off('SIGINT', onInterrupt);
      process.off('SIGTERM', onTerminate);
    },
  };
}

/** Is told of signals until disposed. */
export function takeSignals(taker: SignalTaker): Disposable {
  takers.add(taker);
  return { [Symbol.dispose]: () => void takers.delete(taker) };
}

export interface SignalWatch extends Disposable {
  /** Aborts with `Interrupted`. */
  readonly signal: AbortSignal;
}

/** Watches until it is disposed. */
export function watchSignals(): SignalWatch {
  const controller = new AbortController();
  const taking = takeSignals((reason) => {
    controller.abort(reason);
    return true;
  });
  return { signal: controller.signal, [Symbol.dispose]: () => taking[Symbol.dispose]() };
}
