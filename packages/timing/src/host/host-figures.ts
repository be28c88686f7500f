/**
 * What this host's own wafer spends its time on, as figures that are measured: rates of kernels,
 * and what calls, messages, steps and requests take beside them. One cause each.
 */
import type { WeightType } from '@wafer/core';

/** How fast a kernel goes: over its bytes where few rows meet them, else by its operations. */
export interface KernelRate {
  readonly bytesPerNs: number;
  readonly flopsPerNs: number;
}

/** A message from tile to tile. */
export interface MessageRate {
  /** What its sender does beside copying: packing, waking the other thread. */
  readonly sendNs: number;
  /** Until the other thread goes on; nothing where both tiles are of one thread. */
  readonly wayNs: number;
  readonly bytesPerNs: number;
}

export interface HostFigures {
  /** An instruction that has next to nothing to do. */
  readonly callNs: number;
  /** From the last report of logits to the first instruction of the next step. */
  readonly turnNs: number;
  /** From a request to its first step, and from its last step to the caller. */
  readonly requestNs: number;
  /** Linear layers by type of weights, one busy core, weights where the model's lie. */
  readonly linear: Readonly<Partial<Record<WeightType, KernelRate>>>;
  readonly attention: KernelRate;
  /** Norms, sums, activations, copies: bytes alone. */
  readonly rowBytesPerNs: number;
  /** One core reads what has not been read since the step before: weights, keys and values. */
  readonly coldBytesPerNs: number;
  /**
   * One core writes what another has read, and that one reads it again: messages, logits. Every
   * line changes its core twice.
   */
  readonly handoverBytesPerNs: number;
  /** What is left of a core's rate over bytes while all cores read. */
  readonly sharedRate: number;
  /** And of its operations while all cores compute. */
  readonly sharedFlops: number;
  /** Between threads that share memory. */
  readonly window: MessageRate;
  /** Across kerfs. */
  readonly link: MessageRate;
}
