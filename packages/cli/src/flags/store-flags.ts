/**
 * Flags of commands that work on what a server stores: its folder, and the key of its contents.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { WaferError, reasonOf } from '@wafer/core';
import { readDataKey, Store, STORE_FILE } from '@wafer/server';
import { UsageError } from '../failures/failures.ts';

export interface StoreFlags {
  data: string;
  dataKeyFile?: string;
}

/** Adds `--data` and `--data-key-file`. */
export function addStoreOptions(command: Command): Command {
  return command
    .requiredOption('--data <folder>', 'where the server keeps what is stored')
    .option('--data-key-file <file>', 'the key that it is encrypted with');
}

/** Opens a store beside a server that may run; one that is not there is made if asked. */
export function openStore(flags: StoreFlags, { isNew = false }: { isNew?: boolean } = {}): Store {
  const path = join(flags.data, STORE_FILE);
  if (!isNew && !existsSync(path)) {
    throw new WaferError('STORE_INVALID', { path, reason: 'no such file' });
  }
  const dataKey = dataKeyAt(flags.dataKeyFile, '--data-key-file');
  return new Store({ folder: flags.data, dataKey, isShared: true });
}

/** The key that a file holds. Throws: UsageError, STORE_KEY_FILE. */
export function dataKeyAt(path: string | undefined, flag: string): Uint8Array | undefined {
  if (path === undefined) return undefined;
  try {
    return readDataKey(readFileSync(path), path);
  } catch (error) {
    if (error instanceof WaferError) throw error;
    throw new UsageError(`${flag} ${path}: ${reasonOf(error)}`, { cause: error });
  }
}

/** The wall clock in whole seconds since 1970. */
export function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
