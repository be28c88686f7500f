/**
 * One turn: a request, answered as events, the last of which has the whole response.
 *
 * Whoever wants no stream takes the response of the last event, so that both are the same.
 */
import { answerParts } from '../answer-parts.ts';
import { ApiError, toApiError } from '../errors/api-error.ts';
import type { Call, ServerEvent } from '../http/route.ts';
import { chatGeneration } from '../openai/chat-generation.ts';
import { tierOf } from '../openai/service-tier.ts';
import { AnswerFold, totalUsage } from '../requests/generation.ts';
import type { Services } from '../services.ts';
import { messagesOf } from './items.ts';
import { responseBody } from './response-body.ts';
import type { ResponseHead, ResponseState } from './response-body.ts';
import { ResponseEvents } from './response-events.ts';
import { chatOf, wantsLogprobs } from './response-request.ts';
import type { Item } from './response-schema.ts';

/** Of a call, what a turn needs. */
export type TurnCall = Pick<Call, 'caller' | 'signal'> &
  Partial<Pick<Call, 'headers' | 'priority'>>;

export interface ResponseTurn {
  head: ResponseHead;
  /** The chain before, and the input. */
  items: readonly Item[];
  newId: (prefix: string) => string;
  /** Told of the response when it is whole. */
  keep: (response: Record<string, unknown>, output: readonly Item[]) => void;
}

/** The events of a turn. Throws: ApiError, what the wafer throws; before the first, if it can. */
export async function* runTurn(
  turn: ResponseTurn,
  call: TurnCall,
  services: Services,
): AsyncGenerator<ServerEvent, void, undefined> {
  const { head, newId } = turn;
  const { body } = head;
  const { tenant } = call.caller;
  using lease = await services.models.lease(body.model, call.caller);
  const use = { instructions: body.instructions, secrets: services.secrets, tenant };
  const chat = chatOf(body, messagesOf(turn.items, use));
  const tier = tierOf(body.service_tier, call);
  const generation = chatGeneration(chat, lease.wafer, { call: call as Call, tier });
  const carries = body.include?.includes('reasoning.encrypted_content') === true;
  const events = new ResponseEvents({
    newId,
    tokenizer: lease.wafer.tokenizer,
    hasLogprobs: wantsLogprobs(body),
    seal: carries ? (text) => services.secrets.seal(tenant, text) : undefined,
  });
  const parts = answerParts(lease, generation, { services, signal: call.signal });
  // A refusal of the engine is to have a status of its own: it comes before the first event.
  const first = await parts.next();
  const begun = responseBody(head, stateOf('in_progress'));
  yield events.event('response.created', { response: begun });
  yield events.event('response.in_progress', { response: begun });
  const fold = new AnswerFold();
  for (let next = first; next.done !== true; next = await parts.next()) {
    fold.add(next.value);
    yield* events.push(next.value);
  }
  const status = fold.apiFinish === 'length' ? 'incomplete' : 'completed';
  yield* events.finish(status);
  const completedAt = status === 'completed' ? services.nowSeconds() : null;
  const { output } = events;
  const usage = totalUsage([fold]);
  const response = responseBody(head, { status, completedAt, output, usage, error: null });
  turn.keep(response, output);
  yield events.event(`response.${status}`, { response });
}

export function stateOf(
  status: ResponseState['status'],
  error: ResponseState['error'] = null,
): ResponseState {
  return { status, completedAt: null, output: [], usage: undefined, error };
}

/** The response of the last event. */
export async function wholeOf(
  events: AsyncIterable<ServerEvent>,
): Promise<Record<string, unknown>> {
  let last: ServerEvent | undefined;
  for await (const event of events) last = event;
  if (last === undefined) throw new ApiError({ status: 500, code: 'internal_error', message: '' });
  return (last.data as { response: Record<string, unknown> }).response;
}

/** What a stream ends with when something goes wrong. */
export function errorEvent(error: ApiError): ServerEvent {
  const { message, code, type, param = null } = toApiError(error);
  const told = { message, code, param };
  const data = { type: 'error', sequence_number: 0, ...told, error: { type, ...told } };
  return { event: 'error', data };
}
