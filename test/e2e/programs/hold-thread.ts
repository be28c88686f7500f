/**
 * Loaded first into every thread of a wafer: once a file exists, the thread that another file names
 * does not move any more, in the middle of a step (`loop`) or when it wakes (`block`).
 *
 * The paths come in the environment: HOLD_FILE holds `thread kind`, as `1 loop` or `engine block`.
 */
import { existsSync, readFileSync } from 'node:fs';
import { isMainThread, threadName } from 'node:worker_threads';

const file = process.env['HOLD_FILE'];
/** `wafer engine`, `wafer tiles 1`. */
const own = threadName?.split(' ').at(-1) ?? '';

function isHeld(kind: string): boolean {
  return file !== undefined && existsSync(file) && readFileSync(file, 'utf8') === `${own} ${kind}`;
}

if (!isMainThread && own !== '') {
  const now = performance.now.bind(performance);
  const wait = Atomics.wait.bind(Atomics) as (words: Int32Array, ...rest: number[]) => string;
  performance.now = () => {
    while (isHeld('loop')) {
      // for ever
    }
    return now();
  };
  const nobody = new Int32Array(new SharedArrayBuffer(4));
  const blocked = (words: Int32Array, ...rest: number[]): string => {
    if (isHeld('block')) wait(nobody, 0, 0);
    return wait(words, ...rest);
  };
  Object.assign(Atomics, { wait: blocked });
}
