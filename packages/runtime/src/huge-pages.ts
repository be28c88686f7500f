/**
 * Huge pages for memory that is about to be filled, where Linux gives them to whoever asks
 * (`madvise`): one page fault where plain pages take 512, and fewer misses of the TLB later.
 *
 *   plain │ huge │ huge │ huge │ … │ plain
 *     └ what they cost               └ not all of it will be filled, or huge ones came dear
 *
 * A huge page is cheap where a free block of its size is at hand. Where the kernel has to make one,
 * or a virtual machine has to get it from its host, it costs many times as much as plain ones. So
 * pages come one by one, as filling gets to them, each timed by the thread's processor time: once
 * all of them took over twice what plain ones take, the rest is left plain.
 *
 * Node reaches `madvise` through its experimental `node:ffi` alone. Where that is absent or not
 * allowed, all pages are plain: nothing fails for it, and nothing but time depends on it.
 *
 * Source: madvise(2), clock_gettime(2); Documentation/admin-guide/mm/transhuge.rst of Linux.
 */
import { readFileSync } from 'node:fs';
import type * as NodeFfi from 'node:ffi';
import { platform } from 'node:os';
import { reasonOf } from '@wafer/core';

const SETTINGS = '/sys/kernel/mm/transparent_hugepage';
const MADV_HUGEPAGE = 14;
/** Makes pages present as if each was written to; since Linux 5.14. */
const MADV_POPULATE_WRITE = 23;
const CLOCK_THREAD_CPUTIME_ID = 3;
/** Less to fill is not worth the millisecond that opening `node:ffi` takes. */
const BYTES_MIN = 6 * 2 ** 20;
/** Gaps between buffers that share a plain page. */
const GAP_BYTES_MAX = 4096;
/** They may cost so many times what plain ones do, for what they save later. */
const COST_MAX = 2;

/** What is needed of the C library. */
interface SystemCalls {
  madvise(address: bigint, bytes: bigint, advice: number): number;
  clock_gettime(clock: number, time: bigint): number;
}

/** A buffer in a memory. */
interface Part {
  address: number;
  bytes: number;
}

interface Stretch {
  start: number;
  end: number;
}

interface HugePageAccess {
  pageBytes: number;
  calls: SystemCalls;
  addressOf(buffer: ArrayBufferLike): bigint;
}

const MADVISE = { arguments: ['pointer', 'uint64', 'int32'], return: 'int32' } as const;
const CLOCK_GETTIME = { arguments: ['int32', 'pointer'], return: 'int32' } as const;

let access: HugePageAccess | string | undefined;

/** Why this thread cannot ask for huge pages; undefined where it can. */
export function hugePageRefusal(): string | undefined {
  access ??= openAccess();
  return typeof access === 'string' ? access : undefined;
}

/** The huge pages of one memory, asked for by the thread that fills it. */
export class HugePages {
  readonly #access: HugePageAccess;
  /** Address of the memory in the process. */
  readonly #base: bigint;
  /** Stretches that will be filled, ascending. */
  readonly #filled: readonly Stretch[];
  /** Where the next page begins. */
  #next: number;
  #plainNs = 0;
  #spentNs = 0;
  /** Pages that were asked for and are there. */
  #count = 0;
  #isOver = false;

  private constructor(found: HugePageAccess, memory: ArrayBufferLike, filled: readonly Stretch[]) {
    this.#access = found;
    this.#base = found.addressOf(memory);
    this.#filled = filled;
    const { pageBytes } = found;
    this.#next = (pageBytes - Number(this.#base % BigInt(pageBytes))) % pageBytes;
  }

  /** For what will be filled, in this order; undefined where huge pages are not to be had. */
  static tryOpen(memory: ArrayBufferLike, parts: readonly Part[]): HugePages | undefined {
    if (parts.reduce((sum, { bytes }) => sum + bytes, 0) < BYTES_MIN) return undefined;
    if (hugePageRefusal() !== undefined) return undefined;
    return new HugePages(access as HugePageAccess, memory, stretchesOf(parts));
  }

