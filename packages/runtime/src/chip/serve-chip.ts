/**
 * Serving a wafer as one of its chips, for programs that do nothing else: loads the network only
 * when it is called.
 */
import type { Rounding, WaferError } from '@wafer/core';
import type { LinkAddress, ListenerOptions } from '@wafer/fabric/links';

export interface ChipOptions {
  listen: ListenerOptions;
  secret: Uint8Array;
  rounding: Rounding;
  /** Whether kernels run with 256-bit vectors, see `WaferOptions`. */
  revectorize: boolean;
  /** Ends the chip; it then throws the signal's reason. */
  signal?: AbortSignal | undefined;
  /** Told of the address once it listens, and of strangers that were turned away. */
  onListening(address: LinkAddress): void;
  onRefused(error: WaferError): void;
}

/**
 * Serves one wafer as a chip, from the first proof to the end of the parent's link.
 * Throws: the error that ended the link.
 */
export async function serveChip(options: ChipOptions): Promise<void> {
  const { runChipProcess } = await import('./chip-process.ts');
  await runChipProcess(options);
}
