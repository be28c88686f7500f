/**
 * Token ids in a file of 16 or 32 bits each, little-endian, read by position; or in memory.
 *
 * A file is never held whole: rows are read where they lie, and the system keeps the pages.
 */
import { createHash } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { reasonOf, WaferError } from '@wafer/core';

/** Ids by position. `counts[i]`: whether the loss counts token i as a target. */
export interface TokenSource {
  readonly count: number;
  /** Writes ids [start, start + target.length) to `target`. */
  read(start: number, target: Uint32Array): void;
  /** The same of whether they count; undefined: all do. */
  readonly counts?: Uint8Array | undefined;
  /** First tokens of documents, ascending; undefined: one document. */
  readonly starts?: Uint32Array | undefined;
  close(): void;
}

/** Ids that are there already. */
export function tokensInMemory(
  ids: Uint32Array,
  marks: Pick<TokenSource, 'counts' | 'starts'> = {},
): TokenSource {
  return {
    ...marks,
    count: ids.length,
    read: (start, target) => target.set(ids.subarray(start, start + target.length)),
    close: () => undefined,
  };
}

/** Opens a `.u16` or `.u32` file. Throws: DATA_INVALID, DATA_UNREADABLE. */
export function openTokens(path: string, idBytes: 2 | 4): TokenSource {
  let file: number;
  let bytes: number;
  try {
    file = openSync(path, 'r');
    bytes = fstatSync(file).size;
  } catch (error) {
    throw new WaferError('DATA_UNREADABLE', { path, reason: reasonOf(error) });
  }
  if (bytes === 0 || bytes % idBytes !== 0) {
    closeSync(file);
    const reason = `${bytes} bytes are no ids of ${idBytes} bytes each`;
    throw new WaferError('DATA_INVALID', { path, line: 0, reason });
  }
  let buffer = new Uint8Array(0);
  return {
    count: bytes / idBytes,
    read(start, target) {
      const length = target.length * idBytes;
      if (buffer.length < length) buffer = new Uint8Array(length);
      let filled = 0;
      while (filled < length) {
        const got = readSync(file, buffer, filled, length - filled, start * idBytes + filled);
        if (got === 0) {
          const reason = 'the file has become shorter';
          throw new WaferError('DATA_INVALID', { path, line: 0, reason });
        }
        filled += got;
      }
      const view = new DataView(buffer.buffer);
      for (let i = 0; i < target.length; i++) {
        target[i] = idBytes === 2 ? view.getUint16(2 * i, true) : view.getUint32(4 * i, true);
      }
    },
    close: () => closeSync(file),
  };
}

/** SHA-256 of all that sources hold: ids, documents, what counts. */
export function hashOf(sources: readonly TokenSource[]): string {
  const hash = createHash('sha256');
  for (const source of sources) {
    const ids = new Uint32Array(source.count);
    source.read(0, ids);
    for (const list of [ids, source.starts, source.counts]) {
      hash.update(`${list?.length} `);
      if (list !== undefined) hash.update(list);
    }
  }
  return hash.digest('hex');
}
