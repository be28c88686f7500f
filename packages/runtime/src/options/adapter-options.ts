/**
 * Room for adapters: what a caller asks for, checked, and what the plan reserves.
 */
import { ADAPTER_TARGETS, LOW_RANK_PANEL, WaferError } from '@wafer/core';
import type { AdapterRoom, AdapterTarget } from '@wafer/core';

/** Room for low-rank adapters that are loaded while the wafer runs. */
export interface AdapterOptions {
  /** Adapters at once. Default: 8. */
  slots?: number | undefined;
  /** The largest rank; rounded up to 16, as the kernels take it. Default: 16. */
  rank?: number | undefined;
  /**
   * Matrices that they may change: q, k, v, o, gate, up, down of dense layers (the default), and of
   * others experts.gate, experts.up, experts.down, shared.gate, shared.up, shared.down.
   */
  targets?: readonly AdapterTarget[] | undefined;
}

/** How a wafer is seen through an adapter. */
export interface AdaptedOptions {
  /** Chats are rendered by this Jinja template. Default: the model's. */
  chatTemplate?: string | undefined;
}

const TARGETS: readonly AdapterTarget[] = ['q', 'k', 'v', 'o', 'gate', 'up', 'down'];
const SLOTS_DEFAULT = 8;
const SLOTS_MAX = 1024;
const RANK_MAX = 1024;
const FIELDS = ['slots', 'rank', 'targets'];

/** What the plan reserves; nothing where nothing is asked for. Throws: PLAN_OPTION. */
export function resolveAdapters(given: AdapterOptions | undefined): { adapters?: AdapterRoom } {
  if (given === undefined) return {};
  const fail = (option: string, value: unknown, expected: string): never => {
    throw new WaferError('PLAN_OPTION', { option: `adapters.${option}`, value, expected });
  };
  for (const [field, value] of Object.entries(given)) {
    if (!FIELDS.includes(field)) fail(field, value, `one of ${FIELDS.join(', ')}`);
  }
  const { slots = SLOTS_DEFAULT, rank = LOW_RANK_PANEL, targets = TARGETS } = given;
  const isCount = (value: number, max: number): boolean =>
    Number.isSafeInteger(value) && value >= 1 && value <= max;
  if (!isCount(slots, SLOTS_MAX)) fail('slots', slots, `a whole number from 1 to ${SLOTS_MAX}`);
  if (!isCount(rank, RANK_MAX)) fail('rank', rank, `a whole number from 1 to ${RANK_MAX}`);
  const isSome = Array.isArray(targets) && targets.length > 0;
  if (!isSome || !targets.every((target) => ADAPTER_TARGETS.includes(target))) {
    fail('targets', String(targets), `some of ${ADAPTER_TARGETS.join(', ')}`);
  }
  const own = ADAPTER_TARGETS.filter((target) => targets.includes(target));
  const slotRank = Math.ceil(rank / LOW_RANK_PANEL) * LOW_RANK_PANEL;
  return { adapters: { slots, rank: slotRank, targets: own } };
}
