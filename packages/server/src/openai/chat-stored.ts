/**
 * Chat completions that a client asked to be kept (`store: true`): list, get, change their
 * metadata, delete, and the messages they answered.
 */
import { ApiError } from '../errors/api-error.ts';
import { listBody, metadataFilter, METADATA_PATTERN } from '../http/paging.ts';
import { PAGE_PROPERTIES, PAGE_QUERY, pageOptions } from '../http/paging.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { METADATA_SCHEMA } from '../requests/parameters.ts';
import type { Services } from '../services.ts';
import type { DocumentKey } from '../store/documents.ts';
import type { ChatBody } from './chat-schema.ts';

/** A completion with what it answers. */
interface StoredChat {
  id: string;
  body: Record<string, unknown>;
  messages: Record<string, unknown>[];
}

const KIND = 'chat.completion';
const PATH = '/v1/chat/completions';
/** What is stored goes by itself after that. */
export const KEEP_SECONDS: number = 30 * 24 * 3600;

/** Keeps a completion if its request says so. */
export function keepChat(
  services: Services,
  call: Pick<Call, 'caller' | 'body'>,
  whole: Record<string, unknown>,
): void {
  const { store, metadata, messages, ...asked } = call.body as ChatBody;
  if (store !== true) return;
  const id = String(whole['id']);
  const told = ['temperature', 'top_p', 'seed', 'tools', 'tool_choice', 'response_format'] as const;
  const more = Object.fromEntries(told.map((name) => [name, asked[name] ?? null]));
  const stored: StoredChat = {
    id,
    body: { ...whole, ...more, metadata: metadata ?? {} },
    messages: messages.map((message, at) => ({ ...message, id: `${id}-${at}` })),
  };
  const expiresAt = services.nowSeconds() + KEEP_SECONDS;
  services.store.documents.put({ tenant: call.caller.tenant, kind: KIND, id }, stored, expiresAt);
}

function keyOf({ caller, params }: Call): DocumentKey {
  return { tenant: caller.tenant, kind: KIND, id: params['id'] ?? '' };
}

function absent(id: string): ApiError {
  const message = `no stored chat completion has the id ${id}`;
  return new ApiError({ status: 404, code: 'not_found', param: 'completion_id', message });
}

/** Throws: ApiError 404. */
function storedChat(call: Call, { store }: Services): StoredChat {
  const key = keyOf(call);
  const stored = store.documents.get<StoredChat>(key);
  if (stored === undefined) throw absent(key.id);
  return stored;
}

const LIST: Endpoint<Services> = {
  method: 'GET',
  path: PATH,
  summary: 'Lists stored chat completions',
  access: 'user',
  query: {
    type: 'object',
    properties: { ...PAGE_PROPERTIES, model: { type: 'string', maxLength: 256 } },
    patternProperties: METADATA_PATTERN,
    additionalProperties: false,
  },
  handler: ({ caller, query }, { store }) => {
    const { model } = query;
    const hasMetadata = metadataFilter(query);
    const page = store.documents.list<StoredChat>(
      { tenant: caller.tenant, kind: KIND },
      {
        ...pageOptions(query, { order: 'asc' }),
        filter: ({ body }) => {
          if (model !== undefined && body['model'] !== model) return false;
          return hasMetadata(body['metadata'] as Record<string, string>);
        },
      },
    );
    const items = page.items.map(({ id, body }) => ({ ...body, id }));
    return json(listBody({ items, hasMore: page.hasMore }));
  },
};

const GET: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id`,
  summary: 'Gets a stored chat completion',
  access: 'user',
  handler: (call, services) => json(storedChat(call, services).body),
};

const UPDATE: Endpoint<Services> = {
  method: 'POST',
  path: `${PATH}/:id`,
  summary: 'Changes the metadata of a stored chat completion',
  access: 'user',
  body: {
    type: 'object',
    required: ['metadata'],
    properties: { metadata: METADATA_SCHEMA },
    additionalProperties: false,
  },
  handler: (call, { store }) => {
    const key = keyOf(call);
    const { metadata } = call.body as { metadata: Record<string, string> | null };
    const changed = store.documents.update<StoredChat>(key, (stored) => ({
      ...stored,
      body: { ...stored.body, metadata: metadata ?? {} },
    }));
    if (changed === undefined) throw absent(key.id);
    return json(changed.body);
  },
};

const DELETE: Endpoint<Services> = {
  method: 'DELETE',
  path: `${PATH}/:id`,
  summary: 'Deletes a stored chat completion',
  access: 'user',
  handler: (call, { store }) => {
    const key = keyOf(call);
    if (!store.documents.delete(key)) throw absent(key.id);
    return json({ object: 'chat.completion.deleted', id: key.id, deleted: true });
  },
};

const MESSAGES: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id/messages`,
  summary: 'Lists the messages that a stored chat completion answers',
  access: 'user',
  query: PAGE_QUERY,
  handler: (call, services) => {
    const { messages } = storedChat(call, services);
    const { after, limit, order } = pageOptions(call.query, { order: 'asc' });
    const ordered = order === 'asc' ? messages : messages.toReversed();
    const found = after === undefined ? -1 : ordered.findIndex(({ id }) => id === after);
    const from = after !== undefined && found < 0 ? ordered.length : found + 1;
    const items = ordered.slice(from, from + limit) as { id: string }[];
    return json(listBody({ items, hasMore: from + limit < ordered.length }));
  },
};

export const STORED_CHATS: readonly Endpoint<Services>[] = [LIST, GET, UPDATE, DELETE, MESSAGES];
