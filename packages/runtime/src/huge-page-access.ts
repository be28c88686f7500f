/**
 * What asking Linux for huge pages takes: `madvise` and a clock, through Node's experimental
 * `node:ffi`. Where that is absent or not allowed, there is a reason instead.
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

/** What is needed of the system. Addresses are those of the process. */
export interface HugePageAccess {
  pageBytes: number;
  /** Asks that a page be a huge one once it is present; whether the system agrees. */
  advise(address: bigint): boolean;
  /** Makes a page, or the plain ones in its place, present; whether they are. */
  populate(address: bigint): boolean;
  /** Processor time of this thread. */
  threadNs(): number;
  /** Throws: what `node:ffi` throws. */
  addressOf(memory: ArrayBufferLike): bigint;
}

/** What is needed of the C library. */
export interface SystemCalls {
  madvise(address: bigint, bytes: bigint, advice: number): number;
  clock_gettime(clock: number, time: bigint): number;
}

const MADVISE = { arguments: ['pointer', 'uint64', 'int32'], return: 'int32' } as const;
const CLOCK_GETTIME = { arguments: ['int32', 'pointer'], return: 'int32' } as const;

let access: HugePageAccess | string | undefined;

/** This thread's access to huge pages; undefined where it has none. */
export function tryHugePageAccess(): HugePageAccess | undefined {
  access ??= openAccess();
  return typeof access === 'string' ? undefined : access;
}

/** Why this thread cannot ask for huge pages; undefined where it can. */
export function hugePageRefusal(): string | undefined {
  access ??= openAccess();
  return typeof access === 'string' ? access : undefined;
}

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
    return populateRefusal(functions) ?? accessBy(functions, pageBytes, addressOf);
  } catch (error) {
    return reasonOf(error);
  }
}

/** Why the system cannot make pages present. Asked for no bytes, it tells whether it knows how. */
export function populateRefusal({ madvise }: SystemCalls): string | undefined {
  if (madvise(0n, 0n, MADV_POPULATE_WRITE) === 0) return undefined;
  return 'Linux before 5.14 has no MADV_POPULATE_WRITE';
}

function accessBy(
  calls: SystemCalls,
  pageBytes: number,
  addressOf: HugePageAccess['addressOf'],
): HugePageAccess {
  // A `timespec`: seconds and nanoseconds.
  const time = new BigInt64Array(2);
  const timeAddress = addressOf(time.buffer);
  const advisePage = (address: bigint, advice: number): boolean =>
    calls.madvise(address, BigInt(pageBytes), advice) === 0;
  return {
    pageBytes,
    advise: (address) => advisePage(address, MADV_HUGEPAGE),
    populate: (address) => advisePage(address, MADV_POPULATE_WRITE),
    threadNs() {
      calls.clock_gettime(CLOCK_THREAD_CPUTIME_ID, timeAddress);
      return Number(time[0]! * 1_000_000_000n + time[1]!);
    },
    addressOf,
  };
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
