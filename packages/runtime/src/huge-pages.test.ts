import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { hugePageRefusal, HugePages } from './huge-pages.ts';

const MIB = 2 ** 20;
const refusal = hugePageRefusal();
if (refusal !== undefined) console.warn(`SKIPPED: what huge pages do (${refusal})`);

function memoryOf(): Uint8Array {
  const { buffer } = new WebAssembly.Memory({ initial: 256, maximum: 256, shared: true });
  return new Uint8Array(buffer);
}

/** What of a memory lies in huge pages; others of this process may have some, too. */
function hugeBytesOf({ buffer, length }: Uint8Array): number {
  const start = process.getBuiltinModule('node:ffi').getRawPointer(buffer as ArrayBuffer);
  const end = start + BigInt(length);
  let bytes = 0;
  for (const mapping of readFileSync('/proc/self/smaps', 'utf8').split(/^(?=[\da-f]+-)/m)) {
    const [, from, huge] = /^([\da-f]+)-.*^AnonHugePages:\s+(\d+) kB$/ms.exec(mapping)!;
    const at = BigInt(`0x${from}`);
    if (at >= start && at < end) bytes += Number(huge) * 1024;
  }
  return bytes;
}

/** Whether every page of a memory holds this byte. */
function isAll(bytes: Uint8Array, byte: number): boolean {
  for (let i = 0; i < bytes.length; i += 4096) if (bytes[i] !== byte) return false;
  return true;
}

test.skipIf(refusal !== undefined)('what is filled lies in huge pages, and nothing else', () => {
  const bytes = memoryOf();
  const parts = [{ address: 640, bytes: 9 * MIB }];
  const pages = HugePages.tryOpen(bytes.buffer, parts)!;
  pages.fill(640, 9 * MIB);
  expect(isAll(bytes, 0)).toBe(true);
  // The first is a sample of plain ones; how many follow depends on what they cost here.
  expect(hugeBytesOf(bytes)).toBeGreaterThanOrEqual(2 * MIB);
  expect(hugeBytesOf(bytes)).toBeLessThanOrEqual(6 * MIB);
});

test.skipIf(refusal !== undefined)('a gap that is not filled has no huge page in it', () => {
  const bytes = memoryOf();
  const parts = [0, 3, 6, 9, 12].map((at) => ({ address: at * MIB + 640, bytes: 1.5 * MIB }));
  const pages = HugePages.tryOpen(bytes.buffer, parts)!;
  for (const part of parts) pages.fill(part.address, part.bytes);
  expect(hugeBytesOf(bytes)).toBe(0);
});

test('memory that is filled with and without them holds the same', () => {
  const bytes = memoryOf();
  const pages = HugePages.tryOpen(bytes.buffer, [{ address: 0, bytes: bytes.length }]);
  for (let address = 0; address < bytes.length; address += 65_536) {
    pages?.fill(address, 65_536);
    bytes.fill(7, address, address + 65_536);
  }
  expect(isAll(bytes, 7)).toBe(true);
});

test('little is not worth asking for', () => {
  const bytes = memoryOf();
  expect(HugePages.tryOpen(bytes.buffer, [{ address: 0, bytes: 5 * MIB }])).toBeUndefined();
});

const SCRIPT = `
  const { hugePageRefusal, HugePages } = await import(process.argv[1]);
  const { buffer } = new WebAssembly.Memory({ initial: 256, maximum: 256, shared: true });
  const parts = [{ address: 0, bytes: buffer.byteLength }];
  const pages = HugePages.tryOpen(buffer, parts);
  pages?.fill(0, buffer.byteLength);
  process.emitWarning('still heard');
  console.log(pages === undefined, hugePageRefusal());
`;

function run(...flags: string[]): { said: string; warned: string } {
  const source = new URL('./huge-pages.ts', import.meta.url).href;
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
