/** Whole models from a hub: what a folder holds when a pull ends, is broken off, or goes on. */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { HubServer } from '../../../../test/e2e/hub-server.ts';
import { PULL_RECORD } from '../open/hub-name.ts';
import { freeBytesOf } from './fetch-file.ts';
import { Hub } from './hub-fetch.ts';
import { pullModel } from './pull.ts';
import type { Pulled } from './pull.ts';

const NEXT = 'd00d'.padEnd(40, '1');
const server = new HubServer();
let folder = '';

beforeAll(() => server.start());
afterAll(() => server.close());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wafer-pull-'));
  server.files.clear();
  server.commit = 'c0ffee'.padEnd(40, '0');
  for (const name of ['config.json', 'tokenizer.json', 'generation_config.json']) {
    server.files.set(name, Buffer.from(`{"of":"${name}"}`));
  }
  server.files.set('model.safetensors', Buffer.alloc(20_000, 'weights'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pull(globs: readonly string[] = []): Promise<Pulled> {
  const hub = new Hub({
    ...{ endpoint: server.endpoint, token: undefined, silenceMs: 30_000, retries: 0 },
    ...{ signal: new AbortController().signal, onWait: () => undefined },
  });
  const name = { model: 'org/model', revision: undefined };
  return pullModel({ hub, name, globs, folder, onProgress: () => undefined });
}

interface PullRecord {
  files: { path: string; commit: string }[];
}
const record = (): PullRecord =>
  JSON.parse(readFileSync(join(folder, PULL_RECORD), 'utf8')) as PullRecord;

test('of two commits no file is left, and meanwhile the folder is not complete', async () => {
  await pull();
  // Nothing that is here is replaced: the weights are of other names.
  server.commit = NEXT;
  server.files.delete('generation_config.json');
  server.files.delete('model.safetensors');
  const shard = 'model-00001-of-00001.safetensors';
  server.files.set('model.safetensors.index.json', Buffer.from(`{"weight_map":{"a":"${shard}"}}`));
  server.files.set(shard, Buffer.alloc(20_000, 'others'));
  server.faults.push({ kind: 'cut', afterBytes: 10_000 });
  await expect(pull()).rejects.toMatchObject({ code: 'PULL_CONNECTION' });
  expect(existsSync(join(folder, PULL_RECORD))).toBe(false);
  const { files } = await pull();
  const outcomes = files.map(({ path, outcome }) => [path, outcome]);
  expect(outcomes).toContainEqual(['config.json', 'kept']);
  expect(outcomes).toContainEqual([shard, 'resumed']);
  expect(readdirSync(folder).toSorted()).toEqual(
    [
      'config.json',
      'tokenizer.json',
      'model.safetensors.index.json',
      shard,
      PULL_RECORD,
    ].toSorted(),
  );
  expect(record().files.map(({ commit }) => commit)).toEqual([NEXT, NEXT, NEXT, NEXT]);
});

test('files of one commit are fetched bit by bit, and the record knows all of them', async () => {
  server.files.set('a.gguf', Buffer.from('a'));
  await pull(['a.gguf']);
  await pull(['config.json']);
  expect(record().files.map(({ path }) => path)).toEqual(['a.gguf', 'config.json']);
  const { fetchedBytes, totalBytes } = await pull(['*.gguf', '*.json']);
  const bytesOf = (name: string): number => server.files.get(name)!.length;
  const missing = bytesOf('tokenizer.json') + bytesOf('generation_config.json');
  expect([fetchedBytes, totalBytes]).toEqual([missing, missing + 1 + bytesOf('config.json')]);
});

/** Lists a file of so many bytes, which nobody has; its checksum. */
function listLarge(size: number): string {
  const oid = '0'.repeat(64);
  const entry = { type: 'file', path: 'large.gguf', oid: oid.slice(24), size } as const;
  server.listed.push({ ...entry, lfs: { oid, size, pointerSize: 130 } });
  onTestFinished(() => void server.listed.splice(0));
  return oid;
}

test('what is not here needs some more room than its bytes', async () => {
  const free = await freeBytesOf(folder);
  // As large as all that is free, to within the room that is left for others.
  const size = free - 8 * 2 ** 20;
  listLarge(size);
  await expect(pull(['large.gguf'])).rejects.toMatchObject({
    code: 'PULL_SPACE',
    details: { neededBytes: size },
  });
});

test('what an earlier pull left needs no room', async () => {
  const [size, here] = [2 * (await freeBytesOf(folder)), 1000];
  const oid = listLarge(size);
  writeFileSync(join(folder, `large.gguf.${oid.slice(0, 12)}.partial`), Buffer.alloc(here));
  await expect(pull(['large.gguf'])).rejects.toMatchObject({
    code: 'PULL_SPACE',
    details: { neededBytes: size - here },
  });
});

test('a record that cannot be written leaves no part of one', async () => {
  await pull(['config.json']);
  rmSync(join(folder, PULL_RECORD));
  // A folder of the record's name: nothing can take its place.
  const blocked = join(folder, PULL_RECORD, 'inside');
  mkdirSync(blocked, { recursive: true });
  writeFileSync(join(blocked, 'file'), '');
  await expect(pull(['config.json'])).rejects.toMatchObject({ code: 'OUTPUT_FAILED' });
  expect(readdirSync(folder).toSorted()).toEqual(['config.json', PULL_RECORD].toSorted());
});
