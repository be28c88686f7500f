/**
 * A chip process that its parent started: told its secret by a message, answers with its address,
 * or why it has none. It ends with code 0 where its parent, or the link to it, did.
 *
 * When the parent is gone, so is this process, even in the middle of work. Signals of a terminal
 * are the parent's to answer.
 */
import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { reasonOf } from '@wafer/core';
import type { ChipProgram, SetupOfChip } from './chip-body.ts';
import type { ChipAnswer, ChipOrder } from './chip-order.ts';
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
  let isListening = false;
  try {
    await runChipProcess(
      {
        ...order,
        secret: Buffer.from(order.secret, 'hex'),
        onListening: (address) => {
          isListening = true;
          if ('path' in address) process.once('exit', () => removeFolders(dirname(address.path)));
          void answer(address);
        },
        onRefused: () => undefined,
      },
      program,
    );
  } catch (error) {
    // The end of a link is the parent's story to tell.
    if (!isListening) {
      process.exitCode = 1;
      await answer({ reason: reasonOf(error) });
    }
  }
  process.exit();
}

/** Resolves once it is on its way, or the parent is gone: `disconnect` tells of that. */
function answer(said: ChipAnswer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  process.send?.(said, undefined, undefined, () => resolve());
  return promise;
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
