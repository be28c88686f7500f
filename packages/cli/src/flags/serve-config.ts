/**
 * `wafer.config.ts`: what `wafer serve` is given beyond a few flags, as a module.
 *
 *     export default {
 *       port: 8443,
 *       tlsCert: 'server.pem', tlsKey: 'server.key',
 *       data: 'state',
 *       prices: { stories: { input: 0.1, cached: 0.05, output: 0.4 } },
 *     } satisfies ServeConfig;
 *
 * Its fields are the flags in camelCase, and `keys` and `prices`. A flag on the command line goes
 * before a field; a field that is not known is refused.
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from 'commander';
import type { KeySpec, Prices } from '@wafer/server';
import { UsageError } from '../failures/failures.ts';

export const CONFIG_FILE = 'wafer.config.ts';

/** What has no flag. */
export interface ServeExtras {
  keys?: readonly KeySpec[] | undefined;
  prices?: Prices | undefined;
}

const EXTRAS: readonly (keyof ServeExtras)[] = ['keys', 'prices'];

/**
 * Reads the file that is named, or the one of the folder if there is one, and sets the flags that
 * the command line does not. Throws: UsageError.
 */
export async function readServeConfig(
  command: Command,
  named: string | undefined,
): Promise<ServeExtras> {
  const path = resolve(named ?? CONFIG_FILE);
  if (!existsSync(path)) {
    if (named === undefined) return {};
    throw new UsageError(`--config ${path}: no such file; check the path`);
  }
  const config = await load(path);
  const flags = new Set(command.options.map((option) => option.attributeName()));
  flags.delete('config');
  const extras: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(config)) {
    if ((EXTRAS as readonly string[]).includes(name)) extras[name] = value;
    else if (!flags.has(name)) {
      const known = [...flags, ...EXTRAS].join(', ');
      throw new UsageError(`${path}: ${name} is no field; those are ${known}`);
    } else if (command.getOptionValueSource(name) !== 'cli') {
      command.setOptionValueWithSource(name, value, 'config');
    }
  }
  return extras as ServeExtras;
}

/** Throws: UsageError. */
async function load(path: string): Promise<Record<string, unknown>> {
  let module: { default?: unknown };
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  } catch (error) {
    throw new UsageError(`--config ${path}: ${(error as Error).message}`, { cause: error });
  }
  const { default: config } = module;
  if (typeof config === 'object' && config !== null) return config as Record<string, unknown>;
  throw new UsageError(`--config ${path}: it exports no object as its default`);
}
