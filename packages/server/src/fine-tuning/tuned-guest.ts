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
import { isObject, WaferError } from '@wafer/core';
import { openModel } from '@wafer/runtime';
import type { Model, Wafer } from '@wafer/runtime';
import { ADAPTER_PATH, isBase } from '@wafer/train';
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
}

export function tunedGuest({ id, host, path, folder }: TunedGuest): GuestSpec {
  const adapter = join(path, ADAPTER_PATH);
  const enter = async (wafer: Wafer): Promise<GuestStay | undefined> => {
    if (wafer.plan.options.adapters === undefined || !existsSync(adapter)) return undefined;
    if (!isBase(folder, wafer.model)) return undefined;
    const view = viewOf(await openModel(path), wafer.model);
    if (view === undefined || !(await hasLoaded(wafer, adapter, id))) return undefined;
    return { wafer: wafer.adapted(id, view), leave: () => wafer.unloadAdapter(id) };
  };
  return { host, enter };
}

/** Whether it lies in a slot now. */
async function hasLoaded(wafer: Wafer, path: string, name: string): Promise<boolean> {
  try {
    await wafer.loadAdapter(path, { name });
    return true;
  } catch (error) {
    // No slot is free, or none is for such an adapter.
    if (error instanceof WaferError) return false;
    throw error;
  }
}

/** How its chats are rendered on the wafer of its base; undefined where they cannot be. */
function viewOf(tuned: Model, base: Model): { chatTemplate?: string } | undefined {
  const own = templateOf(tuned);
  if (own === undefined || isDeepStrictEqual(own, templateOf(base))) return {};
  return typeof own === 'string' ? { chatTemplate: own } : undefined;
}

function templateOf({ tokenizer }: Model): unknown {
  const config = tokenizer?.tokenizerConfig;
  return isObject(config) ? config['chat_template'] : undefined;
}
