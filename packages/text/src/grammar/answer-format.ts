/**
 * What an answer is held to, as a caller gives it, and as a text that is equal for equal formats.
 *
 * A schema goes on as text: nothing of a request's nesting crosses threads, or is walked before its
 * depth was counted. Throws: REQUEST_INVALID.
 */
import { WaferError } from '@wafer/core';
import { Budget, type GrammarLimits } from './budget.ts';
import { compileJson } from './compile-json.ts';
import { compileChoices, compileRegex } from './compile-text.ts';
import { compileForm } from './form/compile-form.ts';
import type { FormPart } from './form/form.ts';
import { compileGbnf } from './gbnf/compile-gbnf.ts';
import type { GrammarProgram } from './program.ts';
import { compileSchema } from './schema/compile-schema.ts';

/** What an answer must be: one of these. */
export type AnswerFormat =
  /**
   * A JSON Schema of draft 2020-12 or 7, as a value or as JSON. The keys of an object come in the
   * order of the schema, unless `keys` is `any`.
   */
  | { json: unknown; keys?: 'schema' | 'any' | undefined }
  /** Any JSON object. */
  | { jsonMode: true }
  /** A regular expression, which the whole answer matches. */
  | { regex: string }
  /** A context-free grammar, as GBNF or EBNF. */
  | { grammar: string }
  /** One of these texts. */
  | { choices: readonly string[] }
  /** Pieces behind each other, with special tokens between them. */
  | { form: FormPart };

/** The same, checked. */
export interface FormatSource {
  kind: 'json' | 'ordered-json' | 'json-mode' | 'regex' | 'grammar' | 'choices' | 'form';
  text: string;
}

/** Checks a format. Throws: REQUEST_INVALID. */
export function formatSource(format: unknown): FormatSource {
  const given = typeof format === 'object' && format !== null ? format : {};
  const { keys, ...rest } = given as Record<string, unknown>;
  const [entry, ...more] = Object.entries(rest);
  const expected = 'one of json, jsonMode, regex, grammar, choices, form';
  if (entry === undefined || more.length > 0) refuseFormat('format', Object.keys(rest), expected);
  const [kind, value] = entry;
  if (keys !== undefined && (kind !== 'json' || (keys !== 'any' && keys !== 'schema'))) {
    refuseFormat('format.keys', keys, 'schema or any, beside json');
  }
  switch (kind) {
    case 'json':
      return { kind: keys === 'any' ? 'json' : 'ordered-json', text: schemaText(value, 'json') };
    case 'jsonMode':
      if (value !== true) refuseFormat('format.jsonMode', value, 'true');
      return { kind: 'json-mode', text: '' };
    case 'regex':
    case 'grammar':
      if (typeof value !== 'string') refuseFormat(`format.${kind}`, typeof value, 'a text');
      return { kind, text: value };
    case 'choices': {
      const isList = Array.isArray(value) && value.every((text) => typeof text === 'string');
      if (!isList) refuseFormat('format.choices', typeof value, 'a list of texts');
      return { kind, text: JSON.stringify(value) };
    }
    case 'form':
      if (typeof value !== 'object') refuseFormat('format.form', typeof value, 'pieces of text');
      return { kind, text: schemaText(value, 'form') };
    default:
      return refuseFormat('format', kind, expected);
  }
}

/** Makes the program of a format. Throws: GRAMMAR_*. */
export function compileFormat(
  { kind, text }: FormatSource,
  limits: Partial<GrammarLimits> = {},
): GrammarProgram {
  const budget = new Budget(limits);
  switch (kind) {
    case 'json':
    case 'ordered-json':
      return compileSchema(text, { budget, isOrdered: kind === 'ordered-json' });
    case 'json-mode':
      return compileJson(budget);
    case 'regex':
      return compileRegex(text, budget);
    case 'grammar':
      return compileGbnf(text, budget);
    case 'choices':
      return compileChoices(JSON.parse(text) as string[], budget);
    case 'form':
      return compileForm(JSON.parse(text) as FormPart, budget);
  }
}

function schemaText(value: unknown, kind: 'json' | 'form'): string {
  if (typeof value === 'string') return value;
  try {
    const text: unknown = JSON.stringify(value);
    if (typeof text === 'string') return text;
  } catch {
    // Rings, what nests too deep, and numbers that JSON lacks.
  }
  return refuseFormat(`format.${kind}`, typeof value, 'what can be written as JSON');
}

function refuseFormat(field: string, value: unknown, expected: string): never {
  throw new WaferError('REQUEST_INVALID', { field, value, expected });
}
