/**
 * A model of a hub in a folder: listed, chosen, room checked, fetched, verified, and noted.
 *
 * The record is written last; a folder without it is not complete. All of it may be broken off at
 * any time and goes on where it was with the same command. The record says of which commit each
 * file is: what another one left is taken away where a reader would take it for a part of this.
 */
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { WaferError, reasonOf } from '@wafer/core';
import { makeFolder } from '../source/make-folder.ts';
import { PULL_RECORD } from '../open/hub-name.ts';
import { chooseFiles, chooseShards, staleFiles } from './choose-files.ts';
import type { HubFile } from './choose-files.ts';
import { bytesHere, fetchFile, freeBytesOf } from './fetch-file.ts';
import type { FileOutcome } from './fetch-file.ts';
import type { Hub } from './hub-fetch.ts';
import { checkPaths, listRepository } from './list-repository.ts';
import type { HubName } from '../open/hub-name.ts';

export interface PullTask {
  hub: Hub;
  name: HubName;
  globs: readonly string[];
  folder: string;
  onProgress(progress: { doneBytes: number; totalBytes: number }): void;
}

/** What was pulled; also the record in the folder, without outcomes. */
export interface Pulled {
  model: string;
  revision: string | null;
  commit: string;
  endpoint: string;
  folder: string;
  /** Bytes that came over the network. */
  fetchedBytes: number;
  totalBytes: number;
  files: { path: string; bytes: number; checksum: string; outcome: FileOutcome }[];
}

/** Room that is left for everything else on the disk. */
const MARGIN_BYTES = 16 * 2 ** 20;

/** Pulls a model. Throws: PULL_*, OUTPUT_FAILED, the signal's reason. */
export async function pullModel(task: PullTask): Promise<Pulled> {
  const { hub, name, folder, globs } = task;
  const { endpoint } = hub.options;
  const listed = await listRepository(hub, name);
  const chosen = chooseFiles(name.model, listed.files, globs);
  checkPaths(chosen.files, endpoint);
  if ((chosen.index?.byteCount ?? 0) > INDEX_BYTES_MAX) {
    const reason = `its list of shards has more than ${INDEX_BYTES_MAX} bytes`;
    throw new WaferError('PULL_ANSWER', { endpoint, reason });
  }
  makeFolder(folder);
  const pulling = new Pulling(task, listed.commit);
  const earlier = await readRecords(folder);
  const others = earlier.filter(({ commit }) => commit !== listed.commit);
  if (others.length > 0) await hideRecord(folder);
  await pulling.fetch(chosen.files);
  if (chosen.index !== undefined) {
    const index = await readFile(join(folder, chosen.index.path), 'utf8');
    const from = { model: name.model, endpoint };
    const shards = chooseShards(from, listed.files, index);
    checkPaths([...chosen.files, ...shards], endpoint);
    await pulling.fetch(shards);
  }
  const pulled = pulling.result();
  const [before, now] = [others, pulled.files].map((files) => files.map(({ path }) => path));
  const stale = new Set(staleFiles(before ?? [], now ?? [], globs));
  for (const path of stale) await removeFile(join(folder, path));
  await writeRecord(
    pulled,
    earlier.filter(({ path }) => !stale.has(path)),
  );
  return pulled;
}

class Pulling {
  readonly #task: PullTask;
  readonly #commit: string;
  readonly #files: Pulled['files'] = [];
  #totalBytes = 0;
  #doneBytes = 0;
  #fetchedBytes = 0;

  constructor(task: PullTask, commit: string) {
    this.#task = task;
    this.#commit = commit;
  }

  async fetch(files: readonly HubFile[]): Promise<void> {
    const { folder } = this.#task;
    this.#totalBytes += files.reduce((sum, { byteCount }) => sum + byteCount, 0);
    let hereBytes = 0;
    for (const file of files) hereBytes += await bytesHere(folder, file);
    const neededBytes = files.reduce((sum, { byteCount }) => sum + byteCount, 0) - hereBytes;
    await checkSpace(folder, neededBytes);
    for (const file of files) await this.#fetchFile(file);
  }

