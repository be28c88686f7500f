/**
 * How limits stand, as headers that clients read.
 *
 *     x-ratelimit-{limit,remaining,reset}-{requests,tokens}            OpenAI: the tightest period
 *     x-ratelimit-{limit,remaining,reset}-{requests,tokens}-{period}   Cerebras: each period
 *
 * OpenAI writes a reset as `6m0s`, Cerebras as seconds.
 */
import type { Standing } from './limits.ts';

/** The headers; none without limits. */
export function limitHeaders(standings: readonly Standing[]): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const standing of standings) {
    const { unit, period, resetMs } = standing;
    put(headers, `${unit.replace('_', '-')}-${period}`, standing, (resetMs / 1000).toFixed(3));
  }
  for (const unit of ['requests', 'tokens'] as const) {
    const tightest = standings
      .filter((one) => one.unit === unit)
      .toSorted((a, b) => a.remaining / a.limit - b.remaining / b.limit)
      .at(0);
    if (tightest !== undefined) put(headers, unit, tightest, durationText(tightest.resetMs));
  }
  return headers;
}

function put(
  headers: Record<string, string>,
  name: string,
  { limit, remaining }: Standing,
  reset: string,
): void {
  headers[`x-ratelimit-limit-${name}`] = String(limit);
  headers[`x-ratelimit-remaining-${name}`] = String(remaining);
  headers[`x-ratelimit-reset-${name}`] = reset;
}

/** `120ms`, `7.66s`, `6m0s`, `2h30m0s`. */
export function durationText(ms: number): string {
  const whole = Math.ceil(ms);
  if (whole < 1000) return `${whole}ms`;
  const seconds = Math.ceil(whole / 10) / 100;
  if (seconds < 60) return `${seconds}s`;
  const rounded = Math.ceil(seconds);
  const [hours, minutes] = [Math.floor(rounded / 3600), Math.floor(rounded / 60) % 60];
  return `${hours > 0 ? `${hours}h` : ''}${minutes}m${rounded % 60}s`;
}
