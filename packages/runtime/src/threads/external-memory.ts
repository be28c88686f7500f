/**
 * Keeps V8 from collecting garbage in every thread of a wafer while it starts.
 *
 * V8 counts a shared memory in each isolate that gets it, and each 64 MiB of them begin a
 * collection of all that the isolate has, though nothing of it can go. Three threads that get the
 * same memories collect three times, on the cores that load weights. Told to hold that memory
 * against the limit of the whole heap instead, some 490 MiB, V8 waits. The flag is of the process,
 * so it is up only as long as a start hands memories out; then the usual rule holds again.
 *
 * Nothing but time depends on it. Source of figures: docs/lab-log.md, "What does a start do that it
 * need not?".
 */
import { setFlagsFromString } from 'node:v8';

const FLAG = 'external-memory-accounted-in-global-limit';
/** The first release of Node.js whose V8 is known to have the flag. */
const NODE_MAJOR_MIN = 26;

let holdCount = 0;

/** Until it is disposed of, memories that threads get begin no collection of garbage. */
export function holdCollections(): Disposable {
  if (!canHold()) return { [Symbol.dispose]: () => undefined };
  if (holdCount === 0) setFlagsFromString(`--${FLAG}`);
  holdCount++;
  let isHeld = true;
  return {
    [Symbol.dispose]() {
      if (!isHeld) return;
      isHeld = false;
      holdCount--;
      if (holdCount === 0) setFlagsFromString(`--no-${FLAG}`);
    },
  };
}

/** A program that was started with the flag, or without it, chose for itself. */
function canHold(): boolean {
  const isGiven = process.execArgv.some((flag) => flag.replaceAll('_', '-').includes(FLAG));
  return Number.parseInt(process.versions.node, 10) >= NODE_MAJOR_MIN && !isGiven;
}
