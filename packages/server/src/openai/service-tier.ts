/**
 * Tiers of service: who is shed first, and who goes first in the engine's queue.
 */
import { invalidParam } from '../errors/api-error.ts';
import type { Call } from '../http/route.ts';
import type { Tier } from '../models/tiers.ts';

const PRIORITIES: Readonly<Record<Tier, number>> = { priority: 10, default: 0, flex: -10 };
const WAIT_MS_MIN = 50;
const WAIT_MS_MAX = 20_000;

export interface TierChoice {
  tier: Tier;
  priority: number;
  /** Of the header `queue_threshold`, for those who would rather go elsewhere than wait. */
  waitMsMax: number | undefined;
  /** What the answer says. */
  body: { service_tier: string; service_tier_used: string };
}

/** Milliseconds of the header `queue_threshold`; NaN for what is none. */
export function waitMsOf(headers: Call['headers'] | undefined): number | undefined {
  const given = headers?.['queue_threshold'] ?? headers?.['queue-threshold'];
  if (given === undefined) return undefined;
  const waitMs = Number(given);
  const isFine = Number.isInteger(waitMs) && waitMs >= WAIT_MS_MIN && waitMs <= WAIT_MS_MAX;
  return isFine ? waitMs : NaN;
}

/** The tier that a request asks for. Throws: ApiError 400 for a threshold out of range. */
export function tierOf(
  asked: string | null | undefined,
  { headers, priority }: Partial<Pick<Call, 'headers' | 'priority'>>,
): TierChoice {
  const wanted: Tier = asked === 'priority' || asked === 'flex' ? asked : 'default';
  // What runs below live traffic is shed first, whatever it asks for.
  const tier = priority === undefined ? wanted : 'flex';
  const waitMsMax = waitMsOf(headers);
  const body = { service_tier: asked ?? 'default', service_tier_used: tier };
  const choice = { tier, priority: priority ?? PRIORITIES[tier], body };
  if (waitMsMax === undefined || !Number.isNaN(waitMsMax)) return { ...choice, waitMsMax };
  const range = `a whole number of milliseconds from ${WAIT_MS_MIN} to ${WAIT_MS_MAX}`;
  throw invalidParam('queue_threshold', `the header queue_threshold is to be ${range}`);
}
