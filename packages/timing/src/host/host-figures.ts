/**
 * What this host's own wafer spends its time on, as figures that are measured: times of kernels,
 * and what calls, messages, steps and requests take beside them. One cause each.
 */
import type { KernelTime } from './kernel-times.ts';

/**
 * So many bytes of weights push the code of a message out of a core's own caches: between a first
 * level of 80 KiB and a second of 1 MiB. From half to twice as many, rows move by 2 %.
 */
const CODE_CACHE_BYTES = 2 ** 18;

/** How much of that code so many bytes have pushed out, of 1. */
export function sweptShare(bytes: number): number {
  return Math.min(1, bytes / CODE_CACHE_BYTES);
}

/** A message from thread to thread. */
export interface MessageRate {
  /** What its sender does beside copying: packing, ringing. */
  readonly sendNs: number;
  /** What its receiver does: unpacking, giving back. */
  readonly takeNs: number;
  readonly bytesPerNs: number;
  /**
   * What it takes more where weights that were read meanwhile have pushed its code out of the
   * core's caches: at both ends, or each turn of an I/O thread.
   */
  readonly coldNs: number;
  /** Where chips are processes: what a thread that owns sockets does with a message, each end. */
  readonly io?: { readonly turnNs: number; readonly bytesPerNs: number } | undefined;
}

export interface HostFigures {
  /** Threads beyond them wait for each other. */
  readonly cores: number;
  /** An instruction that has next to nothing to do. */
  readonly callNs: number;
  /**
   * From the last report of logits to the next step; where threads of tiles have all cores, with
   * what the engine takes from them while they run.
   */
  readonly turnNs: number;
  /** What the caller's thread does with a token that it is told of. */
  readonly pieceNs: number;
  /** From a request to its first step, and from its last step to the caller. */
  readonly requestNs: number;
  /** At the sizes of the model's share of a tile, its weights where a step finds them. */
  readonly kernels: readonly KernelTime[];
  /** What has no kernel among those: bytes alone. */
  readonly rowBytesPerNs: number;
  /**
   * One core writes what another has read, and that one reads it again: messages, logits. Every
   * line changes its core twice.
   */
  readonly handoverBytesPerNs: number;
  /** From ringing to the first instruction of a thread that sleeps. */
  readonly wakeNs: number;
  /** How long a thread looks for work before it sleeps. */
  readonly spinNs: number;
  /** Between threads that share memory. */
  readonly window: MessageRate;
  /** Across kerfs. */
  readonly link: MessageRate;
}
