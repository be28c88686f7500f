/**
 * Responses that are kept, and the chains that they make.
 *
 * What a client asked to be kept (`store: true`) is in the store for 30 days. Where it says
 * nothing, the interface promises that the chain can be carried on; then it is in memory only, for
 * an hour: no prompt reaches a disk unasked.
 */
import { ApiError } from '../errors/api-error.ts';
import { KEEP_SECONDS } from '../openai/chat-stored.ts';
import type { Services } from '../services.ts';
import type { Store } from '../store/store.ts';
import type { Item, ResponseBody } from './response-schema.ts';

/** A response with what it answers. */
export interface StoredResponse {
  response: Record<string, unknown>;
  /** The items of its own input. */
  input: readonly Item[];
  output: readonly Item[];
  previous: string | undefined;
}

const KIND = 'response';
const RECENT_SECONDS = 3600;
const RECENT_MAX = 10_000;
const CHAIN_MAX = 1000;

type Stores = Pick<Services, 'store' | 'recent' | 'nowSeconds'>;

/** Keeps a response as its request says. */
export function keepResponse(
  services: Stores,
  tenant: string,
  stored: StoredResponse,
  store: ResponseBody['store'],
): void {
  if (store === false) return;
  const id = String(stored.response['id']);
  const isAsked = store === true;
  const target = isAsked ? services.store : services.recent;
  const expiresAt = services.nowSeconds() + (isAsked ? KEEP_SECONDS : RECENT_SECONDS);
  target.documents.put({ tenant, kind: KIND, id }, stored, expiresAt);
  if (!isAsked) services.recent.trim(RECENT_MAX);
}

/** Undefined if there is none of this tenant. */
export function findResponse(
  { store, recent }: Stores,
  tenant: string,
  id: string,
): StoredResponse | undefined {
  const key = { tenant, kind: KIND, id };
  return recent.documents.get<StoredResponse>(key) ?? store.documents.get<StoredResponse>(key);
}

/** Throws: ApiError 404. */
export function storedResponse(services: Stores, tenant: string, id: string): StoredResponse {
  const found = findResponse(services, tenant, id);
  if (found !== undefined) return found;
  const message = `no response has the id ${id}`;
  throw new ApiError({ status: 404, code: 'not_found', param: 'response_id', message });
}

/** Replaces a response that is kept. */
export function changeResponse(
  { store, recent }: Stores,
  tenant: string,
  stored: StoredResponse,
): void {
  const key = { tenant, kind: KIND, id: String(stored.response['id']) };
  const change = (one: Store): unknown => one.documents.update(key, () => stored);
  if (change(recent) === undefined) change(store);
}

/** Whether there was one. */
export function deleteResponse({ store, recent }: Stores, tenant: string, id: string): boolean {
  const key = { tenant, kind: KIND, id };
  const wasRecent = recent.documents.delete(key);
  return store.documents.delete(key) || wasRecent;
}

/** Finds what a connection keeps, beside what is stored. */
export type Finder = (id: string) => StoredResponse | undefined;

/**
 * All items up to and with a response, the oldest first.
 * Throws: ApiError 400 if one of the chain is not there.
 */
export function chainItems(find: Finder, id: string | null | undefined): Item[] {
  const links: StoredResponse[] = [];
  for (let next = id ?? undefined; next !== undefined; next = links.at(-1)!.previous) {
    const found = find(next);
    if (found === undefined || links.length === CHAIN_MAX) throw previousMissing(next);
    links.push(found);
  }
  return links.toReversed().flatMap(({ input, output }) => [...input, ...output]);
}

function previousMissing(id: string): ApiError {
  const message = `previous response with id '${id}' not found`;
  const param = 'previous_response_id';
  return new ApiError({ status: 400, code: 'previous_response_not_found', param, message });
}
