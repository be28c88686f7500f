/**
 * Which files are being written: for whoever may end a thread in the middle of a write, and then
 * removes what it left.
 */

/** Told of each file that is begun, and of its end, by the name that it has until then. */
export type OutputListener = (partial: string, isOpen: boolean) => void;

let listener: OutputListener | undefined;

/** Who is told from now on, in this thread. */
export function watchOutputs(tell: OutputListener): void {
  listener = tell;
}

/** Says that a file is begun, or that it is complete or gone. */
export function tellOutput(partial: string, isOpen: boolean): void {
  listener?.(partial, isOpen);
}
