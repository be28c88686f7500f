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
export const END_MS_MAX = 450;

/** What stands for a signal in the flag of a thread. */
export const SIGNAL_NUMBERS: Readonly<Record<Kind, number>> = { interrupted: 2, terminated: 15 };

const takers = new Set<SignalTaker>();

/** What a signal does now; whether the command ends by it. */
let deliver: ((kind: Kind) => boolean) | undefined;

/** Where another thread writes that a signal came. */
let flag: Int32Array | undefined;

/** Takes a signal that another thread heard; whether the command ends by it. */
export function deliverSignal(kind: Kind): boolean {
  return deliver?.(kind) ?? false;
}

/** Signals are heard in another thread, which sets the flag. */
export function useSignalFlag(shared: Int32Array): void {
  flag = shared;
}

/** For what computes without a pause, in a thread with a flag. Throws: Interrupted. */
export function throwIfSignaled(): void {
  const number = flag === undefined ? 0 : Atomics.load(flag, 0);
  if (number === SIGNAL_NUMBERS.interrupted) throw new Interrupted('interrupted');
  if (number === SIGNAL_NUMBERS.terminated) throw new Interrupted('terminated');
}

/** Signals that are listened to. */
export interface Signals extends Disposable {
  /** Why the command is ending, once it is: what fails from then on fails because of it. */
  readonly asked: Interrupted | undefined;
}

/** Listens to signals until disposed. `finish` ends the process. */
export function installSignals(finish: (kind: Kind) => void): Signals {
  let asked: Interrupted | undefined;
  const handle = (kind: Kind): boolean => {
    if (asked !== undefined || takers.size === 0) {
      finish(kind);
      return true;
    }
    const reason = new Interrupted(kind);
    const isEnding = [...takers].map((take) => take(reason)).some(Boolean);
    if (!isEnding) return false;
    asked = reason;
    setTimeout(() => finish(kind), END_MS_MAX).unref();
    return true;
  };
  deliver = handle;
  const onInterrupt = (): void => void handle('interrupted');
  const onTerminate = (): void => void handle('terminated');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return {
    get asked() {
      return asked;
    },
    [Symbol.dispose]: () => {
      deliver = undefined;
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
