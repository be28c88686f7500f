/**
 * Parameters that are known and not offered: which values are fine all the same, and why the rest
 * is refused. Nothing is dropped in silence.
 */
import { unsupportedParam } from '../errors/api-error.ts';

export interface Refused {
  reason: string;
  /** Values that ask for nothing. */
  isIdle?: (value: unknown) => boolean;
}

const isEmpty = (value: unknown): boolean => Object.keys(value as object).length === 0;

export const CHAT_REFUSALS: Readonly<Record<string, Refused>> = {
  modalities: {
    reason: 'models here write text',
    isIdle: (value) => (value as string[]).every((one) => one === 'text'),
  },
  audio: { reason: 'models here write text' },
  web_search_options: { reason: 'nothing is fetched from a network; offer a tool that searches' },
  moderation: { reason: 'no model for moderation is served' },
  prompt_cache_options: { reason: 'prefixes are cached by themselves', isIdle: isEmpty },
  prompt_cache_retention: {
    reason: 'the cache is in memory',
    isIdle: (value) => value !== '24h',
  },
  functions: { reason: 'it was replaced by tools' },
  function_call: { reason: 'it was replaced by tool_choice' },
};

/** Throws: ApiError 400, for the first field that asks for what is not offered. */
export function checkRefusals(
  body: Readonly<Record<string, unknown>>,
  refusals: Readonly<Record<string, Refused>>,
): void {
  for (const [name, { reason, isIdle }] of Object.entries(refusals)) {
    const value = body[name];
    if (value === undefined || value === null || isIdle?.(value) === true) continue;
    throw unsupportedParam(name, reason);
  }
}
