/**
 * Items of a conversation: as they come in, as they are stored, as messages of a chat.
 *
 *     input ─ identified ─▶ Item[] ─ messagesOf ─▶ MessageBody[]
 *
 * Reasoning and calls belong to the assistant's message that they stand beside; a tool's output
 * must answer a call that is there. Pictures and files are refused by name; nothing is fetched.
 */
import { ApiError, invalidParam, unsupportedParam } from '../errors/api-error.ts';
import type { MessageBody } from '../openai/chat-messages.ts';
import type { Item, ItemPart, ResponseBody } from './response-schema.ts';
import type { Secrets } from '../store/secrets.ts';

/** The prefix of ids by type of item. */
const PREFIXES: Readonly<Record<string, string>> = {
  message: 'msg',
  function_call: 'fc',
  function_call_output: 'fco',
  reasoning: 'rs',
  compaction: 'cmp',
};

/** The items of an input, each with a type and an id. Throws: ApiError 400. */
export function inputItems(
  input: ResponseBody['input'],
  newId: (prefix: string) => string,
): (Item & { id: string; type: string })[] {
  if (input === undefined || input === null) return [];
  const given: readonly Item[] =
    typeof input === 'string' ? [{ type: 'message', role: 'user', content: input }] : input;
  return given.map((item, at) => {
    const type = item.type ?? 'message';
    const prefix = PREFIXES[type];
    if (prefix === undefined) {
      throw unsupportedParam(`input[${at}].type`, `items of type ${type} are not offered`);
    }
    checkItem(type, item, `input[${at}]`);
    const id = item.id ?? newId(prefix);
    const status = type === 'reasoning' || type === 'compaction' ? {} : { status: 'completed' };
    const content = type === 'message' ? { content: contentParts(item) } : {};
    return { ...item, type, id, ...status, ...content };
  });
}

/** Throws: ApiError 400. */
function checkItem(type: string, item: Item, at: string): void {
  const needed: Readonly<Record<string, readonly (keyof Item)[]>> = {
    message: ['role', 'content'],
    function_call: ['call_id', 'name', 'arguments'],
    function_call_output: ['call_id', 'output'],
    compaction: ['encrypted_content'],
  };
  for (const name of needed[type] ?? []) {
    if (item[name] !== undefined && item[name] !== null) continue;
    const message = `missing required parameter: '${at}.${name}'`;
    throw invalidParam(`${at}.${name}`, message, 'missing_required_parameter');
  }
}

function contentParts({ content, role }: Item): readonly ItemPart[] {
  if (typeof content !== 'string') return content ?? [];
  if (role !== 'assistant') return [{ type: 'input_text', text: content }];
  const part = { type: 'output_text', text: content, annotations: [], logprobs: [] };
  return [part];
}

const TEXTS = new Set(['input_text', 'output_text', 'text', 'reasoning_text', 'summary_text']);

function textOf(content: string | readonly ItemPart[] | null | undefined, at: string): string {
  if (content === undefined || content === null) return '';
  if (typeof content === 'string') return content;
  return content
    .map(({ type, text, refusal }, i) => {
      if (TEXTS.has(type) && typeof text === 'string') return text;
      if (type === 'refusal' && typeof refusal === 'string') return refusal;
      throw unsupportedParam(`${at}[${i}].type`, 'models here read text, and nothing is fetched');
    })
    .join('');
}

const SUMMARY = 'Summary of the conversation so far:\n';

/** Items as messages. Throws: ApiError 400. */
export function messagesOf(
  items: readonly Item[],
  use: { instructions: string | null | undefined; secrets: Secrets; tenant: string },
): MessageBody[] {
  const messages: MessageBody[] = [];
  if (use.instructions) messages.push({ role: 'system', content: use.instructions });
  const calls = new Set<string>();
  let reasoning = '';
  /** The assistant's message that calls belong to. */
  let current: MessageBody | undefined;
  const assistant = (): MessageBody => {
    if (current !== undefined) return current;
    current = { role: 'assistant', content: '', ...(reasoning === '' ? {} : { reasoning }) };
    reasoning = '';
    messages.push(current);
    return current;
  };
  items.forEach((item, i) => {
    const at = `input[${i}]`;
    if (item.type === 'reasoning') {
      current = undefined;
      reasoning = reasoningText(item, at, use);
    } else if (item.type === 'function_call') {
      const { call_id: id = '', name = '', arguments: text = '' } = item;
      const message = assistant();
      calls.add(id);
      const call = { id, type: 'function', function: { name, arguments: text } };
      message.tool_calls = [...(message.tool_calls ?? []), call];
    } else if (item.type === 'function_call_output') {
      current = undefined;
      const { call_id: id = '' } = item;
      if (!calls.has(id)) throw unmatched(id, at);
      const content = textOf(item.output, `${at}.output`);
      messages.push({ role: 'tool', content, tool_call_id: id });
    } else if (item.type === 'compaction') {
      current = undefined;
      const summary = use.secrets.open(use.tenant, item.encrypted_content ?? '', at);
      messages.push({ role: 'user', content: SUMMARY + summary });
    } else if (item.role === 'assistant') {
      current = undefined;
      assistant().content = textOf(item.content, `${at}.content`);
    } else {
      current = undefined;
      messages.push({ role: item.role ?? 'user', content: textOf(item.content, `${at}.content`) });
    }
  });
  return messages;
}

function reasoningText(
  { content, encrypted_content: sealed }: Item,
  at: string,
  { secrets, tenant }: { secrets: Secrets; tenant: string },
): string {
  const text = textOf(content, `${at}.content`);
  return text === '' && sealed ? secrets.open(tenant, sealed, at) : text;
}

function unmatched(id: string, at: string): ApiError {
  const message = `no call has the id ${id.slice(0, 64)}, which this output answers`;
  return new ApiError({ status: 400, code: 'no_tool_call', param: `${at}.call_id`, message });
}
