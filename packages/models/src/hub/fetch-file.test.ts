import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WaferError } from '@wafer/core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { HubFile } from './choose-files.ts';
import { fetchFile, freeBytesOf } from './fetch-file.ts';
import type { FileOutcome } from './fetch-file.ts';
import type { Hub } from './hub-fetch.ts';
import { hubOf } from './test-hub.ts';

const BYTES = Buffer.alloc(100_000, 'wafer');
const hex = createHash('sha256').update(BYTES).digest('hex');
const file: HubFile = { path: 'x.bin', byteCount: BYTES.length, checksum: { kind: 'sha256', hex } };
const PARTIAL = `x.bin.${hex.slice(0, 12)}.partial`;

/** A server with the one file, which may be stopped half way. */
const server = createServer((_, response) => {
  response.write(BYTES.subarray(0, 50_000), () => {
    void halfway().then(() => response.end(BYTES.subarray(50_000)));
  });
});
let halfway: () => Promise<void>;
let folder = '';
let hub: Hub;

beforeAll(async () => {
  hub = await hubOf(server, { retries: 0 });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  halfway = () => Promise.resolve();
  folder = mkdtempSync(join(tmpdir(), 'wafer-fetch-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function pull(): Promise<FileOutcome> {
  const url = `${hub.options.endpoint}/x.bin`;
  const listen = { onReplace: () => Promise.resolve(), onBytes: () => undefined };
  return fetchFile({ hub, file, url, folder, ...listen });
}

test('of two pulls at once both end with the file', async () => {
  // Both are half way before either goes on.
  const both = Promise.withResolvers<void>();
  let count = 0;
  halfway = () => {
    if (++count === 2) both.resolve();
    return both.promise;
  };
  const outcomes = await Promise.all([pull(), pull()]);
  expect(outcomes).toContain('kept');
  expect(readdirSync(folder)).toEqual(['x.bin']);
  expect(readFileSync(join(folder, 'x.bin')).equals(BYTES)).toBe(true);
});

test('a part that went elsewhere is no file', async () => {
  halfway = () => Promise.resolve(renameSync(join(folder, PARTIAL), join(folder, 'away')));
  await expect(pull()).rejects.toThrow(/^OUTPUT_FAILED: .*x\.bin.*taken away/);
});

const hasFull = existsSync('/dev/full');
if (!hasFull) console.warn('skipped: a full disk, as /dev/full is absent');
test.skipIf(!hasFull)('a full disk is reported with bytes missing and bytes free', async () => {
  symlinkSync('/dev/full', join(folder, PARTIAL));
  const error: unknown = await pull().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(WaferError);
  const { code, details } = error as WaferError;
  expect({ code, needed: details['neededBytes'] }).toEqual({
    code: 'PULL_SPACE',
    needed: BYTES.length,
  });
  expect(details['freeBytes']).toBeGreaterThan(0);
});

test('a folder that went away has no free bytes to tell', async () => {
  await expect(freeBytesOf(join(folder, 'none'))).rejects.toThrow(/^OUTPUT_FAILED/);
});
