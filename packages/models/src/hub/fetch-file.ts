/**
 * One file of a hub on this disk: resumed, bounded, verified, and only then under its name.
 *
 *     model.safetensors.1f2e3d4c5b6a.partial   while it comes; the checksum says of which content
 *     model.safetensors                        once size and checksum are right
 *
 * The checksum is taken as bytes arrive; those of an earlier attempt are read again. A part that
 * turns out wrong is fetched anew once, since it may be old; then it is the hub's.
 */
import { createHash } from 'node:crypto';
import type { Hash } from 'node:crypto';
import { constants, open, realpath, rename, rm, stat, statfs } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { WaferError, reasonOf } from '@wafer/core';
import { makeFolder } from '../source/make-folder.ts';
import type { HubFile } from './choose-files.ts';
import { Passing } from './hub-fetch.ts';
import type { Hub } from './hub-fetch.ts';

export interface FileTask {
  hub: Hub;
  file: HubFile;
  url: string;
  folder: string;
  /** Another file lies under the name, and will be replaced. */
  onReplace(): Promise<void>;
  /** Bytes of the file that are here, whenever that changes. */
  onBytes(byteCount: number): void;
}

/** What became of a file: `kept` was here, `resumed` in part. */
export type FileOutcome = 'pulled' | 'resumed' | 'kept';

const SPAN_BYTES = 2 ** 20;
const NAME_DIGITS = 12;
/** What a connection must have brought for its loss to be forgiven: no hub can drip for ever. */
const PROGRESS_BYTES_MIN = 2 ** 16;

/** Brings a file into the folder. Throws: PULL_*, OUTPUT_FAILED, the signal's reason. */
export async function fetchFile(task: FileTask): Promise<FileOutcome> {
  const { file, folder } = task;
  const path = join(folder, file.path);
  await makeFolderInside(folder, dirname(path));
  if (await isThere(task, path)) {
    task.onBytes(file.byteCount);
    return 'kept';
  }
  if ((await sizeOf(path)) !== undefined) await task.onReplace();
  const partial = partialPath(folder, file);
  const partOf = await fetchPartial(task, partial);
  if (await takeName(partial, path)) return partOf > 0 ? 'resumed' : 'pulled';
  // Another pull of the same file was quicker with the part that both have written.
  if (await isThere(task, path)) return 'kept';
  throw new WaferError('OUTPUT_FAILED', { path, reason: 'its part was taken away' });
}

