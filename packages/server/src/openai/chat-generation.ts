/**
 * A chat body as the one internal request: messages, tools, limits, template variables.
 */
import type { CallChoice, ChatMessage, GenerateOptions, RenderOptions } from '@wafer/runtime';
import type { Wafer } from '@wafer/runtime';
import { chatTemplate } from '@wafer/text';
import { invalidParam, unsupportedParam } from '../errors/api-error.ts';
import type { Call } from '../http/route.ts';
import type { Generation } from '../requests/generation.ts';
import { samplingOptions } from '../requests/parameters.ts';
import type { ChatBody } from './chat-schema.ts';
import { chatMessages } from './chat-messages.ts';
import { CHAT_REFUSALS, checkRefusals } from './not-offered.ts';
import type { TierChoice } from './service-tier.ts';

/** Throws: ApiError 400 for what is not offered. */
export function chatGeneration(
  body: ChatBody,
  wafer: Wafer,
  use: { call: Call; tier: TierChoice },
): Generation {
  checkRefusals(body as unknown as Record<string, unknown>, CHAT_REFUSALS);
  const messages = chatMessages(body.messages);
  const hasMetadata = Object.keys(body.metadata ?? {}).length > 0;
  if (hasMetadata && body.store !== true) {
    throw unsupportedParam('metadata', "it is kept with 'store': true only");
  }
  return {
    input: {
      kind: 'chat',
      messages: body.clear_thinking === true ? messages.map(withoutThoughts) : messages,
      rendering: renderingOf(body, chatTemplate(wafer.model) ?? ''),
      calls: callsOf(body),
    },
    options: chatOptions(body, use),
    tier: use.tier.tier,
    waitMsMax: use.tier.waitMsMax,
    caller: use.call.caller,
  };
}

function withoutThoughts({ reasoning: _, ...message }: ChatMessage): ChatMessage {
  return message;
}

function chatOptions(
  body: ChatBody,
  { call: { caller }, tier }: { call: Call; tier: TierChoice },
): GenerateOptions {
  const { logprobs, top_logprobs: topLogprobs, prediction } = body;
  if (typeof topLogprobs === 'number' && logprobs !== true) {
    throw invalidParam('top_logprobs', "'top_logprobs' needs 'logprobs': true");
  }
  const content = prediction?.content;
  const guess = typeof content === 'string' ? content : content?.map(({ text }) => text).join('');
  return {
    ...samplingOptions(body),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? undefined,
    minTokens: body.min_tokens ?? undefined,
    logprobs: logprobs === true ? (topLogprobs ?? 0) : undefined,
    prediction: guess === undefined || guess === '' ? undefined : guess,
    priority: tier.priority,
    tenant: caller.tenant,
    weight: caller.weight,
  };
}

function renderingOf(body: ChatBody, template: string): RenderOptions {
  const variables = templateVariables(body, template);
  const tools = toolsOf(body);
  return { ...tools, ...(variables === undefined ? {} : { variables }) };
}

function toolsOf(body: ChatBody): RenderOptions {
  const { tools, tool_choice: choice } = body;
  if (tools === undefined || tools === null || tools.length === 0) {
    if (choice === undefined || choice === null || choice === 'none' || choice === 'auto')
      return {};
    throw invalidParam('tool_choice', "'tool_choice' needs 'tools'");
  }
  tools.forEach(({ type, function: offered }, i) => {
    if (type !== 'function' || offered === undefined) {
      throw unsupportedParam(`tools[${i}].type`, 'tools are functions here');
    }
  });
  return choice === 'none' ? {} : { tools };
}

/** Whether tools may or must be called, and how many at once. */
function callsOf(body: ChatBody): CallChoice {
  const { tools, tool_choice: choice, parallel_tool_calls: parallelToolCalls } = body;
  const parallel = { parallelToolCalls: parallelToolCalls ?? undefined };
  if (choice === undefined || choice === null) return parallel;
  if (typeof choice === 'string') return { ...parallel, toolChoice: choice };
  const { type, function: named } = choice;
  if (type !== 'function' || named === undefined) {
    throw unsupportedParam('tool_choice', 'it is none, auto, required or a function');
  }
  const { name } = named;
  if (tools?.some((tool) => tool.function?.name === name)) {
    return { ...parallel, toolChoice: { name } };
  }
  throw invalidParam('tool_choice', `no tool is called ${name.slice(0, 64)}`);
}

/** Thinking and length, where the model's template knows of them. */
function templateVariables(body: ChatBody, template: string): Record<string, unknown> | undefined {
  const { verbosity, disable_reasoning: isOff, clear_thinking: isCleared } = body;
  const effort = isOff === true ? 'none' : body.reasoning_effort;
  const variables: Record<string, unknown> = {};
  if (typeof isCleared === 'boolean' && template.includes('clear_thinking')) {
    variables['clear_thinking'] = isCleared;
  }
  if (effort !== undefined && effort !== null) {
    const hasEffort = template.includes('reasoning_effort');
    const hasSwitch = template.includes('enable_thinking');
    if (hasEffort) variables['reasoning_effort'] = effort;
    if (hasSwitch) variables['enable_thinking'] = effort !== 'none';
    if (!hasEffort && !hasSwitch && effort !== 'none') {
      throw unsupportedParam('reasoning_effort', 'this model has no such switch');
    }
  }
  if (verbosity !== undefined && verbosity !== null) {
    if (template.includes('verbosity')) variables['verbosity'] = verbosity;
    else if (verbosity !== 'medium') {
      throw unsupportedParam('verbosity', 'this model has no such switch');
    }
  }
  return Object.keys(variables).length === 0 ? undefined : variables;
}
