import { expect, test } from 'vitest';
import type { HugePageAccess } from './huge-page-access.ts';
import { HugePages } from './huge-pages.ts';

const MIB = 2 ** 20;
const PAGE = 2 * MIB;
const PLAIN_NS = 800_000;
const HOME_NS = 0.15 * PLAIN_NS;
const HOST_NS = 6 * PLAIN_NS;

interface SystemParts {
  /** What each huge page takes in turn, the last of them for all that follow. */
  hugeNs: number[];
  /** Where memory begins; 0 is the beginning of a huge page. */
  base?: bigint;
  refuses?: 'advise' | 'populate';
}

/** A system with a clock of its own, and the places in memory it was asked for. */
function systemOf({ hugeNs, base = BigInt(PAGE), refuses }: SystemParts) {
  const advised: number[] = [];
  const populated: number[] = [];
  let nowNs = 5;
  const access: HugePageAccess = {
    pageBytes: PAGE,
    addressOf: () => base,
    threadNs: () => nowNs,
    advise(address) {
      advised.push(Number(address - base));
      return refuses !== 'advise';
    },
    populate(address) {
      const place = Number(address - base);
      const isHuge = advised.includes(place);
      const turn = Math.min(advised.length, hugeNs.length) - 1;
      nowNs += isHuge ? hugeNs[turn]! : PLAIN_NS;
      populated.push(place);
      return refuses !== 'populate';
    },
  };
  return { access, advised, populated };
}

const memory = new ArrayBuffer(0); // Its bytes are never looked at.

/** Fills a memory from its head on, 64 KiB at a time. */
function fillAll(pages: HugePages, bytes: number): void {
  const part = { address: 0, bytes };
  const own = pages.tryMemory(memory, [part])!;
  for (let address = 0; address < bytes; address += 65_536) own.fill(address, 65_536);
}

test('the first page is a plain one, all others are huge where those are at hand', () => {
  const { access, advised, populated } = systemOf({ hugeNs: [HOME_NS] });
  fillAll(new HugePages(access), 5 * PAGE);
  expect(populated).toEqual([0, 1, 2, 3, 4].map((page) => page * PAGE));
  expect(advised).toEqual([1, 2, 3, 4].map((page) => page * PAGE));
});

test('a thread gives up after one dear page, in all of its memories', () => {
  const { access, advised, populated } = systemOf({ hugeNs: [HOST_NS] });
  const pages = new HugePages(access);
  for (let tile = 0; tile < 3; tile++) fillAll(pages, 5 * PAGE);
  expect(advised).toEqual([PAGE]);
  expect(populated).toEqual([0, PAGE]);
});

test('what a thread knows of one memory holds for the next: one sample', () => {
  const { access, advised, populated } = systemOf({ hugeNs: [HOME_NS] });
  const pages = new HugePages(access);
  for (let tile = 0; tile < 3; tile++) fillAll(pages, 2 * PAGE);
  expect(populated).toEqual([0, PAGE, 0, PAGE, 0, PAGE]);
  expect(advised).toEqual([PAGE, 0, PAGE, 0, PAGE]);
});

test.each([
  ['twice what plain ones take is borne', [2 * PLAIN_NS], 7],
  ['and more is not', [2 * PLAIN_NS + 1], 1],
  ['a dear page after three cheap ones is borne, one more is not', [1, 1, 1, HOST_NS], 5],
  ['after two it is not', [1, 1, HOST_NS], 3],
])('%s', (_, hugeNs, count) => {
  const { access, advised } = systemOf({ hugeNs });
  fillAll(new HugePages(access), 8 * PAGE);
  expect(advised).toHaveLength(count);
});

test('where pages cannot be made present, or are refused, it is not asked again', () => {
  const old = systemOf({ hugeNs: [HOME_NS], refuses: 'populate' });
  fillAll(new HugePages(old.access), 8 * PAGE);
  expect(old.populated).toEqual([0]);
  expect(old.advised).toEqual([]);
  const full = systemOf({ hugeNs: [HOME_NS], refuses: 'advise' });
  fillAll(new HugePages(full.access), 8 * PAGE);
  expect(full.populated).toEqual([0]);
  expect(full.advised).toEqual([PAGE]);
});

test('only pages that are filled wholly are asked for', () => {
  // Pages begin 1 MiB into the memory.
  const { access, populated } = systemOf({ hugeNs: [HOME_NS], base: BigInt(PAGE + MIB) });
  const parts = [
    { address: 640, bytes: 5 * MIB }, // pages at 1 and 3 MiB
    { address: 5 * MIB + 4000, bytes: 3 * MIB }, // with the one before: 5
    { address: 9 * MIB + 4000, bytes: 1.5 * MIB }, // none
    { address: 20 * MIB, bytes: 4 * MIB }, // 21
    { address: 24 * MIB + 4096, bytes: 4 * MIB }, // 25: a plain page is between
  ];
  const own = new HugePages(access).tryMemory(memory, parts)!;
  for (const { address, bytes } of parts) own.fill(address, bytes);
  expect(populated).toEqual([1, 3, 5, 21, 25].map((at) => at * MIB));
});

test('memory whose address is not told lies in plain pages', () => {
  const { access } = systemOf({ hugeNs: [HOME_NS] });
  const pages = new HugePages({
    ...access,
    addressOf() {
      throw new TypeError('not a buffer');
    },
  });
  expect(pages.tryMemory(memory, [{ address: 0, bytes: 8 * PAGE }])).toBeUndefined();
});

test('little is not worth asking for', () => {
  expect(HugePages.tryOpen(6 * MIB - 1)).toBeUndefined();
});