  /** Makes the pages present that the next bytes to be filled lie in; addresses only grow. */
  fill(address: number, bytes: number): void {
    const { pageBytes } = this.#access;
    const skipped = Math.floor(Math.max(0, address - this.#next) / pageBytes);
    this.#next += skipped * pageBytes;
    while (!this.#isOver && this.#next < address + bytes) {
      const [start, end] = [this.#next, this.#next + pageBytes];
      // Of a page that is filled in part, the rest would be memory that nobody needs.
      if (this.#filled.some((each) => each.start <= start && end <= each.end)) this.#ask(start);
      this.#next = end;
    }
  }

  #ask(address: number): void {
    const { calls, pageBytes } = this.#access;
    const place = this.#base + BigInt(address);
    const isSample = this.#plainNs === 0;
    const startNs = this.#threadNs();
    if (!isSample && calls.madvise(place, BigInt(pageBytes), MADV_HUGEPAGE) !== 0) {
      this.#isOver = true;
      return;
    }
    const isPresent = calls.madvise(place, BigInt(pageBytes), MADV_POPULATE_WRITE) === 0;
    const tookNs = this.#threadNs() - startNs;
    if (isSample) this.#plainNs = Math.max(1, tookNs);
    else {
      this.#count++;
      this.#spentNs += tookNs;
    }
    this.#isOver = !isPresent || this.#spentNs > COST_MAX * this.#plainNs * this.#count;
  }

  /** Processor time of this thread. */
  #threadNs(): number {
    const { calls, addressOf } = this.#access;
    calls.clock_gettime(CLOCK_THREAD_CPUTIME_ID, addressOf(time.buffer));
    return Number(time[0]! * 1_000_000_000n + time[1]!);
  }
}

/** Buffers side by side as one, the head of the memory among them. */
function stretchesOf(parts: readonly Part[]): Stretch[] {
  const stretches: Stretch[] = [];
  let last: Stretch = { start: 0, end: 0 };
  for (const { address, bytes } of parts) {
    if (address - last.end >= GAP_BYTES_MAX) {
      stretches.push(last);
      last = { start: address, end: address };
    }
    last.end = address + bytes;
  }
  return [...stretches, last];
}

/** A `timespec`: seconds and nanoseconds. */
const time = new BigInt64Array(2);

/** What asking takes; why there is nothing to ask for otherwise. */
function openAccess(): HugePageAccess | string {
  if (platform() !== 'linux') return `${platform()} has no transparent huge pages on demand`;
  try {
    const chosen = /\[(\w+)\]/.exec(readFileSync(`${SETTINGS}/enabled`, 'utf8'))?.[1];
    if (chosen !== 'madvise') return `transparent_hugepage/enabled is ${chosen}, not madvise`;
    const pageBytes = Number(readFileSync(`${SETTINGS}/hpage_pmd_size`, 'utf8'));
    if (!Number.isSafeInteger(pageBytes) || pageBytes <= 0) return `a page of ${pageBytes} bytes`;
    const ffi = tryFfi();
    if (ffi === undefined) return `Node.js ${process.versions.node} runs without node:ffi`;
    // The program itself: its C library is loaded, whatever that is called.
    const { functions } = ffi.dlopen(null, { madvise: MADVISE, clock_gettime: CLOCK_GETTIME });
    const addressOf = (buffer: ArrayBufferLike): bigint => ffi.getRawPointer(buffer as ArrayBuffer);
    return { pageBytes, calls: functions, addressOf };
  } catch (error) {
    return reasonOf(error);
  }
}

/** `node:ffi` where this Node.js has it, without its warning that it is experimental. */
function tryFfi(): typeof NodeFfi | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => undefined;
  try {
    // Imported, it would be missed by bundlers and by Node.js 24.
    return process.getBuiltinModule('node:ffi');
  } finally {
    process.emitWarning = emitWarning;
  }
}
