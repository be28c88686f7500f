/**
 * Tiers of service: who is shed first, and who goes first in the engine's queue.
 */
import { invalidParam } from '../errors/api-error.ts';
import type { Call } from '../http/route.ts';
import type { Tier } from '../models/gate.ts';

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

/** The tier that a request asks for. Throws: ApiError 400 for a threshold out of range. */
export function tierOf(
  asked: string | null | undefined,
  { headers }: Pick<Call, 'headers'>,
): TierChoice {
  const tier: Tier = asked === 'priority' || asked === 'flex' ? asked : 'default';
  const given = headers['queue_threshold'] ?? headers['queue-threshold'];
  const body = { service_tier: asked ?? 'default', service_tier_used: tier };
  const choice = { tier, priority: PRIORITIES[tier], body };
  if (given === undefined) return { ...choice, waitMsMax: undefined };
  const waitMsMax = Number(given);
  if (Number.isInteger(waitMsMax) && waitMsMax >= WAIT_MS_MIN && waitMsMax <= WAIT_MS_MAX) {
    return { ...choice, waitMsMax };
  }
  const range = `a whole number of milliseconds from ${WAIT_MS_MIN} to ${WAIT_MS_MAX}`;
  throw invalidParam('queue_threshold', `the header queue_threshold is to be ${range}`);
}
