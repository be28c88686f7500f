/** Files that come in parts: what is there already, what is asked for, and what is believed. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  afterAll,
  afterEach,
  beforeAll,
  beforeEach,
  expect,
  onTestFinished,
  test,
  vi,
} from 'vitest';
import type { HubFile } from './choose-files.ts';
import { fetchFile } from './fetch-file.ts';
import type { FileOutcome } from './fetch-file.ts';
import type { Hub } from './hub-fetch.ts';
import { hubOf } from './test-hub.ts';

const BYTES = Buffer.from(Uint8Array.from({ length: 50_000 }, (_, i) => (i * i) >> 3));
const hex = createHash('sha256').update(BYTES).digest('hex');
const file: HubFile = { path: 'x.bin', byteCount: BYTES.length, checksum: { kind: 'sha256', hex } };
const PARTIAL = `x.bin.${hex.slice(0, 12)}.partial`;

let folder = '';
let hub: Hub;
/** What is sent for the file, whether ranges are heard, and where the first answer is cut. */
let sent: Buffer = BYTES;
let hearsRanges = true;
let cutAt = Infinity;
const ranges: (string | undefined)[] = [];

const server = createServer((request, response) => {
  const { range } = request.headers;
  ranges.push(range);
  const start = hearsRanges && range !== undefined ? Number(/\d+/.exec(range)![0]) : 0;
  if (start > 0) {
    const place = `bytes ${start}-${sent.length - 1}/${sent.length}`;
    response.writeHead(206, { 'content-range': place });
  }
  if (cutAt === Infinity) return void response.end(sent.subarray(start));
  response.write(sent.subarray(start, cutAt), () => setTimeout(() => response.destroy(), 20));
  cutAt = Infinity;
});

