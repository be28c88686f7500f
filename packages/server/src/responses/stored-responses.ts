/**
 * Responses that are kept: get, delete, cancel, the items of their input.
 */
import { ApiError, unsupportedParam } from '../errors/api-error.ts';
import { listBody, PAGE_PROPERTIES, pageOptions } from '../http/paging.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { CANCELED } from '../http/wire-words.ts';
import type { Services } from '../services.ts';
import { stopTurn } from './create-response.ts';
import { changeResponse, deleteResponse, storedResponse } from './response-store.ts';
import type { StoredResponse } from './response-store.ts';

const PATH = '/v1/responses/:id';

function stored({ caller, params }: Call, services: Services): StoredResponse {
  return storedResponse(services, caller.tenant, params['id'] ?? '');
}

const INCLUDE = { 'include[]': {}, include: {} };

const GET: Endpoint<Services> = {
  method: 'GET',
  path: PATH,
  summary: 'Gets a response that is kept',
  access: 'user',
  query: {
    type: 'object',
    properties: {
      ...INCLUDE,
      include_obfuscation: { enum: ['true', 'false'] },
      starting_after: { type: 'string', maxLength: 16 },
      stream: { enum: ['true', 'false'] },
    },
    additionalProperties: false,
  },
  handler: (call, services) => {
    if (call.query['stream'] === 'true') {
      throw unsupportedParam('stream', 'events are sent while a response is made, and not again');
    }
    return json(stored(call, services).response);
  },
};

const DELETE: Endpoint<Services> = {
  method: 'DELETE',
  path: PATH,
  summary: 'Deletes a response that is kept',
  access: 'user',
  handler: (call, services) => {
    const { response } = stored(call, services);
    const id = String(response['id']);
    stopTurn(services, id);
    deleteResponse(services, call.caller.tenant, id);
    return json({ id, object: 'response.deleted', deleted: true });
  },
};

const CANCEL: Endpoint<Services> = {
  method: 'POST',
  path: `${PATH}/cancel`,
  summary: 'Ends a response that runs in the background',
  access: 'user',
  handler: (call, services) => {
    const found = stored(call, services);
    const { response } = found;
    const isBehind = response['background'] === true;
    if (!isBehind) {
      const message = 'only what runs in the background can be canceled';
      throw new ApiError({ status: 400, code: 'not_background', message });
    }
    if (response['status'] !== 'queued' && response['status'] !== 'in_progress') {
      return json(response);
    }
    stopTurn(services, String(response['id']));
    const canceled = { ...response, status: CANCELED };
    changeResponse(services, call.caller.tenant, { ...found, response: canceled });
    return json(canceled);
  },
};

const INPUT_ITEMS: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/input_items`,
  summary: 'Lists the items that a response answers',
  access: 'user',
  query: {
    type: 'object',
    properties: { ...PAGE_PROPERTIES, ...INCLUDE, before: { type: 'string', maxLength: 128 } },
    additionalProperties: false,
  },
  handler: (call, services) => {
    const items = stored(call, services).input as readonly { id: string }[];
    const { after, limit, order } = pageOptions(call.query, { order: 'desc' });
    const ordered = order === 'asc' ? items : items.toReversed();
    const found = ordered.findIndex(({ id }) => id === after);
    const from = after === undefined ? 0 : found < 0 ? ordered.length : found + 1;
    const shown = ordered.slice(from, from + limit);
    return json(listBody({ items: shown, hasMore: from + limit < ordered.length }));
  },
};

export const STORED_RESPONSES: readonly Endpoint<Services>[] = [GET, DELETE, CANCEL, INPUT_ITEMS];