/** Whether the part was there to get its name. Throws: OUTPUT_FAILED. */
async function takeName(partial: string, path: string): Promise<boolean> {
  return attempt(path, async () => {
    try {
      await rename(partial, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    return true;
  });
}

/** Bytes of the file that an earlier attempt left. */
export async function bytesHere(folder: string, file: HubFile): Promise<number> {
  const byteCount = await sizeOf(join(folder, file.path));
  if (byteCount === file.byteCount) return byteCount;
  return Math.min(file.byteCount, (await sizeOf(partialPath(folder, file))) ?? 0);
}

function partialPath(folder: string, { path, checksum }: HubFile): string {
  return join(folder, `${path}.${checksum.hex.slice(0, NAME_DIGITS)}.partial`);
}

/** Whether the file is here, whole and right. */
async function isThere(task: FileTask, path: string): Promise<boolean> {
  if ((await sizeOf(path)) !== task.file.byteCount) return false;
  const handle = await attempt(path, () => open(path, 'r'));
  try {
    const hash = startHash(task.file);
    await readInto(hash, handle, { path, byteCount: task.file.byteCount, task });
    return hash.digest('hex') === task.file.checksum.hex;
  } finally {
    await handle.close();
  }
}

/** Completes the partial file; bytes it had before. */
async function fetchPartial(task: FileTask, partial: string): Promise<number> {
  const { file } = task;
  const { byteCount, checksum } = file;
  for (let isSecond = false; ; isSecond = true) {
    const writer = await attempt(partial, () =>
      open(partial, constants.O_RDWR | constants.O_CREAT),
    );
    let start = 0;
    let actual: string;
    try {
      start = (await attempt(partial, () => writer.stat())).size;
      if (start > byteCount) start = 0;
      const download = new Download(task, writer, partial);
      actual = await download.run(start);
    } finally {
      await writer.close();
    }
    if (actual === checksum.hex) return start;
    await rm(partial, { force: true });
    if (start > 0 && !isSecond) continue;
    const expected = checksum.hex;
    throw new WaferError('PULL_CHECKSUM', { file: file.path, actual, expected });
  }
}

/** The bytes of one file on their way. */
class Download {
  readonly #task: FileTask;
  readonly #file: FileHandle;
  readonly #partial: string;
  #hash: Hash;
  #received = 0;

  constructor(task: FileTask, file: FileHandle, partial: string) {
    this.#task = task;
    this.#file = file;
    this.#partial = partial;
    this.#hash = startHash(task.file);
  }

  /** Fetches what is missing from `start` on; the checksum of the whole. */
  async run(start: number): Promise<string> {
    const { hub, file } = this.#task;
    await this.#restart(start);
    let before = this.#received;
    const hasProgress = (): boolean => {
      const has = this.#received - before >= PROGRESS_BYTES_MIN;
      if (has) before = this.#received;
      return has;
    };
    while (this.#received < file.byteCount) {
      await hub.retrying(() => this.#receive(), hasProgress);
    }
    await attempt(this.#partial, () => this.#file.truncate(file.byteCount));
    return this.#hash.digest('hex');
  }

  /** Takes what the file holds up to `start` as received. */
  async #restart(start: number): Promise<void> {
    this.#hash = startHash(this.#task.file);
    const what = { path: this.#partial, byteCount: start, task: this.#task };
    await readInto(this.#hash, this.#file, what);
    this.#received = start;
  }

  /** One request, from the first missing byte on. Throws: Passing where the rest is missing. */
  async #receive(): Promise<void> {
    const { hub, url, file } = this.#task;
    const headers: Record<string, string> = { 'accept-encoding': 'identity' };
    if (this.#received > 0) headers['range'] = `bytes=${this.#received}-`;
    const watch = hub.watch();
    try {
      const response = await hub.open(url, { headers }, watch.signal);
      // A server that ignores ranges, or answers with another, begins with what we have already.
      if (this.#received > 0 && !isRange(response, this.#received)) await this.#restart(0);
      for await (const chunk of response.body ?? []) {
        watch.note(chunk.length);
        await this.#take(chunk);
      }
      if (this.#received === file.byteCount) return;
    } catch (error) {
      throw hub.failure(error, watch.reason);
    } finally {
      watch.close();
    }
    throw new Passing(`it ended ${file.path} at byte ${this.#received} of ${file.byteCount}`);
  }

  async #take(chunk: Uint8Array): Promise<void> {
    const { hub, file, onBytes } = this.#task;
    if (this.#received + chunk.length > file.byteCount) {
      const reason = `${file.path} is longer than the ${file.byteCount} bytes it was listed with`;
      throw new WaferError('PULL_ANSWER', { endpoint: hub.options.endpoint, reason });
    }
    for (let written = 0; written < chunk.length;) {
      const position = this.#received + written;
      const count = chunk.length - written;
      try {
        written += (await this.#file.write(chunk, written, count, position)).bytesWritten;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const path = this.#partial;
        if (code !== 'ENOSPC') throw new WaferError('OUTPUT_FAILED', { path, reason: message });
        const space = { folder: dirname(path), freeBytes: await freeBytesOf(dirname(path)) };
        const neededBytes = file.byteCount - position;
        throw new WaferError('PULL_SPACE', { ...space, neededBytes });
      }
    }
    this.#hash.update(chunk);
    this.#received += chunk.length;
    onBytes(this.#received);
  }
}

/** Whether an answer holds the bytes from `start` on. */
function isRange(response: Response, start: number): boolean {
  const range = response.headers.get('content-range') ?? '';
  return response.status === 206 && range.startsWith(`bytes ${start}-`);
}

function startHash({ checksum, byteCount }: HubFile): Hash {
  if (checksum.kind === 'sha256') return createHash('sha256');
  return createHash('sha1').update(`blob ${byteCount}\0`);
}

/** Adds the first bytes of a file to a hash. */
async function readInto(
  hash: Hash,
  file: FileHandle,
  what: { path: string; byteCount: number; task: FileTask },
): Promise<void> {
  const { path, byteCount, task } = what;
  const span = new Uint8Array(Math.min(SPAN_BYTES, byteCount));
  for (let done = 0; done < byteCount;) {
    task.hub.options.signal.throwIfAborted();
    const length = Math.min(span.length, byteCount - done);
    const { bytesRead } = await attempt(path, () => file.read(span, 0, length, done));
    if (bytesRead === 0) return;
    hash.update(span.subarray(0, bytesRead));
    done += bytesRead;
    task.onBytes(done);
  }
}

// ---- the disk

/** Makes a folder; also where links lie on the way, it is inside `root`. Throws: OUTPUT_FAILED. */
async function makeFolderInside(root: string, folder: string): Promise<void> {
  makeFolder(folder);
  const [real, top] = await attempt(folder, async () => [
    await realpath(folder),
    await realpath(root),
  ]);
  if (real === top || real!.startsWith(top!.endsWith(sep) ? top! : top! + sep)) return;
  throw new WaferError('OUTPUT_FAILED', { path: folder, reason: `it leads out of ${root}` });
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const stats = await stat(path);
    return stats.isFile() ? stats.size : undefined;
  } catch {
    return undefined;
  }
}

/** Free bytes of the disk that a folder lies on. Throws: OUTPUT_FAILED. */
export async function freeBytesOf(folder: string): Promise<number> {
  const { bavail, bsize } = await attempt(folder, () => statfs(folder));
  return bavail * bsize;
}

/** Does something to a path. Throws: OUTPUT_FAILED. */
async function attempt<Result>(path: string, action: () => Promise<Result>): Promise<Result> {
  try {
    return await action();
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}
