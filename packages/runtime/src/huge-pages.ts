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
 * all that the thread got took over twice what plain ones take, the rest of its memories is plain.
 *
 * Nothing fails where they are not to be had, and nothing but time depends on them.
 *
 * Source of figures: docs/lab-log.md, "What are huge pages worth to a start".
 */
import { tryHugePageAccess } from './huge-page-access.ts';
import type { HugePageAccess } from './huge-page-access.ts';

/** Three pages: opening `node:ffi` takes 2 ms, a huge page at hand saves 0.65 of 0.8. */
const BYTES_MIN = 6 * 2 ** 20;
/** A shorter gap between buffers has no whole plain page in it: filling touches all there is. */
const GAP_BYTES_MAX = 4096;
/**
 * So many times what plain ones take they may on average. At hand they take 0.15 of it, from the
 * host 6 times: one that comes dear at once is the last, after three cheap ones it is borne.
 */
const COST_MAX = 2;

/** A buffer in a memory. */
interface Part {
  address: number;
  bytes: number;
}

interface Stretch {
  start: number;
  end: number;
}

/** The huge pages of a thread: what they took so far decides whether it asks for more. */
export class HugePages {
  readonly #access: HugePageAccess;
  #plainNs = 0;
  #spentNs = 0;
  /** Pages that were asked for and are there. */
  #count = 0;
  #isOver = false;

  constructor(access: HugePageAccess) {
    this.#access = access;
  }

  /** For a thread that fills so many bytes; undefined where huge pages are not to be had. */
  static tryOpen(bytes: number): HugePages | undefined {
    const access = bytes < BYTES_MIN ? undefined : tryHugePageAccess();
    return access && new HugePages(access);
  }

  get pageBytes(): number {
    return this.#access.pageBytes;
  }

  /** Whether the thread has given up. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** For what will be filled of a memory, in this order; undefined where it has no address. */
  tryMemory(memory: ArrayBufferLike, parts: readonly Part[]): MemoryPages | undefined {
    try {
      return new MemoryPages(this, this.#access.addressOf(memory), stretchesOf(parts));
    } catch {
      return undefined;
    }
  }

  /** Makes a page of the process present: plain the first time, to know what that takes. */
  ask(address: bigint): void {
    const isSample = this.#plainNs === 0;
    const startNs = this.#access.threadNs();
    const isAgreed = isSample || this.#access.advise(address);
    if (!isAgreed || !this.#access.populate(address)) {
      this.#isOver = true;
      return;
    }
    const tookNs = Math.max(1, this.#access.threadNs() - startNs);
    if (isSample) this.#plainNs = tookNs;
    else {
      this.#count++;
      this.#spentNs += tookNs;
    }
    this.#isOver = this.#spentNs > COST_MAX * this.#plainNs * this.#count;
  }
}

/** The huge pages of one memory. */
export class MemoryPages {
  readonly #pages: HugePages;
  /** Address of the memory in the process. */
  readonly #base: bigint;
  /** Stretches that will be filled, ascending. */
  readonly #filled: readonly Stretch[];
  /** Where the next page begins. */
  #next: number;

  constructor(pages: HugePages, base: bigint, filled: readonly Stretch[]) {
    this.#pages = pages;
    this.#base = base;
    this.#filled = filled;
    const { pageBytes } = pages;
    this.#next = (pageBytes - Number(base % BigInt(pageBytes))) % pageBytes;
  }

  /** Makes the pages present that the next bytes to be filled lie in; addresses only grow. */
  fill(address: number, bytes: number): void {
    const { pageBytes } = this.#pages;
    const skipped = Math.floor(Math.max(0, address - this.#next) / pageBytes);
    this.#next += skipped * pageBytes;
    while (!this.#pages.isOver && this.#next < address + bytes) {
      const [start, end] = [this.#next, this.#next + pageBytes];
      // Of a page that is filled in part, the rest would be memory that nobody needs.
      const isFilled = this.#filled.some((each) => each.start <= start && end <= each.end);
      if (isFilled) this.#pages.ask(this.#base + BigInt(start));
      this.#next = end;
    }
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
