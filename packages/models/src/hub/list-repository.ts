/**
 * What a hub says of a model: its commit, and its files with sizes and checksums. Checked here.
 *
 * The library of the hub is loaded when it is needed: no other command waits for it.
 */
import { WaferError } from '@wafer/core';
import type { HubFile } from './choose-files.ts';
import { plainText } from './hub-fetch.ts';
import type { Hub } from './hub-fetch.ts';
import { pathFault } from '../open/hub-name.ts';
import type { HubName } from '../open/hub-name.ts';

export interface Repository {
  /** 40 hexadecimal digits: content under it never changes. */
  commit: string;
  files: HubFile[];
}

/** More files than any model has. */
const FILES_MAX = 50_000;
const PAGES_MAX = 1000;
/** 16 TiB: larger than any file of a model. */
const FILE_BYTES_MAX = 2 ** 44;

/** Asks a hub for a model. Throws: PULL_*. */
export async function listRepository(hub: Hub, name: HubName): Promise<Repository> {
  const { modelInfo, listFiles, HubApiError } = await import('@huggingface/hub');
  const { endpoint } = hub.options;
  const fail = (reason: string): WaferError => new WaferError('PULL_ANSWER', { endpoint, reason });
  let requestCount = 0;
  const bounded: typeof fetch = (input, init) => {
    if (++requestCount > PAGES_MAX) throw fail('its list of files never ends');
    return hub.fetch(input, init);
  };
  const use = { hubUrl: endpoint, fetch: bounded };
  try {
    const revision = name.revision === undefined ? {} : { revision: name.revision };
    const fields = { name: name.model, ...revision, additionalFields: ['sha' as const] };
    const { sha: commit } = await modelInfo({ ...use, ...fields }).catch(naming(name));
    if (!/^[0-9a-f]{40}$/.test(String(commit))) throw fail('it names no commit');
    const files = new Map<string, HubFile>();
    const repo = { type: 'model' as const, name: name.model };
    const where = { repo, revision: commit, recursive: true };
    for await (const entry of listFiles({ ...use, ...where })) {
      if (entry.type === 'directory') continue;
      const file = checkFile(entry, fail);
      if (files.has(file.path)) throw fail(`it lists ${JSON.stringify(file.path)} twice`);
      files.set(file.path, file);
      if (files.size > FILES_MAX) throw fail(`it lists more than ${FILES_MAX} files`);
    }
    return { commit, files: [...files.values()] };
  } catch (error) {
    if (error instanceof WaferError || hub.options.signal.aborted) throw error;
    const status = error instanceof HubApiError ? ` (${error.statusCode})` : '';
    throw fail(plainText(`${(error as Error).message}${status}`));
  }
}

/** Says which model or revision is not there, in place of a path of the API. */
function naming({ model, revision }: HubName): (error: unknown) => never {
  const what = revision === undefined ? `model ${model}` : `revision ${revision} of ${model}`;
  return (error) => {
    const isAbout = error instanceof WaferError && 'what' in error.details;
    throw isAbout ? new WaferError(error.code, { ...error.details, what }) : error;
  };
}

interface ListedFile {
  path: unknown;
  size: unknown;
  oid?: unknown;
  lfs?: { oid?: unknown; size?: unknown };
}

function checkFile(entry: ListedFile, fail: (reason: string) => WaferError): HubFile {
  const { path, lfs } = entry;
  const byteCount = lfs?.size ?? entry.size;
  if (typeof path !== 'string') throw fail('it lists a file without a name');
  const name = plainText(JSON.stringify(path));
  const isSize = typeof byteCount === 'number' && Number.isSafeInteger(byteCount);
  if (!isSize || byteCount < 0 || byteCount > FILE_BYTES_MAX) {
    throw fail(`it lists ${name} with ${String(byteCount)} bytes`);
  }
  const hex = lfs === undefined ? entry.oid : lfs.oid;
  const kind = lfs === undefined ? 'git' : 'sha256';
  const digits = kind === 'git' ? 40 : 64;
  if (typeof hex !== 'string' || !new RegExp(`^[0-9a-f]{${digits}}$`).test(hex)) {
    throw fail(`it lists ${name} without a checksum`);
  }
  return { path, byteCount, checksum: { kind, hex } };
}

/** Refuses files that could not lie below a folder. Throws: PULL_ANSWER. */
export function checkPaths(files: readonly HubFile[], endpoint: string): void {
  const folded = new Set<string>();
  for (const { path } of files) {
    const name = plainText(JSON.stringify(path));
    const fault = pathFault(path);
    // Two such names are one file where the disk does not tell upper case from lower.
    const again = folded.has(path.toLowerCase()) ? 'is there in two spellings' : undefined;
    const reason = fault ?? again;
    if (reason !== undefined) {
      throw new WaferError('PULL_ANSWER', { endpoint, reason: `file ${name} ${reason}` });
    }
    folded.add(path.toLowerCase());
  }
}
