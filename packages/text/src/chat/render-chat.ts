/**
 * Fills in a template with the messages of a chat, special tokens kept out of them: what the
 * template's thread runs, so that the caller's thread looks at no text.
 */
import { WaferError } from '@wafer/core';
import type { StandIns } from '../jinja/text.ts';
import { Protector } from './protect.ts';
import { renderTemplate, type TemplateResult } from './render-template.ts';

/** A chat and its template; crosses threads. */
export interface ChatTask {
  template: string;
  /** As templates read them; their roles are known ones. */
  messages: Record<string, unknown>[];
  /** Other variables that people write. */
  given: Record<string, unknown>;
  /** Variables of the model: texts of its tokens. */
  own: Record<string, unknown>;
  special: ReadonlyMap<string, number>;
  nowMs: number;
  stepsMax: number;
  charactersMax: number;
}

/** The output of the template, with its stand-ins; what is wrong with the request; or a failure. */
export type ChatResult =
  | { kind: 'chat'; output: string; standIns: StandIns }
  | { kind: 'request'; details: WaferError['details'] }
  | Exclude<TemplateResult, { kind: 'text' }>;

/** Never throws. */
export function renderChat(task: ChatTask): ChatResult {
  const { messages, given, own, special, template, nowMs, stepsMax, charactersMax } = task;
  try {
    const protector = Protector.over(special, template + textOf([messages, given, own]));
    const safe = messages.map(({ role, ...rest }) => ({
      role,
      ...(protector.protect(rest) as object),
    }));
    const variables = { ...(protector.protect(given) as object), ...own, messages: safe };
    const { standIns } = protector;
    const limits = { nowMs, stepsMax, charactersMax };
    const result = renderTemplate({ template, variables, standIns, ...limits });
    return result.kind === 'text' ? { kind: 'chat', output: result.text, standIns } : result;
  } catch (error) {
    if (error instanceof WaferError) return { kind: 'request', details: error.details };
    return { kind: 'invalid', reason: String(error).slice(0, 400) };
  }
}

/** All text of a value, to find characters that are not in it. Throws: REQUEST_INVALID. */
function textOf(value: unknown): string {
  try {
    return JSON.stringify(value);
  } catch {
    const expected = 'plain data that JSON can hold';
    throw new WaferError('REQUEST_INVALID', { field: 'messages', value: 'other', expected });
  }
}
