/**
 * An endpoint: where it is, who may ask, what it takes, what it does.
 *
 * Records of this type are all that the router and the OpenAPI document are made of. A handler sees
 * no HTTP: it gets a checked call and returns an answer, which the app writes.
 */
import type { ApiError } from '../errors/api-error.ts';
import type { Access, Caller, KeyScope } from './keys.ts';

/** A JSON schema (draft 2020-12), as plain data. */
export type BodySchema = Readonly<Record<string, unknown>>;

/** A request that was let in and checked. */
export interface Call {
  /** Goes back as `x-request-id`. */
  readonly id: string;
  readonly caller: Caller;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** What the schema accepted; undefined where the endpoint takes none. */
  readonly body: unknown;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  /** Its place in the engine's queue, where the request does not say it: of batches, low. */
  readonly priority?: number | undefined;
  /** Of the monotonic clock, in milliseconds. */
  readonly arrivedAtMs: number;
}

/** One server-sent event: `data` is written as JSON, a string as it is. */
export interface ServerEvent {
  event?: string | undefined;
  data: unknown;
}

export type Reply =
  | {
      kind: 'json';
      body: unknown;
      status?: number | undefined;
      headers?: Readonly<Record<string, string>> | undefined;
    }
  | { kind: 'text'; body: string; type: string; status?: number | undefined }
  | {
      kind: 'bytes';
      body: Uint8Array;
      type: string;
      headers?: Readonly<Record<string, string>> | undefined;
    }
  | {
      /**
       * Events as they come. Headers are sent with the first, so that an error before it has its
       * own status; one behind it becomes `errorEvent`, and the stream ends without `end`.
       */
      kind: 'events';
      /** Server-sent events, or a line of JSON each. Default: `events`. */
      framing?: 'events' | 'lines' | undefined;
      events: AsyncIterable<ServerEvent>;
      errorEvent?: ((error: ApiError) => ServerEvent) | undefined;
      /** Written behind the last event, as `[DONE]`. */
      end?: ServerEvent | undefined;
      headers?: Readonly<Record<string, string>> | undefined;
    };

export interface Endpoint<Services> {
  method: 'GET' | 'POST' | 'DELETE';
  /** With `:name` for parts that vary, which match `[A-Za-z0-9_.:-]`. */
  path: string;
  /** More paths that do the same. */
  aliases?: readonly string[] | undefined;
  summary: string;
  access: Access;
  /** Whether it waits for a model: refused before its body is read where none has room. */
  isQueued?: boolean | undefined;
  /** What a key that is bound to scopes needs. */
  scope?: KeyScope | undefined;
  body?: BodySchema | undefined;
  query?: BodySchema | undefined;
  /** What a good answer looks like; for the document and for tests. */
  response?: BodySchema | undefined;
  /** How errors are told; OpenAI's envelope unless given. */
  errorBody?: ((error: ApiError, requestId: string) => unknown) | undefined;
  handler(call: Call, services: Services): Promise<Reply> | Reply;
}

/** A good answer. */
export function json(body: unknown, headers?: Readonly<Record<string, string>>): Reply {
  return { kind: 'json', body, headers };
}
