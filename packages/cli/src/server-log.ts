/**
 * The log of `wafer serve`: lines of JSON. Lines of a moment are written together: under overload
 * a write per request that is refused was a fifth of what the thread of the sockets did.
 */
import { pino } from 'pino';
import type { Logger } from 'pino';

/** Characters that are written at once, unless it is time. */
const WRITE_LENGTH = 4096;
/** A line is written no later. */
const WRITE_EVERY_MS = 100;

/** A log to a file, or to a descriptor by its number; what waits is written at exit. */
export function serverLog(dest: number | string): Logger {
  const times = { minLength: WRITE_LENGTH, periodicFlush: WRITE_EVERY_MS };
  return pino({ name: 'wafer' }, pino.destination({ dest, sync: false, ...times }));
}
