/**
 * The response object: what was asked, what came of it.
 */
import type { CANCELED } from '../http/wire-words.ts';
import type { TotalUsage } from '../requests/generation.ts';
import type { Item, ResponseBody } from './response-schema.ts';

export type ResponseStatus =
  | 'queued'
  | 'in_progress'
  | 'completed'
  | 'incomplete'
  | 'failed'
  | typeof CANCELED;

/** Changes from one look at a response to the next. */
export interface ResponseState {
  status: ResponseStatus;
  completedAt: number | null;
  output: readonly Item[];
  usage: TotalUsage | undefined;
  error: { code: string; message: string } | null;
}

/** What stays the same. */
export interface ResponseHead {
  id: string;
  createdAt: number;
  body: ResponseBody;
}

/** The object in a state. */
export function responseBody(
  { id, createdAt, body }: ResponseHead,
  state: ResponseState,
): Record<string, unknown> {
  const { status, completedAt, output, usage, error } = state;
  return {
    id,
    object: 'response',
    created_at: createdAt,
    completed_at: completedAt,
    status,
    background: body.background ?? false,
    error,
    incomplete_details: status === 'incomplete' ? { reason: 'max_output_tokens' } : null,
    instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    max_tool_calls: null,
    model: body.model,
    output,
    parallel_tool_calls: body.parallel_tool_calls ?? true,
    previous_response_id: body.previous_response_id ?? null,
    prompt_cache_key: body.prompt_cache_key ?? null,
    reasoning: { effort: body.reasoning?.effort ?? null, summary: null },
    safety_identifier: body.safety_identifier ?? null,
    service_tier: body.service_tier === 'auto' ? 'default' : (body.service_tier ?? 'default'),
    store: body.store ?? true,
    temperature: body.temperature ?? 1,
    text: { format: body.text?.format ?? { type: 'text' }, ...verbosityOf(body) },
    tool_choice: body.tool_choice ?? 'auto',
    tools: (body.tools ?? []).map(({ type, name, description, parameters, strict }) => ({
      ...{ type, name },
      description: description ?? null,
      parameters: parameters ?? null,
      strict: strict ?? false,
    })),
    top_logprobs: body.top_logprobs ?? 0,
    top_p: body.top_p ?? 1,
    presence_penalty: body.presence_penalty ?? 0,
    frequency_penalty: body.frequency_penalty ?? 0,
    truncation: 'disabled',
    usage: usage === undefined ? null : responseUsage(usage),
    ...(typeof body.user === 'string' ? { user: body.user } : {}),
    metadata: body.metadata ?? {},
  };
}

function verbosityOf({ text }: ResponseBody): Record<string, unknown> {
  return text?.verbosity ? { verbosity: text.verbosity } : {};
}

/** `usage` of a response. */
export function responseUsage(total: TotalUsage): Record<string, unknown> {
  return {
    input_tokens: total.promptTokens,
    input_tokens_details: { cached_tokens: total.cachedTokens, cache_write_tokens: 0 },
    output_tokens: total.completionTokens,
    output_tokens_details: { reasoning_tokens: total.reasoningTokens },
    total_tokens: total.promptTokens + total.completionTokens,
  };
}
