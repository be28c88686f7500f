/**
 * `POST /v1/responses`: one turn of a conversation, whole, as events, or in the background.
 */
import { toApiError } from '../errors/api-error.ts';
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import { json } from '../http/route.ts';
import { idMaker } from '../requests/ids.ts';
import type { Services } from '../services.ts';
import { inputItems } from './items.ts';
import { responseBody } from './response-body.ts';
import { checkOffered } from './response-request.ts';
import { RESPONSE_SCHEMA } from './response-schema.ts';
import type { ResponseBody } from './response-schema.ts';
import { chainItems, changeResponse, findResponse, keepResponse } from './response-store.ts';
import type { Finder, StoredResponse } from './response-store.ts';
import { errorEvent, runTurn, stateOf, wholeOf } from './response-turn.ts';
import type { ResponseTurn } from './response-turn.ts';

export const RESPONSE_CREATE: Endpoint<Services> = {
  method: 'POST',
  path: '/v1/responses',
  aliases: ['/openai/v1/responses'],
  summary: 'Answers, in a chain that is kept if wanted',
  access: 'user',
  body: RESPONSE_SCHEMA,
  handler: async (call, services) => {
    const body = call.body as ResponseBody;
    const { turn, input } = prepareTurn(body, call, services);
    if (body.background === true) return json(runBehind({ turn, input, call }, services));
    const events = runTurn(turn, call, services);
    if (body.stream === true) return { kind: 'events', events, errorEvent } satisfies Reply;
    return json(await wholeOf(events));
  },
};

export interface PreparedTurn {
  turn: ResponseTurn;
  input: StoredResponse['input'];
}

/**
 * A turn that is ready to be run. `find` looks up responses before; what is made is kept as the
 * request says, and handed to `onWhole`. Throws: ApiError 400.
 */
export function prepareTurn(
  body: ResponseBody,
  call: Pick<Call, 'caller'>,
  services: Services,
  use: { find?: Finder; onWhole?: (stored: StoredResponse) => void } = {},
): PreparedTurn {
  checkOffered(body);
  const { tenant } = call.caller;
  const newId = idMaker(services);
  const find = use.find ?? ((id: string) => findResponse(services, tenant, id));
  const before = chainItems(find, body.previous_response_id);
  const input = inputItems(body.input, newId);
  const keep: ResponseTurn['keep'] = (response, output) => {
    const previous = body.previous_response_id ?? undefined;
    const stored: StoredResponse = { response, input, output, previous };
    keepResponse(services, tenant, stored, body.store);
    use.onWhole?.(stored);
  };
  const head = { id: newId('resp'), createdAt: services.nowSeconds(), body };
  return { turn: { head, items: [...before, ...input], newId, keep }, input };
}

/** Turns in the background by id, to be canceled. */
const running = new WeakMap<Services, Map<string, AbortController>>();

function runningOf(services: Services): Map<string, AbortController> {
  let map = running.get(services);
  if (map === undefined) running.set(services, (map = new Map()));
  return map;
}

/** Starts a turn that nobody waits for; what is told of it now. */
function runBehind(
  { turn, input, call }: PreparedTurn & { call: Call },
  services: Services,
): Record<string, unknown> {
  const { head } = turn;
  const { body } = head;
  const { tenant } = call.caller;
  const queued = responseBody(head, stateOf('queued'));
  const previous = body.previous_response_id ?? undefined;
  const stored = { response: queued, input, output: [], previous };
  keepResponse(services, tenant, stored, body.store);
  const stop = new AbortController();
  runningOf(services).set(head.id, stop);
  const work = async (): Promise<void> => {
    try {
      await wholeOf(runTurn(turn, { caller: call.caller, signal: stop.signal }, services));
    } catch (error) {
      if (stop.signal.aborted) return;
      const { code, message } = toApiError(error);
      const failed = responseBody(head, stateOf('failed', { code, message }));
      changeResponse(services, tenant, { ...stored, response: failed });
    } finally {
      runningOf(services).delete(head.id);
    }
  };
  // The store may be closed with the server meanwhile; then nobody is left to be told.
  void work().catch(() => undefined);
  return queued;
}

/** Ends a turn in the background; whether it was running. */
export function stopTurn(services: Services, id: string): boolean {
  const stop = runningOf(services).get(id);
  stop?.abort();
  return stop !== undefined;
}

/** The events of a prepared turn. */
export function turnEvents(
  { turn }: PreparedTurn,
  call: Pick<Call, 'caller' | 'signal'>,
  services: Services,
): AsyncGenerator<ServerEvent, void, undefined> {
  return runTurn(turn, call, services);
}
