/**
 * Calls of tools as forms of answers: in a model's own way of writing them, arguments as JSON of
 * the tool's schema.
 *
 *     must call   [thinking] block (block …)
 *     may call    [thinking] text (block text)… | what else the answer is to be
 *
 * A block is what a model writes around one call, or around a list of them.
 */
import { isObject } from '@wafer/core';
import type { FormPart } from '../grammar/form/form.ts';

/** A tool as it is held: its name, its schema, and whether nothing of it may be left out. */
export interface HeldTool {
  name: string;
  parameters: unknown;
  isStrict: boolean;
  /** Names it in errors. */
  path: string;
}

/** What is asked of calls. */
export interface CallRule {
  tools: readonly HeldTool[];
  /** Whether one must come. */
  isRequired: boolean;
  /** Whether several may. */
  isParallel: boolean;
  /** What an answer is where nothing is called; undefined: any text. */
  content: FormPart | undefined;
  /** Texts before the answer, and that the model's chats are made by. */
  prompt: string;
  template: string;
}

/** How a model writes calls. */
export interface CallStyle {
  /** Begins a block. */
  opening: string;
  /** More openings, that text must not have. */
  others?: readonly string[];
  /** What follows the opening: one call. */
  inside(tool: readonly HeldTool[]): FormPart;
  /** Of lists: what follows the opening with several calls. */
  listInside?: ((tool: readonly HeldTool[], max: number) => FormPart) | undefined;
  /** Between blocks. */
  between: string;
  thinking?: { opening: string; closing: string } | undefined;
}

const CALLS_MAX = 64;

export const text = (value: string): FormPart => ({ text: value });
export const all = (...parts: readonly FormPart[]): FormPart => ({ all: parts });
export const oneOf = (parts: readonly FormPart[]): FormPart => ({ oneOf: parts });
export const times = (part: FormPart, min: number, max: number): FormPart => ({
  times: part,
  min,
  max,
});
export const maybe = (part: FormPart): FormPart => times(part, 0, 1);

/** The arguments of a tool. */
export function argumentsOf({ parameters, isStrict, path }: HeldTool): FormPart {
  // A tool without parameters takes none.
  const json = parameters ?? { type: 'object', additionalProperties: false };
  return { json, isObject: true, isLenient: !isStrict, path };
}

/** `{"name": "add", "arguments": {…}}`, under these keys. */
export function callObject(
  tools: readonly HeldTool[],
  keys: { name: string; values: string },
): FormPart {
  return all(
    text(`{"${keys.name}": "`),
    oneOf(tools.map((tool) => all(text(`${tool.name}", "${keys.values}": `), argumentsOf(tool)))),
    text('}'),
  );
}

/** Items with a comma between them, at most so many. */
export function listOf(item: FormPart, max: number): FormPart {
  const more = max > 1 ? [times(all(text(', '), item), 0, max - 1)] : [];
  return all(text('['), item, ...more, text(']'));
}

/** The form of answers whose calls are written in a style. */
export function styledCalls(style: CallStyle, rule: CallRule): FormPart {
  const { opening, inside, listInside, between } = style;
  const { tools, isParallel, isRequired, content } = rule;
  const max = isParallel ? CALLS_MAX : 1;
  const single = listInside === undefined ? inside(tools) : listInside(tools, max);
  const blocksMax = listInside === undefined ? max : 1;
  const block = all(text(opening), single);
  const more = all(text(between), block);
  const blocks = blocksMax === 1 ? block : all(block, times(more, 0, blocksMax - 1));
  const thinking = thinkingOf(style, rule);
  if (isRequired) return all(thinking, blocks);
  const without = [opening, ...(style.others ?? [])];
  const free = all(
    times(all({ without: style.others ?? [], until: opening }, single), 0, blocksMax),
    { without },
  );
  return all(thinking, content === undefined ? free : oneOf([content, blocks]));
}

/** Thinking that was begun, or may be, and the space behind it. */
function thinkingOf({ thinking }: CallStyle, { prompt, template }: CallRule): FormPart {
  if (thinking === undefined || !template.includes(thinking.opening)) return text('');
  const begun = prompt.trimEnd();
  const space: FormPart = { regex: '\\n{0,2}' };
  const thought: FormPart = { without: [], until: thinking.closing };
  if (begun.endsWith(thinking.opening)) return all(thought, space);
  if (begun.endsWith(thinking.closing)) return space;
  return maybe(all(text(thinking.opening), thought, space));
}

/** Tools as they are offered, of those that are named if names are given. */
export function heldTools(tools: readonly object[], only?: string): HeldTool[] {
  return tools.flatMap((tool, at) => {
    const outer: unknown = tool;
    if (!isObject(outer)) return [];
    const isWrapped = isObject(outer['function']);
    const known = isWrapped ? (outer['function'] as Record<string, unknown>) : outer;
    const { name, strict } = known;
    const parameters = known['parameters'] ?? known['input_schema'] ?? undefined;
    if (typeof name !== 'string' || (only !== undefined && name !== only)) return [];
    const path = `tools[${at}]${isWrapped ? '.function' : ''}.parameters`;
    return [{ name, parameters, isStrict: strict === true, path }];
  });
}
