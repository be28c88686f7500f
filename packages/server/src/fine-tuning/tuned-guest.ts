/**
 * A model that a job made with adapters, as a guest on the wafer of its base: its adapter takes a
 * free slot there, and its chats go by its own template. No second wafer holds the same weights.
 *
 * Where it does not fit, as with a larger rank, or where the base is another model by now, it has
 * a wafer of its own with the weights that its adapters were merged into.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { WaferError } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import type { Model, Wafer } from '@wafer/runtime';
import { storedTemplates } from '@wafer/text';
import { ADAPTER_PATH, isBase } from '@wafer/train';
import type { Logger } from 'pino';
import { toApiError } from '../errors/api-error.ts';
import type { GuestSpec, GuestStay } from '../models/lodging.ts';

export interface TunedGuest {
  /** What clients call it. */
  id: string;
  /** The model that it was trained from. */
  host: string;
  /** Where the merged model lies, its adapter within. */
  path: string;
  /** The folder of the job. */
  folder: string;
  /** Told why it does not enter. */
  logger: Logger;
}

export function tunedGuest({ id, host, path, folder, logger }: TunedGuest): GuestSpec {
  const adapter = join(path, ADAPTER_PATH);
  const stays = (reason: object): undefined => {
    logger.info({ model: id, host, ...reason }, 'no guest');
  };
  const enter = async (
    wafer: Wafer,
    digest: string | undefined,
  ): Promise<GuestStay | undefined> => {
    if (wafer.plan.options.adapters === undefined || !existsSync(adapter)) return undefined;
    if (digest === undefined || !isBase(folder, digest)) return stays({ reason: 'another base' });
    try {
      const view = viewOf(await openModel(path), wafer.model);
      if (view === undefined) return stays({ reason: 'several chat templates' });
      await wafer.loadAdapter(adapter, { name: id });
      return { wafer: wafer.adapted(id, view), leave: () => wafer.unloadAdapter(id) };
    } catch (error) {
      // What ends the host is no reason for a second wafer.
      if (toApiError(error).status === 503) throw error;
      return stays(reasonsOf(error));
    }
  };
  return { host, enter };
}

/** Why it did not enter, as a slot that is too small, for those who run the server. */
function reasonsOf(error: unknown): object {
  if (!(error instanceof WaferError)) return { error: String(error) };
  const { code, details } = error;
  return { code, rank: details['rank'], slotRank: details['slotRank'] };
}

/** How its chats are rendered on the wafer of its base; undefined where they cannot be. */
function viewOf(tuned: Model, base: Model): { chatTemplate?: string } | undefined {
  const own = storedTemplates(tuned);
  if (own === undefined || isDeepStrictEqual(own, storedTemplates(base))) return {};
  return typeof own === 'string' ? { chatTemplate: own } : undefined;
}
