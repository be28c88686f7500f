import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hugePageRefusal, populateRefusal, tryHugePageAccess } from './huge-page-access.ts';
import { HugePages } from './huge-pages.ts';

const MIB = 2 ** 20;
const refusal = hugePageRefusal();
if (refusal !== undefined) console.warn(`SKIPPED: what huge pages do (${refusal})`);

function memoryOf(): Uint8Array {
  const { buffer } = new WebAssembly.Memory({ initial: 256, maximum: 256, shared: true });
  return new Uint8Array(buffer);
}

/** Bytes of a memory that huge pages were asked for, and that lie in some. */
function pagesOf({ buffer, length }: Uint8Array): { askedBytes: number; hugeBytes: number } {
  const start = tryHugePageAccess()!.addressOf(buffer);
  const end = start + BigInt(length);
  const found = { askedBytes: 0, hugeBytes: 0 };
  for (const mapping of readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[\da-f]+-)/m)) {
    const [, from, to] = /^([\da-f]+)-([\da-f]+)/.exec(mapping)!;
    const [at, until] = [BigInt(`0x${from}`), BigInt(`0x${to}`)];
    if (at < start || until > end) continue;
    found.hugeBytes += Number(/^AnonHugePages:\s+(\d+) kB$/m.exec(mapping)![1]) * 1024;
    if (/^VmFlags:.* hg\b/m.test(mapping)) found.askedBytes += Number(until - at);
  }
  return found;
}

/** Whether a huge page is to be had just now: where the system has no free block, it gives none. */
function isHugeAtHand(): boolean {
  const bytes = memoryOf();
  const { addressOf, pageBytes, advise, populate } = tryHugePageAccess()!;
  const size = BigInt(pageBytes);
  const page = ((addressOf(bytes.buffer) + size - 1n) / size) * size;
  expect(advise(page) && populate(page)).toBe(true);
  return pagesOf(bytes).hugeBytes > 0;
}

test.skipIf(refusal !== undefined)('what is filled lies in huge pages, and nothing else', () => {
  const bytes = memoryOf();
  const wasAtHand = isHugeAtHand();
  const pages = HugePages.tryOpen(9 * MIB)!;
  pages.tryMemory(bytes.buffer, [{ address: 640, bytes: 9 * MIB }])!.fill(640, 9 * MIB);
  expect(bytes.every((byte) => byte === 0)).toBe(true);
  const { askedBytes, hugeBytes } = pagesOf(bytes);
  // The first is a sample of plain ones; how many follow depends on what they cost here.
  expect(askedBytes).toBeGreaterThanOrEqual(2 * MIB);
  expect(askedBytes).toBeLessThanOrEqual(6 * MIB);
  expect(hugeBytes).toBeLessThanOrEqual(askedBytes);
  if (wasAtHand && isHugeAtHand()) expect(hugeBytes).toBeGreaterThanOrEqual(2 * MIB);
  else console.warn('SKIPPED: that pages are huge (the system has none at hand)');
});

test.skipIf(refusal !== undefined)('a gap that is not filled has no huge page in it', () => {
  const bytes = memoryOf();
  const parts = [0, 3, 6, 9, 12].map((at) => ({ address: at * MIB + 640, bytes: 1.5 * MIB }));
  const pages = HugePages.tryOpen(7.5 * MIB)!.tryMemory(bytes.buffer, parts)!;
  for (const part of parts) pages.fill(part.address, part.bytes);
  expect(pagesOf(bytes)).toEqual({ askedBytes: 0, hugeBytes: 0 });
});

/** A value of its own in every word; one word of each plain page was written long before. */
function filled(words: Int32Array, pages: HugePages | undefined): Int32Array {
  const part = { address: 0, bytes: words.byteLength };
  const own = pages?.tryMemory(words.buffer, [part]);
  for (let i = 7; i < words.length; i += 1024) words[i] = ~i;
  for (let start = 0; start < words.length; start += 16_384) {
    own?.fill(start * 4, 65_536);
    for (let i = start; i < start + 16_384; i++) if (i % 1024 !== 7) words[i] = i;
  }
  return words;
}

test('memory that is filled with and without them holds the same', () => {
  const [plain, huge] = [memoryOf(), memoryOf()].map(({ buffer }) => new Int32Array(buffer));
  filled(plain!, undefined);
  filled(huge!, HugePages.tryOpen(huge!.byteLength));
  expect(huge!.every((word, i) => word === plain![i])).toBe(true);
  expect(plain!.every((word, i) => word === (i % 1024 === 7 ? ~i : i))).toBe(true);
});

test.each([
  ['5.8', -1, 'Linux before 5.14 has no MADV_POPULATE_WRITE'],
  ['6.1', 0, undefined],
])('Linux %s is asked what it knows before memory is', (_, answer, reason) => {
  const asked: [bigint, bigint, number][] = [];
  const madvise = (address: bigint, bytes: bigint, advice: number): number => {
    asked.push([address, bytes, advice]);
    return answer;
  };
  expect(populateRefusal({ madvise, clock_gettime: () => 0 })).toBe(reason);
  expect(asked).toEqual([[0n, 0n, 23]]);
});

const SCRIPT = `
  const { hugePageRefusal, tryHugePageAccess } = await import(process.argv[1]);
  const access = tryHugePageAccess();
  process.emitWarning('still heard');
  console.log(access === undefined, hugePageRefusal());
`;

function run(...flags: string[]): { said: string; warned: string } {
  const source = new URL('./huge-page-access.ts', import.meta.url).href;
  const words = [...flags, '--input-type=module', '-e', SCRIPT, source];
  const { stdout, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  return { said: stdout.trim(), warned: stderr };
}

const hasFfi = process.getBuiltinModule('node:ffi' as string) !== undefined;
const isLinux = existsSync('/sys/kernel/mm/transparent_hugepage/enabled');
if (!hasFfi || !isLinux) console.warn('SKIPPED: refusals of node:ffi (not this Node.js or system)');

test('asking warns of nothing, and silences nobody else', () => {
  const { said, warned } = run();
  expect(said).toBe(`${refusal !== undefined} ${refusal}`);
  expect(warned).not.toContain('Experimental');
  expect(warned).toContain('Warning: still heard');
});

test.skipIf(!hasFfi || refusal !== undefined).each([
  [['--no-experimental-ffi'], 'runs without node:ffi'],
  [
    ['--permission', `--allow-fs-read=${fileURLToPath(new URL('/', import.meta.url))}`],
    '--allow-ffi',
  ],
  [['--permission', `--allow-fs-read=${process.cwd()}`], 'restricted'],
])('with %j pages are plain, and nothing fails', (flags, reason) => {
  const { said } = run(...flags);
  expect(said).toMatch(/^true /);
  expect(said).toContain(reason);
});
