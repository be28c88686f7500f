/**
 * The lines of a training file that somebody uploaded, and what is wrong with each.
 *
 * A line is `{"messages": […]}`, `{"prompt", "completion"}` or `{"text"}`; of preferences
 * `{"input", "preferred_output", "non_preferred_output"}` or `{"prompt", "chosen", "rejected"}`.
 * What would not be learned from is refused by name: nothing is dropped in silence.
 */
import { isObject } from '@wafer/core';
import { readChatLine } from '../data/chat-lines.ts';
import { isChatPreference, readPreference } from '../data/preference-lines.ts';
import { linesOf } from '../data/text-data.ts';

/** What is wrong, and where; a fault of the whole file has no line. */
export interface LineFault {
  code: LineFaultCode;
  line: number | null;
  message: string;
}

export type LineFaultCode =
  | 'empty_file'
  | 'invalid_json_line'
  | 'unknown_format'
  | 'unknown_field'
  | 'invalid_messages'
  | 'invalid_completion'
  | 'invalid_text'
  | 'invalid_preference'
  | 'template_refused'
  | 'too_many_tokens'
  | 'too_few_tokens';

/** Faults of a file that are told one by one. */
export const FAULTS_SHOWN = 100;

/** What the lines of a file are. */
export interface CheckedLines {
  examples: number;
  /** Whether any is a chat, and needs a template. */
  hasChats: boolean;
  /** The first of them. */
  faults: LineFault[];
}

/** What the lines of a file are to be learned from. */
export interface LineAim {
  arePreferences: boolean;
}

/** Looks at each line of a file. */
export function checkLines(text: string, { arePreferences }: LineAim): CheckedLines {
  const lines = linesOf(text);
  if (lines.length === 0) {
    const message = 'the file has no lines';
    const faults = [{ code: 'empty_file' as const, line: null, message }];
    return { examples: 0, hasChats: false, faults };
  }
  const faults: LineFault[] = [];
  const kind = arePreferences ? PREFERENCES : EXAMPLES;
  let hasChats = false;
  for (const { line, number } of lines) {
    const { isChat = false, fault } = lineOf(line, kind);
    hasChats ||= isChat;
    if (fault !== undefined) faults.push({ ...fault, line: number });
    if (faults.length === FAULTS_SHOWN) break;
  }
  return { examples: lines.length, hasChats, faults };
}

type Fault = Omit<LineFault, 'line'>;

function lineOf(
  line: string,
  { formats, missing }: LineKind,
): { isChat?: boolean; fault?: Fault | undefined } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    value = undefined;
  }
  if (!isObject(value)) {
    return { fault: { code: 'invalid_json_line', message: 'it is no JSON object' } };
  }
  const format = formats.find(({ fields }) => fields.every((field) => Object.hasOwn(value, field)));
  if (format === undefined) {
    return { fault: { code: 'unknown_format', message: `it has neither ${missing}` } };
  }
  const isChat = 'messages' in value || isChatPreference(value);
  return { isChat, fault: strangeField(value, format.fields) ?? format.check(value) };
}

function strangeField(value: object, fields: readonly string[]): Fault | undefined {
  const strange = Object.keys(value).find((field) => !fields.includes(field));
  if (strange === undefined) return undefined;
  const message = `the field ${JSON.stringify(strange.slice(0, 64))} would not be learned from`;
  return { code: 'unknown_field', message };
}

interface LineFormat {
  fields: readonly string[];
  check: (value: Record<string, unknown>) => Fault | undefined;
}

/** Formats that lines of one file may have. */
interface LineKind {
  formats: readonly LineFormat[];
  /** What a line of none of them lacks. */
  missing: string;
}

const EXAMPLES: LineKind = {
  missing: '"messages", nor "prompt" and "completion", nor "text"',
  formats: [
    {
      fields: ['messages'],
      check: ({ messages }) => {
        const chat = readChatLine(messages);
        return typeof chat === 'string' ? { code: 'invalid_messages', message: chat } : undefined;
      },
    },
    {
      fields: ['prompt', 'completion'],
      check: ({ prompt, completion }) => {
        const isText = typeof prompt === 'string' && typeof completion === 'string';
        if (isText && completion !== '') return undefined;
        const message =
          '"prompt" and "completion" are to be texts, and something to complete it by';
        return { code: 'invalid_completion', message };
      },
    },
    {
      fields: ['text'],
      check: ({ text }) => {
        if (typeof text === 'string' && text !== '') return undefined;
        return { code: 'invalid_text', message: '"text" is to be a text that is not empty' };
      },
    },
  ],
};

function checkPreference(value: Record<string, unknown>): Fault | undefined {
  const { input } = value;
  const strange = isObject(input) ? strangeField(input, ['messages']) : undefined;
  if (strange !== undefined) return strange;
  const pair = readPreference(value);
  return typeof pair === 'string' ? { code: 'invalid_preference', message: pair } : undefined;
}

const PREFERENCES: LineKind = {
  missing:
    '"input", "preferred_output" and "non_preferred_output", nor "prompt", "chosen" and "rejected"',
  formats: [
    { fields: ['input', 'preferred_output', 'non_preferred_output'], check: checkPreference },
    { fields: ['prompt', 'chosen', 'rejected'], check: checkPreference },
    { fields: ['chosen', 'rejected'], check: checkPreference },
  ],
};