  result(): Pulled {
    const { hub, name, folder } = this.#task;
    return {
      model: name.model,
      revision: name.revision ?? null,
      commit: this.#commit,
      endpoint: hub.options.endpoint,
      folder,
      fetchedBytes: this.#fetchedBytes,
      totalBytes: this.#totalBytes,
      files: this.#files,
    };
  }

  async #fetchFile(file: HubFile): Promise<void> {
    const { hub, name, folder, onProgress } = this.#task;
    const { path, byteCount, checksum } = file;
    const encoded = path.split('/').map(encodeURIComponent).join('/');
    const url = `${hub.options.endpoint}/${name.model}/resolve/${this.#commit}/${encoded}`;
    const before = await bytesHere(folder, file);
    const outcome = await fetchFile({
      hub,
      file,
      url,
      folder,
      onReplace: () => hideRecord(folder),
      onBytes: (count) =>
        onProgress({ doneBytes: this.#doneBytes + count, totalBytes: this.#totalBytes }),
    });
    this.#doneBytes += byteCount;
    if (outcome !== 'kept') this.#fetchedBytes += byteCount - (outcome === 'resumed' ? before : 0);
    this.#files.push({ path, bytes: byteCount, checksum: checksum.hex, outcome });
  }
}

/** Longest list of shards; that of a model of 500 GB has 10 MB. */
const INDEX_BYTES_MAX = 64 * 2 ** 20;

/** Throws: PULL_SPACE, OUTPUT_FAILED. */
async function checkSpace(folder: string, neededBytes: number): Promise<void> {
  if (neededBytes === 0) return;
  const freeBytes = await freeBytesOf(folder);
  if (neededBytes + MARGIN_BYTES > freeBytes) {
    throw new WaferError('PULL_SPACE', { folder, neededBytes, freeBytes });
  }
}

/** Throws: OUTPUT_FAILED. */
async function removeFile(path: string): Promise<void> {
  try {
    await rm(path, { force: true });
  } catch (error) {
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}

// ---- the record

/** A file that some pull brought. */
interface RecordedFile {
  path: string;
  bytes: number;
  checksum: string;
  commit: string;
}

/** Until all files are of one commit again, the folder is not complete. */
async function hideRecord(folder: string): Promise<void> {
  const path = join(folder, PULL_RECORD);
  await rename(path, `${path}.partial`).catch(() => undefined);
}

/** Notes the files beside those of earlier pulls. Throws: OUTPUT_FAILED. */
async function writeRecord(pulled: Pulled, earlier: readonly RecordedFile[]): Promise<void> {
  const { model, revision, commit, endpoint, folder } = pulled;
  const path = join(folder, PULL_RECORD);
  const files = new Map(earlier.map((file) => [file.path, file]));
  for (const { path: name, bytes, checksum } of pulled.files) {
    files.set(name, { path: name, bytes, checksum, commit });
  }
  const record = { model, revision, endpoint, files: [...files.values()] };
  // Its own name, as another pull may be at the same.
  const partial = `${path}.${process.pid}.partial`;
  try {
    await writeFile(partial, `${JSON.stringify(record, undefined, 1)}\n`);
    await rename(partial, path);
    await rm(`${path}.partial`, { force: true });
  } catch (error) {
    await rm(partial, { force: true });
    throw new WaferError('OUTPUT_FAILED', { path, reason: reasonOf(error) });
  }
}

/** What earlier pulls brought, also those that were broken off. */
async function readRecords(folder: string): Promise<RecordedFile[]> {
  const path = join(folder, PULL_RECORD);
  return [...(await readRecord(`${path}.partial`)), ...(await readRecord(path))];
}

async function readRecord(path: string): Promise<RecordedFile[]> {
  try {
    const { files } = JSON.parse(await readFile(path, 'utf8')) as { files?: RecordedFile[] };
    return Array.isArray(files) ? files.filter((file) => typeof file?.path === 'string') : [];
  } catch {
    return [];
  }
}
