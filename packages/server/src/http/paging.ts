/**
 * Lists in pages: `after`, `limit` and `order` of a query, and the list that goes back.
 */
import { invalidParam } from '../errors/api-error.ts';
import type { ListOptions, Page } from '../store/documents.ts';
import type { BodySchema } from './route.ts';

const LIMIT_MAX = 100;
const LIMIT_DEFAULT = 20;

/** Values of a query are texts. */
export const PAGE_PROPERTIES: BodySchema = {
  after: { type: 'string', maxLength: 128 },
  limit: { type: 'string', pattern: '^[0-9]{1,5}$' },
  order: { enum: ['asc', 'desc'] },
};

export const PAGE_QUERY: BodySchema = {
  type: 'object',
  properties: PAGE_PROPERTIES,
  additionalProperties: false,
};

const METADATA = /^metadata\[(.{1,64})\]$/;

/** `metadata[name]=value` in a query. */
export const METADATA_PATTERN: BodySchema = {
  [METADATA.source]: { type: 'string', maxLength: 512 },
};

type Metadata = Readonly<Record<string, string>>;

/** Whether something has the metadata that a query asks for. */
export function metadataFilter(query: Query): (metadata: Metadata | null) => boolean {
  const wanted = Object.entries(query).flatMap(([name, value]) => {
    const [, key] = METADATA.exec(name) ?? [];
    return key === undefined ? [] : [[key, value] as const];
  });
  return (metadata) => wanted.every(([key, value]) => metadata?.[key] === value);
}

type Query = Readonly<Record<string, unknown>>;

/** What a query asks for. Throws: ApiError 400. */
export function pageOptions<Body>(
  query: Query,
  defaults: { order: 'asc' | 'desc'; limit?: number; limitMax?: number },
): ListOptions<Body> {
  const { limit: limitDefault = LIMIT_DEFAULT, limitMax = LIMIT_MAX } = defaults;
  const { after, limit = String(limitDefault), order = defaults.order } = query;
  const count = Number(limit);
  if (count < 1 || count > limitMax) {
    throw invalidParam('limit', `'limit' is to be between 1 and ${limitMax}`);
  }
  return {
    after: after as string | undefined,
    limit: count,
    order: order as 'asc' | 'desc',
  };
}

/** A page as a list. The ids of none are empty: the specification wants texts. */
export function listBody({ items, hasMore }: Page<{ id: string }>): Record<string, unknown> {
  return {
    object: 'list',
    data: items,
    first_id: items[0]?.id ?? '',
    last_id: items.at(-1)?.id ?? '',
    has_more: hasMore,
  };
}
