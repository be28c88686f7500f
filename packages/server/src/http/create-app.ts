/**
 * The HTTP side: a router over endpoints, and what every request passes.
 *
 *     socket ─ Host, id ─ key ─ body ≤ bound ─ schema ─ handler ─ reply or events
 *                 └──────────┴───────┴──────────┴─ ApiError → one envelope
 *
 * A handler that is asked for events is pulled once before a byte is sent, so that a refusal has a
 * status. When the client goes away, the call's signal aborts.
 */
import { randomUUID } from 'node:crypto';
import Fastify, { LogController } from 'fastify';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import type { ServerOptions } from 'node:http';
import type { ServerOptions as SecureServerOptions } from 'node:https';
import { isIP } from 'node:net';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { ApiError, toApiError } from '../errors/api-error.ts';
import { readForm } from './form.ts';
import { readBody, tooLarge } from './bodies.ts';
import type { BodyLimits } from './bodies.ts';
import type { Call, Endpoint, Reply } from './route.ts';
import { writeEvents } from './event-stream.ts';
import type { StreamEnd, StreamLimits } from './event-stream.ts';
import { boundConnections } from './connections.ts';
import { refuseSocket } from './client-error.ts';
import { beginRequestSpan, endRequestSpan } from '../spans/request-span.ts';
import { callerOf, checkRights } from './keys.ts';
import type { Caller, KeySource } from './keys.ts';
import { validator } from './validator.ts';

/** How a request ended, for logs and metrics. */
export interface RequestEnd {
  id: string;
  method: string;
  /** Pattern of the endpoint, never what the client wrote. */
  route: string;
  status: number;
  tenant: string | undefined;
  /** Address that the request came from, as far as it can be believed. */
  client: string | undefined;
  durationMs: number;
  /** Of streams. */
  stream: StreamEnd | undefined;
}

/** What is known of a request beside what Fastify knows. */
type Facts = WeakMap<FastifyRequest, { caller?: Caller; stream?: StreamEnd }>;

export interface AppOptions<Services> {
  endpoints: readonly Endpoint<Services>[];
  services: Services;
  keys: KeySource;
  /** Names that a Host header may have; undefined: any. */
  hosts: ReadonlySet<string> | undefined;
  bodies: BodyLimits;
  streams: StreamLimits;
  sockets: SocketLimits;
  /** Ends TLS here. */
  tls: TlsOptions | undefined;
  /** Whether what asks is a proxy, which tells for whom. */
  isBehindProxy: boolean;
  logger: Logger;
  /** Refuses a call before its body is read, as while the server drains. Throws: ApiError. */
  admit: (
    caller: Caller | undefined,
    headers: Call['headers'],
    endpoint?: Pick<Endpoint<Services>, 'isQueued'>,
  ) => void;
  onEnd: (end: RequestEnd) => void;
  /** How the limits of a caller stand, for its answers. */
  limitHeaders: (caller: Caller) => Readonly<Record<string, string>>;
}

/** Certificates as PEM. TLS 1.3 and nothing older. */
export interface TlsOptions {
  cert: Uint8Array;
  key: Uint8Array;
  /** Who must have signed a client's certificate; without it, clients need none. */
  clientCa?: Uint8Array | undefined;
}

/** What one socket may take, and how many there may be. */
export interface SocketLimits {
  connectionsMax: number;
  headersTimeoutMs: number;
  requestTimeoutMs: number;
  keepAliveMs: number;
}

export const SOCKET_LIMITS_DEFAULT: SocketLimits = {
  connectionsMax: 4096,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 60_000,
  keepAliveMs: 5_000,
};
/**
 * Longer than proxies keep what is idle (a minute): else they would send a request on a connection
 * that is being closed, and may not send it again.
 */
export const PROXY_KEEP_ALIVE_MS = 75_000;

/** Who asks where nobody is asked for a key. */
const NOBODY: Caller = Object.freeze({ tenant: '', role: 'user', weight: 1 });
const ID = /^[A-Za-z0-9_-]{1,64}$/;
/** Ids of models have slashes, dots and colons beside what other ids have. */
const PATH_PART = /^(?!\.{1,2}$)[A-Za-z0-9_.:@-]{1,128}$/;

