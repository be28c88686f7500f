/**
 * The log of `wafer serve`: lines of JSON. Lines of requests are written together: under overload
 * a write for each that is refused was a fifth of what the thread of the sockets did.
 *
 * All others, as of a model's state, are written at once, with what waited before them. What waits
 * is written at exit; `SIGKILL` may lose the last 100 ms of requests.
 */
import { pino } from 'pino';
import type { Logger } from 'pino';

/** Characters of requests that are written at once, unless it is time. */
const WRITE_LENGTH = 4096;
/** A line is written no later. */
const WRITE_EVERY_MS = 100;
/** The message of lines that may wait. */
const REQUEST = 'request';

/** A log to a file, or to a descriptor by its number. */
export function serverLog(dest: number | string): Logger {
  const times = { minLength: WRITE_LENGTH, periodicFlush: WRITE_EVERY_MS };
  const destination = pino.destination({ dest, sync: false, ...times });
  const hooks = {
    logMethod(this: Logger, words: Parameters<pino.LogFn>, method: pino.LogFn): void {
      method.apply(this, words);
      if (words[1] !== REQUEST) destination.flush();
    },
  };
  return pino({ name: 'wafer', hooks }, destination);
}