beforeAll(async () => {
  hub = await hubOf(server, { retries: 1 });
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  [sent, hearsRanges, cutAt] = [BYTES, true, Infinity];
  ranges.length = 0;
  folder = mkdtempSync(join(tmpdir(), 'wafer-resume-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Pull {
  outcome: FileOutcome;
  replaced: number;
  progress: number[];
}

async function pull(change: Partial<HubFile> = {}): Promise<Pull> {
  let replaced = 0;
  const progress: number[] = [];
  const outcome = await fetchFile({
    ...{ hub, file: { ...file, ...change }, url: `${hub.options.endpoint}/x.bin`, folder },
    onReplace: () => Promise.resolve(void replaced++),
    onBytes: (count) => progress.push(count),
  });
  return { outcome, replaced, progress };
}

/** The folder holds the file, whole, and nothing beside it. */
function expectWhole(): void {
  expect(readdirSync(folder)).toEqual(['x.bin']);
  expect(readFileSync(join(folder, 'x.bin')).equals(BYTES)).toBe(true);
}

test('of a file that is there in part only the rest is asked for', async () => {
  writeFileSync(join(folder, PARTIAL), BYTES.subarray(0, 40_000));
  const { outcome, progress } = await pull();
  expect([outcome, ranges]).toEqual(['resumed', ['bytes=40000-']]);
  expect([progress[0], progress.at(-1)]).toEqual([40_000, 50_000]);
  expectWhole();
});

test('an answer that is cut is gone on with from where it was cut', async () => {
  cutAt = 30_000;
  const { outcome } = await pull();
  expect([outcome, ranges]).toEqual(['pulled', [undefined, 'bytes=30000-']]);
  expectWhole();
});

test('what a server sends that hears no ranges is taken from its start', async () => {
  hearsRanges = false;
  writeFileSync(join(folder, PARTIAL), BYTES.subarray(0, 40_000));
  await pull();
  expect(ranges).toEqual(['bytes=40000-']);
  expectWhole();
});

test('a part with a wrong byte is thrown away, and the file is fetched whole', async () => {
  const part = Buffer.from(BYTES.subarray(0, 40_000));
  part[7]! ^= 1;
  writeFileSync(join(folder, PARTIAL), part);
  expect((await pull()).outcome).toBe('pulled');
  expect(ranges).toEqual(['bytes=40000-', undefined]);
  expectWhole();
});

test('a part that is longer than its file is begun anew', async () => {
  writeFileSync(join(folder, PARTIAL), Buffer.concat([BYTES, Buffer.from('more')]));
  expect((await pull()).outcome).toBe('pulled');
  expect(ranges).toEqual([undefined]);
  expectWhole();
});

test('wrong bytes are refused, and nothing of them stays', async () => {
  sent = Buffer.from(BYTES);
  sent[49_999]! ^= 1;
  await expect(pull()).rejects.toMatchObject({ code: 'PULL_CHECKSUM' });
  expect([ranges.length, readdirSync(folder)]).toEqual([1, []]);
});

test('more bytes than were listed are refused', async () => {
  sent = Buffer.concat([BYTES, Buffer.from('x')]);
  await expect(pull()).rejects.toThrow(/^PULL_ANSWER: .*longer than the 50000 bytes/);
});

test('a file that is there is kept unasked; one of its size is replaced', async () => {
  writeFileSync(join(folder, 'x.bin'), BYTES);
  expect(await pull()).toMatchObject({ outcome: 'kept', replaced: 0 });
  expect(ranges).toEqual([]);
  writeFileSync(join(folder, 'x.bin'), Buffer.alloc(BYTES.length));
  expect(await pull()).toMatchObject({ outcome: 'pulled', replaced: 1 });
  expectWhole();
});

test('a small file is known by the checksum that git gives it', async () => {
  const git = createHash('sha1').update(`blob ${BYTES.length}\0`).update(BYTES).digest('hex');
  const checksum = { kind: 'git' as const, hex: git };
  expect((await pull({ checksum })).outcome).toBe('pulled');
  expect((await pull({ checksum })).outcome).toBe('kept');
  expectWhole();
});

test('a file is never written outside, not even where the name beside begins alike', async () => {
  const beside = `${folder}-beside`;
  mkdirSync(beside);
  try {
    symlinkSync(beside, join(folder, 'sub'));
    await expect(pull({ path: 'sub/x.bin' })).rejects.toThrow(/^OUTPUT_FAILED: .*leads out/);
    expect([readdirSync(beside), ranges]).toEqual([[], []]);
  } finally {
    rmSync(beside, { recursive: true });
  }
});

test('no connection is watched on, however it ends', async () => {
  const set = vi.spyOn(globalThis, 'setInterval');
  const cleared = vi.spyOn(globalThis, 'clearInterval');
  onTestFinished(() => void vi.restoreAllMocks());
  cutAt = 30_000;
  await pull();
  const watches = set.mock.results.flatMap(({ value }, i) =>
    set.mock.calls[i]![1] === hub.options.silenceMs ? [value as unknown] : [],
  );
  expect(watches).toHaveLength(2);
  expect(cleared.mock.calls.map(([timer]) => timer)).toEqual(expect.arrayContaining(watches));
});

const hasHandles = existsSync('/proc/self/fd');
if (!hasHandles) console.warn('skipped: a count of open files, as /proc/self/fd is absent');
test.skipIf(!hasHandles)('no file stays open, however a pull ends', async () => {
  await pull();
  await pull();
  const handles = (): number =>
    readdirSync('/proc/self/fd').filter((name) => {
      try {
        return readlinkSync(join('/proc/self/fd', name)).startsWith(folder);
      } catch {
        return false; // of the listing itself
      }
    }).length;
  expect(handles()).toBe(0);
  sent = Buffer.from('short');
  await expect(pull({ byteCount: 6, path: 'y.bin' })).rejects.toMatchObject({
    code: 'PULL_CONNECTION',
  });
  expect(handles()).toBe(0);
});