/** Builds the app; nothing listens yet. */
export function createApp<Services>(options: AppOptions<Services>): FastifyInstance {
  const { sockets, bodies } = options;
  const facts: Facts = new WeakMap();
  const app: FastifyInstance = Fastify({
    loggerInstance: options.logger as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: bodies.bytesMax,
    requestTimeout: sockets.requestTimeoutMs,
    keepAliveTimeout: sockets.keepAliveMs,
    connectionTimeout: 0,
    forceCloseConnections: 'idle',
    ...listening(options.tls, sockets),
    frameworkErrors: (error, request, reply) => void sendError(error, request, reply),
    clientErrorHandler: (error, socket) => refuseSocket(error, socket as Socket),
    routerOptions: { maxParamLength: 128, ignoreTrailingSlash: false },
    requestIdHeader: false,
    genReqId: (request) => requestId(request.headers['x-request-id']),
    exposeHeadRoutes: false,
  });
  boundConnections(app.server, sockets.connectionsMax);
  app.removeAllContentTypeParsers();
  addBodies(app, bodies);
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    const beganAtMs = performance.now();
    // Not every response is finished: clients leave, and readers are cut.
    const client = clientOf(request, options.isBehindProxy);
    const use = { facts, beganAtMs, client };
    reply.raw.once('close', () => options.onEnd(endOf(request, reply, use)));
    checkHost(request, options.hosts);
  });
  app.addHook('onSend', async (request, reply) => {
    const caller = facts.get(request)?.caller;
    if (caller) reply.headers(options.limitHeaders(caller));
    // A proxy is still sending: a connection that is closed on it loses the answer, too.
    if (options.isBehindProxy && reply.statusCode === 413) reply.removeHeader('connection');
  });
  app.setErrorHandler((error, request, reply) => sendError(error, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const message = `no such endpoint: ${request.method} of this path; see /openapi.json`;
    return sendError(new ApiError({ status: 404, code: 'not_found', message }), request, reply);
  });
  for (const endpoint of options.endpoints) addEndpoint(app, endpoint, { ...options, facts });
  return app;
}

const CHECKING_MS = 1000;

/** Options of the server below, which ends TLS or does not. */
function listening(
  tls: TlsOptions | undefined,
  { headersTimeoutMs }: SocketLimits,
): { http: ServerOptions } | { https: SecureServerOptions } {
  const waits = { headersTimeout: headersTimeoutMs, connectionsCheckingInterval: CHECKING_MS };
  if (tls === undefined) return { http: waits };
  const [cert, key] = [Buffer.from(tls.cert), Buffer.from(tls.key)];
  const handshake = { handshakeTimeout: headersTimeoutMs, minVersion: 'TLSv1.3' as const };
  const own = { ...waits, cert, key, ...handshake };
  if (tls.clientCa === undefined) return { https: own };
  const ca = Buffer.from(tls.clientCa);
  return { https: { ...own, ca, requestCert: true, rejectUnauthorized: true } };
}

/** 499 of a client that left before its end. */
function statusOf({ raw }: FastifyReply): number {
  return raw.writableFinished ? raw.statusCode : 499;
}

function endOf(
  request: FastifyRequest,
  reply: FastifyReply,
  { facts, beganAtMs, client }: { facts: Facts; beganAtMs: number; client: string | undefined },
): RequestEnd {
  const { caller, stream } = facts.get(request) ?? {};
  return {
    id: request.id,
    method: request.method,
    route: request.routeOptions.url ?? 'none',
    status: statusOf(reply),
    tenant: caller?.tenant,
    client,
    durationMs: performance.now() - beganAtMs,
    stream,
  };
}

/**
 * The peer of the socket; behind a proxy, whom it names last, since what stands before that was
 * written by the client.
 */
function clientOf({ socket, headers }: FastifyRequest, isBehindProxy: boolean): string | undefined {
  const told = isBehindProxy ? headers['x-forwarded-for'] : undefined;
  const last = [told ?? []].flat().join(',').split(',').at(-1)!.trim();
  return isIP(last) === 0 ? socket.remoteAddress : last;
}

function addEndpoint<Services>(
  app: FastifyInstance,
  endpoint: Endpoint<Services>,
  options: AppOptions<Services> & { facts: Facts },
): void {
  const { facts } = options;
  const checkBody = endpoint.body && validator(endpoint.body);
  const checkQuery = endpoint.query && validator(endpoint.query);
  for (const url of [endpoint.path, ...(endpoint.aliases ?? [])]) {
    app.route({
      method: endpoint.method,
      url,
      config: { errorBody: endpoint.errorBody },
      onRequest: async (request) => {
        const isOpen = endpoint.access === 'open';
        const caller = isOpen ? undefined : callerOf(request.headers, options.keys);
        facts.set(request, caller ? { caller } : {});
        if (caller) checkRights(caller, endpoint.access, endpoint.scope);
        options.admit(caller, request.headers, endpoint);
      },
      handler: async (request, reply) => {
        const gone = new AbortController();
        const { id, method, headers } = request;
        const span = beginRequestSpan({ id, method, route: url, headers }, gone.signal);
        reply.raw.once('close', () => {
          gone.abort(clientGone());
          endRequestSpan(span, statusOf(reply));
        });
        checkBody?.(request.body);
        checkQuery?.(request.query);
        const call: Call = {
          id,
          caller: facts.get(request)?.caller ?? NOBODY,
          params: checkedParams(request.params as Record<string, string>),
          query: request.query as Record<string, unknown>,
          headers,
          body: request.body,
          signal: gone.signal,
          arrivedAtMs: performance.now(),
        };
        const answer = await endpoint.handler(call, options.services);
        return sendReply(answer, { request, reply, options });
      },
    });
  }
}

