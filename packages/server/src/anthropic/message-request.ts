/**
 * A message of Anthropic's interface as a chat body, which has the rules of tools and limits.
 */
import { invalidParam, unsupportedParam } from '../errors/api-error.ts';
import type { ApiError } from '../errors/api-error.ts';
import type { MessageBody as ChatMessageBody } from '../openai/chat-messages.ts';
import type { ChatBody, ToolChoiceBody } from '../openai/chat-schema.ts';
import { checkRefusals } from '../openai/not-offered.ts';
import type { Refused } from '../openai/not-offered.ts';
import type { BlockBody, MessageBody, MessageTool } from './message-schema.ts';

const isEmpty = (value: unknown): boolean => Object.keys(value as object).length === 0;

const REFUSALS: Readonly<Record<string, Refused>> = {
  container: { reason: 'no code is run here' },
  context_management: { reason: 'nothing is left out of a chat in silence', isIdle: isEmpty },
  diagnostics: { reason: 'it compares with what another server kept', isIdle: isEmpty },
  inference_geo: { reason: 'answers are computed where this server is' },
  mcp_servers: { reason: 'nothing is fetched from a network', isIdle: isEmpty },
  speed: { reason: 'there is one speed', isIdle: (value) => value === 'standard' },
  user_profile_id: { reason: 'no profiles are kept' },
};

/** Opens what a client carries of thinking that it was not shown. */
export type OpenThought = (sealed: string, at: string) => string;

/** The same as a chat. Throws: ApiError 400. */
export function chatOf(body: MessageBody, open: OpenThought): ChatBody {
  checkRefusals(body as unknown as Record<string, unknown>, REFUSALS);
  const { system, thinking, output_config: output, tool_choice: choice } = body;
  const last = body.messages.at(-1)!;
  if (last.role === 'assistant') {
    throw unsupportedParam('messages', "the last message is to be a user's: no answer is begun");
  }
  const messages: ChatMessageBody[] = [];
  if (system) messages.push({ role: 'system', content: textOf(system, 'system') });
  body.messages.forEach(({ role, content }, i) => {
    const at = `messages[${i}].content`;
    if (role === 'assistant') messages.push(assistantOf(content, at, open));
    else if (role === 'system') messages.push({ role, content: textOf(content, at) });
    else addUser(messages, content, at);
  });
  const format = output?.format ?? body.output_format;
  const tools = body.tools?.map((tool, i) => toolOf(tool, `tools[${i}]`));
  return {
    model: body.model,
    messages,
    max_completion_tokens: body.max_tokens ?? null,
    stop: body.stop_sequences?.length ? body.stop_sequences : null,
    stream: body.stream ?? null,
    temperature: body.temperature ?? null,
    top_p: body.top_p ?? null,
    top_k: body.top_k ?? null,
    reasoning_effort: effortOf(thinking, output?.effort),
    service_tier: body.service_tier === 'auto' ? 'auto' : null,
    ...(tools ? { tools } : {}),
    tool_choice: choiceOf(choice),
    parallel_tool_calls: choice?.disable_parallel_tool_use === true ? false : null,
    response_format: format
      ? { type: 'json_schema', json_schema: { name: 'answer', schema: format.schema } }
      : null,
  };
}

/** How hard to think: as the budget is said, as the effort is said, or as the model does. */
function effortOf(
  thinking: MessageBody['thinking'],
  effort: string | null | undefined,
): string | null {
  if (thinking?.type === 'disabled') return 'none';
  if (effort) return effort === 'max' ? 'xhigh' : effort;
  return thinking?.type === 'enabled' ? 'medium' : null;
}

function choiceOf(choice: MessageBody['tool_choice']): ToolChoiceBody | null {
  if (!choice) return null;
  const { type, name } = choice;
  if (type === 'any') return 'required';
  if (type !== 'tool') return type as 'auto' | 'none';
  if (name === undefined) throw invalidParam('tool_choice.name', "a tool's 'name' is missing");
  return { type: 'function', function: { name } };
}

function toolOf(tool: MessageTool, at: string): NonNullable<ChatBody['tools']>[number] {
  const { type, name, description, input_schema: parameters, strict } = tool;
  if (type !== undefined && type !== null && type !== 'custom') {
    throw unsupportedParam(`${at}.type`, 'tools are custom here: the caller runs them');
  }
  if (parameters === undefined) {
    throw invalidParam(
      `${at}.input_schema`,
      "'input_schema' is missing",
      'missing_required_parameter',
    );
  }
  if (tool.defer_loading === true) {
    throw unsupportedParam(`${at}.defer_loading`, 'all tools are shown to the model');
  }
  if (tool.input_examples?.length) {
    throw unsupportedParam(`${at}.input_examples`, 'templates do not show them; say it in words');
  }
  const described = description ? { description } : {};
  return { type: 'function', function: { name, ...described, parameters, strict: strict ?? null } };
}

function assistantOf(
  content: string | readonly BlockBody[],
  at: string,
  open: OpenThought,
): ChatMessageBody {
  if (typeof content === 'string') return { role: 'assistant', content };
  let [text, reasoning] = ['', ''];
  const calls: NonNullable<ChatMessageBody['tool_calls']>[number][] = [];
  content.forEach((block, i) => {
    const { type, id = '', name = '', input = {}, thinking = '', signature = '' } = block;
    if (type === 'text') text += block.text ?? '';
    else if (type === 'thinking') reasoning += thinking || (signature && open(signature, at));
    else if (type === 'tool_use') {
      calls.push({ id, type: 'function', function: { name, arguments: JSON.stringify(input) } });
    } else throw unsupportedBlock(`${at}[${i}]`);
  });
  return {
    ...{ role: 'assistant', content: text },
    ...(reasoning === '' ? {} : { reasoning }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
}

/** Results of tools are messages of their own, before what the user says. */
function addUser(
  messages: ChatMessageBody[],
  content: string | readonly BlockBody[],
  at: string,
): void {
  if (typeof content === 'string') return void messages.push({ role: 'user', content });
  const said: BlockBody[] = [];
  content.forEach((block, i) => {
    if (block.type !== 'tool_result') return said.push(block);
    const { tool_use_id: id, content: result, is_error: isError } = block;
    const text = result ? textOf(result, `${at}[${i}].content`) : '';
    const shown = isError === true ? `Error: ${text}` : text;
    return messages.push({
      ...{ role: 'tool', content: shown },
      ...(id === undefined ? {} : { tool_call_id: id }),
    });
  });
  if (said.length > 0) messages.push({ role: 'user', content: textOf(said, at) });
}

function textOf(content: string | readonly BlockBody[], at: string): string {
  if (typeof content === 'string') return content;
  return content
    .map(({ type, text }, i) => {
      if (type === 'text' && typeof text === 'string') return text;
      throw unsupportedBlock(`${at}[${i}]`);
    })
    .join('');
}

function unsupportedBlock(at: string): ApiError {
  return unsupportedParam(`${at}.type`, 'models here read text, and nothing is fetched');
}
