/**
 * Standard output and standard error of a thread: its own `process.stdout` goes through the main
 * thread, knows no terminal, and shows nothing while the thread computes.
 */
import { writeSync } from 'node:fs';
import { Writable } from 'node:stream';
import { isatty, WriteStream } from 'node:tty';
import type { OutputStream } from '../terminal/terminal.ts';

/** What a pipe that is full needs to be read. */
const FULL_MS = 5;

/**
 * The stream of an open file descriptor, 1 or 2; writes are out when they return. `columns` of the
 * terminal at [descriptor - 1]: the main thread alone learns of a new width.
 */
export function outputOf(descriptor: 1 | 2, columns: Int32Array): OutputStream {
  if (isatty(descriptor)) {
    const stream = new WriteStream(descriptor);
    const get = (): number => Atomics.load(columns, descriptor - 1);
    return Object.defineProperty(stream, 'columns', { get });
  }
  return new Writable({
    decodeStrings: true,
    write: (bytes: Buffer, _encoding, done) => {
      try {
        writeAll(descriptor, bytes);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
}

function writeAll(descriptor: number, bytes: Buffer): void {
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let written = 0; written < bytes.length;) {
    try {
      written += writeSync(descriptor, bytes, written);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error;
      Atomics.wait(pause, 0, 0, FULL_MS);
    }
  }
}
