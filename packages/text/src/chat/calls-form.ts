/**
 * Which form holds an answer to what is asked of its calls.
 */
import { WaferError } from '@wafer/core';
import { markForm, type FormPart } from '../grammar/form/form.ts';
import { answerFormat } from './answer-formats.ts';
import { chatTemplate } from './chat-renderer.ts';
import { heldTools } from './held-calls.ts';
import type { AnswerSource } from './whole-answer.ts';

/** What is asked of the calls of an answer. */
export interface CallChoice {
  /**
   * Whether tools may be called (`auto`, unless given), must not (`none`), must (`required`), or
   * which one must.
   */
  toolChoice?: 'auto' | 'none' | 'required' | { readonly name: string } | undefined;
  /** Whether several calls may be in one answer; true unless given. */
  parallelToolCalls?: boolean | undefined;
}

/**
 * The form that holds an answer to its calls; undefined where nothing is to be held. `content` is
 * the schema of an answer that calls nothing. Throws: REQUEST_INVALID.
 */
export function callsForm(
  { model, tokenizer, prompt, tools = [] }: AnswerSource,
  { toolChoice = 'auto', parallelToolCalls = true }: CallChoice,
  content?: unknown,
): FormPart | undefined {
  if (toolChoice === 'none') return undefined;
  const isRequired = toolChoice !== 'auto';
  const only = typeof toolChoice === 'object' ? toolChoice.name : undefined;
  const held = heldTools(tools, only);
  const isHeld = !parallelToolCalls || held.some((tool) => tool.isStrict);
  if (!isRequired && (held.length === 0 || (!isHeld && content === undefined))) return undefined;
  if (held.length === 0) {
    const value = only ?? toolChoice;
    throw new WaferError('REQUEST_INVALID', { field: 'toolChoice', value, expected: 'a tool' });
  }
  const template = chatTemplate(model, true) ?? '';
  const format = answerFormat({ template, special: tokenizer.special });
  const answer: FormPart | undefined =
    content === undefined ? undefined : { json: content, path: '' };
  const rule = { tools: held, isRequired, isParallel: parallelToolCalls, content: answer };
  const form = format.calls({ ...rule, prompt, template });
  // A model without calls has none to be held, unless somebody counts on it.
  const isStrict = held.some((tool) => tool.isStrict);
  if (form === undefined && (isRequired || isStrict || format.name !== 'plain')) {
    const expected = `what the calls of this model (${format.name}) can be held to`;
    const [field, value] = isRequired ? ['toolChoice', only ?? toolChoice] : ['tools', 'strict'];
    throw new WaferError('REQUEST_INVALID', { field, value, expected });
  }
  return form === undefined ? answer : markForm(form, tokenizer.special);
}
