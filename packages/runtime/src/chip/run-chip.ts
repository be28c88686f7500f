/**
 * A chip process that its parent started: told its secret by a message, answers with its address.
 *
 * When the parent is gone, so is this process, even in the middle of work. Signals of a terminal
 * are the parent's to answer.
 */
import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ChipProgram, SetupOfChip } from './chip-body.ts';
import type { ChipOrder } from './chip-order.ts';
import { runChipProcess } from './chip-process.ts';

/** Runs this process as a chip of what the program is for. */
export function runStartedChip<Setup extends SetupOfChip>(program: ChipProgram<Setup>): void {
  process.on('SIGINT', () => undefined);
  process.on('SIGTERM', () => undefined);
  process.once('disconnect', () => process.exit());
  process.once('message', (order) => void run(order as ChipOrder, program));
}

async function run<Setup extends SetupOfChip>(
  order: ChipOrder,
  program: ChipProgram<Setup>,
): Promise<void> {
  try {
    await runChipProcess(
      {
        ...order,
        secret: Buffer.from(order.secret, 'hex'),
        onListening: (address) => {
          if ('path' in address) process.once('exit', () => removeFolders(dirname(address.path)));
          // A parent that is gone is told of by `disconnect`.
          process.send?.(address, undefined, undefined, () => undefined);
        },
        onRefused: () => undefined,
      },
      program,
    );
  } catch {
    // The link's end is the parent's story to tell.
  }
  process.exit();
}

/** Removes the folder of the socket file; the last chip also that of a parent that could not. */
function removeFolders(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  try {
    rmdirSync(dirname(folder));
  } catch {
    // Others still use it, or the parent removed it.
  }
}
