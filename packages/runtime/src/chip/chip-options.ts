/**
 * What a process needs to serve as a chip.
 */
import type { Rounding, WaferError } from '@wafer/core';
import type { LinkAddress, ListenerOptions } from '@wafer/fabric/links';

export interface ChipOptions {
  listen: ListenerOptions;
  secret: Uint8Array;
  /**
   * Whether frames carry tags; true unless told. False only where nobody else can alter what is
   * under way: between processes that one parent started on its own machine.
   */
  isAuthenticated?: boolean;
  rounding: Rounding;
  /** Whether kernels run with 256-bit vectors, see `WaferOptions`. */
  revectorize: boolean;
  /** Ends the chip; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Told of the address once it listens. */
  onListening(address: LinkAddress): void;
  /** Told of strangers that were turned away: one by one, or of many with the last error. */
  onRefused(error: WaferError, count: number): void;
}
