/**
 * A response's request as that of a chat, which has the rules of tools, formats and limits.
 */
import { invalidParam, unsupportedParam } from '../errors/api-error.ts';
import type { MessageBody } from '../openai/chat-messages.ts';
import type { ChatBody } from '../openai/chat-schema.ts';
import { checkRefusals } from '../openai/not-offered.ts';
import type { Refused } from '../openai/not-offered.ts';
import type { ResponseBody, ResponseTool } from './response-schema.ts';

const INCLUDES = new Set(['message.output_text.logprobs', 'reasoning.encrypted_content']);
const isEmpty = (value: unknown): boolean => Object.keys(value as object).length === 0;

const REFUSALS: Readonly<Record<string, Refused>> = {
  conversation: { reason: 'a chain is carried on with previous_response_id' },
  prompt: { reason: 'no templates of prompts are kept' },
  moderation: { reason: 'no model for moderation is served' },
  context_management: { reason: 'a chain is made shorter with POST /v1/responses/compact' },
  max_tool_calls: { reason: 'it bounds tools that a server runs; tools here are functions' },
  prompt_cache_options: { reason: 'prefixes are cached by themselves', isIdle: isEmpty },
  prompt_cache_retention: { reason: 'the cache is in memory', isIdle: (value) => value !== '24h' },
  truncation: {
    reason: 'nothing is left out in silence; see POST /v1/responses/compact',
    isIdle: (value) => value === 'disabled',
  },
};

/** Throws: ApiError 400 for what is not offered. */
export function checkOffered(body: ResponseBody): void {
  checkRefusals(body as unknown as Record<string, unknown>, REFUSALS);
  const unknown = body.include?.find((one) => !INCLUDES.has(one));
  if (unknown !== undefined) {
    throw unsupportedParam('include', `${unknown} is of a tool that is not run here`);
  }
  const summary = body.reasoning?.summary;
  if (summary === 'concise' || summary === 'detailed') {
    throw unsupportedParam('reasoning.summary', 'reasoning is shown whole');
  }
  if (body.background === true && body.store === false) {
    throw invalidParam('background', "'background' needs 'store'");
  }
  if (body.background === true && body.stream === true) {
    throw unsupportedParam('background', 'what runs in the background is polled, not streamed');
  }
}

/** Whether logprobs go with texts. */
export function wantsLogprobs({ include, top_logprobs: top }: ResponseBody): boolean {
  return include?.includes('message.output_text.logprobs') === true || (top ?? 0) > 0;
}

/** The same as a chat. Throws: ApiError 400. */
export function chatOf(body: ResponseBody, messages: readonly MessageBody[]): ChatBody {
  if (messages.length === 0)
    throw invalidParam('input', "give 'input': there is nothing to answer");
  const hasLogprobs = wantsLogprobs(body);
  const { text, reasoning, tools } = body;
  return {
    model: body.model,
    messages,
    temperature: body.temperature ?? null,
    top_p: body.top_p ?? null,
    presence_penalty: body.presence_penalty ?? null,
    frequency_penalty: body.frequency_penalty ?? null,
    max_completion_tokens: body.max_output_tokens ?? null,
    logprobs: hasLogprobs,
    top_logprobs: hasLogprobs ? (body.top_logprobs ?? 0) : null,
    reasoning_effort: reasoning?.effort ?? null,
    verbosity: text?.verbosity ?? null,
    service_tier: body.service_tier ?? null,
    parallel_tool_calls: body.parallel_tool_calls ?? null,
    ...(tools ? { tools: tools.map((tool, at) => chatTool(tool, at)) } : {}),
    tool_choice: choiceOf(body.tool_choice),
    response_format: formatOf(text?.format),
  } as ChatBody;
}

function chatTool(
  { type, name, description, parameters, strict }: ResponseTool,
  at: number,
): NonNullable<ChatBody['tools']>[number] {
  if (type !== 'function' || name === undefined) {
    throw unsupportedParam(`tools[${at}].type`, 'tools are functions here, which the caller runs');
  }
  return {
    type,
    function: {
      name,
      ...(description ? { description } : {}),
      ...(parameters ? { parameters } : {}),
      ...(strict === undefined ? {} : { strict }),
    },
  };
}

function choiceOf(choice: ResponseBody['tool_choice']): ChatBody['tool_choice'] {
  if (choice === undefined || choice === null || typeof choice === 'string') {
    return (choice ?? null) as ChatBody['tool_choice'];
  }
  const { type, name } = choice;
  if (type === 'function' && name !== undefined) return { type, function: { name } };
  throw unsupportedParam('tool_choice', `a choice of type ${type.slice(0, 40)} is not offered`);
}

function formatOf(
  format: NonNullable<NonNullable<ResponseBody['text']>['format']> | null | undefined,
): ChatBody['response_format'] {
  if (!format) return null;
  if (format.type !== 'json_schema') return { type: format.type };
  const { type, name, schema, strict, description } = format;
  const told = { name, schema, strict: strict ?? null, ...(description ? { description } : {}) };
  return { type, json_schema: told } as ChatBody['response_format'];
}