async function sendReply<Services>(
  answer: Reply,
  use: {
    request: FastifyRequest;
    reply: FastifyReply;
    options: AppOptions<Services> & { facts: Facts };
  },
): Promise<FastifyReply> {
  const { reply, request, options } = use;
  if (answer.kind === 'text') {
    return reply
      .code(answer.status ?? 200)
      .type(answer.type)
      .send(answer.body);
  }
  if (answer.kind === 'bytes') {
    return reply
      .headers(answer.headers ?? {})
      .type(answer.type)
      .send(Buffer.from(answer.body));
  }
  if (answer.kind === 'json') {
    return reply
      .code(answer.status ?? 200)
      .headers(answer.headers ?? {})
      .type('application/json; charset=utf-8')
      .send(JSON.stringify(answer.body));
  }
  const rest = answer.events[Symbol.asyncIterator]();
  const first = await rest.next();
  reply.hijack();
  const caller = options.facts.get(request)?.caller;
  const limits = caller && options.limitHeaders(caller);
  const headers = { 'x-request-id': request.id, ...limits, ...answer.headers };
  const stream: StreamEnd = { eventCount: 0, error: undefined, wasCut: false };
  options.facts.set(request, { ...options.facts.get(request), stream });
  await writeEvents(reply.raw, answer, { first, rest, headers, limits: options.streams, stream });
  return reply;
}

function addBodies(app: FastifyInstance, limits: BodyLimits): void {
  const take = (types: string[], type: 'json' | 'msgpack'): void =>
    app.addContentTypeParser(
      types,
      { parseAs: 'buffer' },
      async (request: FastifyRequest, body: string | Buffer) => {
        const encoding = request.headers['content-encoding'];
        return readBody(body as Buffer, { type, encoding }, limits);
      },
    );
  app.addContentTypeParser(
    'multipart/form-data',
    async (request: FastifyRequest, payload: Readable) =>
      readForm(payload, request.headers, limits.fileBytesMax),
  );
  take(['application/json'], 'json');
  take(['application/vnd.msgpack', 'application/msgpack', 'application/x-msgpack'], 'msgpack');
}

function sendError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const told = fromFastify(error) ?? toApiError(error);
  // What is refused before a route is found has none.
  const config = request.routeOptions?.config as Pick<Endpoint<never>, 'errorBody'> | undefined;
  if (told.status >= 500) {
    request.log.error({ id: request.id, error: told.cause ?? told }, 'a request failed');
  }
  return reply
    .code(told.status)
    .headers(told.headers)
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(config?.errorBody?.(told, request.id) ?? told.body));
}

/** What Fastify itself refuses a request for. */
function fromFastify(error: unknown): ApiError | undefined {
  const { code, statusCode = 500 } = error as { code?: string; statusCode?: number };
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') return tooLarge(BODY_BYTES_SHOWN);
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    const message = 'send the body as application/json';
    return new ApiError({ status: 415, code: 'unsupported_media_type', message });
  }
  if (code?.startsWith('FST_') !== true || statusCode >= 500) return undefined;
  const message = 'the request is not well-formed';
  return new ApiError({ status: statusCode, code: 'invalid_request', message });
}

const BODY_BYTES_SHOWN = 16 * 2 ** 20;

function requestId(given: string | string[] | undefined): string {
  return typeof given === 'string' && ID.test(given) ? given : `req_${randomUUID()}`;
}

/** One Host that is ours, and a target that is a path. Throws: ApiError 400, 421. */
function checkHost(request: FastifyRequest, hosts: ReadonlySet<string> | undefined): void {
  const { rawHeaders } = request.raw;
  let count = 0;
  for (let i = 0; i < rawHeaders.length; i += 2) {
    if (rawHeaders[i]!.toLowerCase() === 'host') count++;
  }
  if (count > 1 || !(request.raw.url ?? '').startsWith('/')) {
    const message = 'send one Host header, and a path as the target';
    throw new ApiError({ status: 400, code: 'invalid_request', message });
  }
  const host = (request.headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (hosts === undefined || hosts.has(host)) return;
  const message = 'this server is not known by that Host; see --host-name';
  throw new ApiError({ status: 421, code: 'unknown_host', message });
}

/** Throws: ApiError 404. */
function checkedParams(params: Readonly<Record<string, string>>): Record<string, string> {
  const entries = Object.entries(params ?? {});
  for (const [name, value] of entries) {
    const parts = name === '*' ? value.split('/') : [value];
    if (parts.every((part) => PATH_PART.test(part))) continue;
    const message = 'no such thing: an id is made of letters, digits, - and _';
    throw new ApiError({ status: 404, code: 'not_found', message });
  }
  return Object.fromEntries(entries);
}

function clientGone(): ApiError {
  return new ApiError({ status: 499, code: 'client_closed', message: 'the client went away' });
}
