/**
 * Fills in a Jinja template, counting steps: what the template's thread runs.
 *
 * A template is hostile input. Each node that is evaluated is a step, and no range, repetition or
 * number grows beyond bounds; what costs without steps (one huge string, one slow filter) is
 * ended from outside, by time and memory.
 */
import { TemplateRefusal, SizeLimit, StepLimit } from '../jinja/errors.ts';
import { render } from '../jinja/render.ts';
import type { StandIns } from '../jinja/text.ts';
import { strftime } from './strftime.ts';

/** A template and its variables; crosses threads. */
export interface TemplateTask {
  template: string;
  variables: Record<string, unknown>;
  /** Characters of the variables that stand for others. */
  standIns?: StandIns;
  nowMs: number;
  stepsMax: number;
  charactersMax: number;
}

/** `limit`: which limit was passed; `refused`: what the template raised. */
export type TemplateResult =
  | { kind: 'text'; text: string }
  | { kind: 'limit'; limit: string; allowed: string }
  | { kind: 'refused'; reason: string }
  | { kind: 'invalid'; reason: string };

/** Never throws. */
export function renderTemplate(task: TemplateTask): TemplateResult {
  const { template, variables, standIns = [], nowMs, stepsMax, charactersMax } = task;
  const now = new Date(nowMs);
  try {
    const text = render({
      template,
      variables,
      stepsMax,
      standIns,
      strftime: (format) => strftime(now, format),
    });
    if (text.length <= charactersMax) return { kind: 'text', text };
    return { kind: 'limit', limit: `${text.length} characters`, allowed: `${charactersMax}` };
  } catch (error) {
    if (error instanceof StepLimit) {
      return { kind: 'limit', limit: `${stepsMax} steps`, allowed: `${stepsMax}` };
    }
    if (error instanceof SizeLimit) {
      return { kind: 'limit', limit: error.limit, allowed: error.allowed };
    }
    const reason = (Error.isError(error) ? error.message : String(error)).slice(0, 400);
    if (error instanceof TemplateRefusal) return { kind: 'refused', reason };
    // The engine has no longer texts.
    if (error instanceof RangeError && reason.includes('string length')) {
      return { kind: 'limit', limit: 'too many characters', allowed: `${charactersMax}` };
    }
    return { kind: 'invalid', reason };
  }
}
