/**
 * Serving a wafer as one of its chips, for programs that do nothing else: loads the network only
 * when it is called.
 */
import type { ChipOptions } from './chip-options.ts';

/**
 * Serves one wafer as a chip, from the first proof to the end of the parent's link.
 * Throws: the error that ended the link.
 */
export async function serveChip(options: ChipOptions): Promise<void> {
  const [{ runChipProcess }, { INFERENCE }] = await Promise.all([
    import('./chip-process.ts'),
    import('./chip.ts'),
  ]);
  await runChipProcess(options, INFERENCE);
}
