/**
 * Entry of a chip process: told its secret on standard input, says its address on standard output.
 *
 * Standard input stays open as long as the parent lives; when it ends before the wafer began, so
 * does this process. Signals of a terminal are the parent's to answer.
 */
import { rmdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { serveChip } from './chip-process.ts';
import type { ChipOrder } from './chip-order.ts';

process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
const lines = createInterface({ input: process.stdin });
lines.once('line', (line) => void run(JSON.parse(line) as ChipOrder));
lines.once('close', () => process.exit());

async function run({ secret, listen, rounding, revectorize }: ChipOrder): Promise<void> {
  try {
    await serveChip({
      listen,
      rounding,
      revectorize,
      secret: Buffer.from(secret, 'hex'),
      onListening: (address) => {
        if ('path' in address) process.once('exit', () => removeFolders(dirname(address.path)));
        process.stdout.write(`${JSON.stringify(address)}\n`);
      },
      onRefused: () => undefined,
    });
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
