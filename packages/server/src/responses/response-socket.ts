/**
 * Responses over a WebSocket at `/v1/responses`: a client sends `response.create` events, one at a
 * time, and gets the events of each, as it would by server-sent events.
 *
 *     upgrade ─ Host, key ─ message ≤ bound ─ schema ─ turn ─▶ events
 *
 * A response that is not to be stored is kept for the connection only, and forgotten when a turn
 * that carries it on fails.
 *
 * Source: Open Responses 2026-04-24, "WebSocket mode".
 */
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { RawData, WebSocket } from 'ws';
import { ApiError, toApiError } from '../errors/api-error.ts';
import { readBody } from '../http/bodies.ts';
import type { BodyLimits } from '../http/bodies.ts';
import { refusalText } from '../http/client-error.ts';
import type { StreamLimits } from '../http/event-stream.ts';
import { callerOf, checkRights } from '../http/keys.ts';
import type { Caller, KeySource } from '../http/keys.ts';
import { validator } from '../http/validator.ts';
import type { Services } from '../services.ts';
import { prepareTurn, turnEvents } from './create-response.ts';
import { RESPONSE_SCHEMA } from './response-schema.ts';
import type { ResponseBody } from './response-schema.ts';
import { findResponse } from './response-store.ts';
import type { StoredResponse } from './response-store.ts';

export interface SocketOptions {
  services: Services;
  keys: KeySource;
  hosts: ReadonlySet<string> | undefined;
  bodies: BodyLimits;
  streams: StreamLimits;
  admit: (caller: Caller, headers: IncomingMessage['headers']) => void;
  /** Told of 1 when a turn begins and of -1 when it has ended: a drain waits for them. */
  onTurn: (change: number) => void;
}

const PATHS = new Set(['/v1/responses', '/openai/v1/responses']);
/** Responses that one connection keeps; the oldest goes first. */
const KEPT_MAX = 64;
const checkBody = validator(RESPONSE_SCHEMA);

/** Takes upgrades of a server; ends its sockets when the server closes. */
export function attachResponseSocket(server: Server, options: SocketOptions): () => void {
  const { bytesMax } = options.bodies;
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: bytesMax,
    clientTracking: true,
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    try {
      checkUpgrade(request, options);
      sockets.handleUpgrade(request, socket, head, (ws) => serveSocket(ws, request, options));
    } catch (error) {
      refuse(socket, toApiError(error));
    }
  });
  return () => {
    for (const ws of sockets.clients) ws.terminate();
  };
}

/** Throws: ApiError 401, 404, 421, 503. */
function checkUpgrade(
  { url = '', headers }: IncomingMessage,
  { keys, hosts, admit }: SocketOptions,
): void {
  const [path = ''] = url.split('?');
  if (!PATHS.has(path)) {
    throw new ApiError({ status: 404, code: 'not_found', message: 'no WebSocket is here' });
  }
  const host = (headers.host ?? '').replace(/:\d+$/, '').toLowerCase();
  if (hosts !== undefined && !hosts.has(host)) {
    throw new ApiError({ status: 421, code: 'unknown_host', message: 'unknown Host' });
  }
  if (hosts !== undefined && headers.origin !== undefined && !isOwnOrigin(headers.origin, hosts)) {
    throw new ApiError({ status: 403, code: 'forbidden', message: 'a page of another origin' });
  }
  admit(callerNow(headers, keys), headers);
}

/** Whose key it is by now: one that is revoked asks nothing more. Throws: ApiError 401, 403. */
function callerNow(headers: IncomingMessage['headers'], keys: KeySource): Caller {
  const caller = callerOf(headers, keys);
  checkRights(caller, 'user', 'inference');
  return caller;
}

/** Pages of others may open sockets to loopback, and send no key where none is needed. */
function isOwnOrigin(origin: string, hosts: ReadonlySet<string>): boolean {
  const { host = '' } = URL.canParse(origin) ? new URL(origin) : {};
  return hosts.has(host.replace(/:\d+$/, ''));
}

function refuse(socket: Duplex, error: ApiError): void {
  // A client that keeps its half open would keep the connection: no time limit of HTTP is on it.
  socket.end(refusalText(error, 'Refused'), () => socket.destroy());
}

function serveSocket(ws: WebSocket, { headers }: IncomingMessage, options: SocketOptions): void {
  const kept = new Map<string, StoredResponse>();
  const gone = new AbortController();
  let isBusy = false;
  ws.on('close', () => gone.abort(new Error('the client went away')));
  ws.on('error', () => ws.terminate());
  ws.on('message', (data: RawData) => {
    if (isBusy) {
      const message = 'one response at a time: wait for the end of the one before';
      const error = new ApiError({ status: 409, code: 'response_in_progress', message });
      sendError(ws, error, options.streams);
      return;
    }
    isBusy = true;
    options.onTurn(1);
    void answer(ws, data, { headers, options, kept, signal: gone.signal }).finally(() => {
      isBusy = false;
      options.onTurn(-1);
    });
  });
}

interface Connection {
  /** Of the upgrade. */
  headers: IncomingMessage['headers'];
  options: SocketOptions;
  kept: Map<string, StoredResponse>;
  signal: AbortSignal;
}

/** Answers one message. Never throws. */
async function answer(ws: WebSocket, data: RawData, connection: Connection): Promise<void> {
  const { headers, options, kept, signal } = connection;
  const { services } = options;
  let previous: string | null | undefined;
  try {
    const caller = callerNow(headers, options.keys);
    const body = await bodyOf(data, options);
    previous = body.previous_response_id;
    options.admit(caller, {});
    const prepared = prepareTurn(body, { caller }, services, {
      find: (id) => kept.get(id) ?? findResponse(services, caller.tenant, id),
      onWhole: (stored) => keepFor(kept, stored),
    });
    for await (const event of turnEvents(prepared, { caller, signal }, services)) {
      if (ws.readyState !== ws.OPEN) return;
      if (!send(ws, event.data, options.streams)) return;
    }
  } catch (error) {
    if (typeof previous === 'string') kept.delete(previous);
    if (ws.readyState === ws.OPEN) sendError(ws, toApiError(error), options.streams);
  }
}

function keepFor(kept: Map<string, StoredResponse>, stored: StoredResponse): void {
  kept.set(String(stored.response['id']), stored);
  const [oldest] = kept.keys();
  if (kept.size > KEPT_MAX && oldest !== undefined) kept.delete(oldest);
}

/** Throws: ApiError 400. */
async function bodyOf(data: RawData, { bodies }: SocketOptions): Promise<ResponseBody> {
  const bytes = Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as ArrayBuffer);
  const value = await readBody(bytes, { type: 'json', encoding: undefined }, bodies);
  const { type, ...body } = (value ?? {}) as { type?: unknown };
  if (type !== 'response.create') {
    const message = "events of a client are of type 'response.create'";
    throw new ApiError({ status: 400, code: 'invalid_value', param: 'type', message });
  }
  for (const name of ['stream', 'stream_options', 'background']) {
    if (!Object.hasOwn(body, name)) continue;
    const message = `'${name}' has no meaning on a WebSocket`;
    throw new ApiError({ status: 400, code: 'unsupported_parameter', param: name, message });
  }
  checkBody(body);
  return body as ResponseBody;
}

function sendError(ws: WebSocket, { status, body }: ApiError, limits: StreamLimits): void {
  send(ws, { type: 'error', status, error: body.error }, limits);
}

/** Sends an event. False: its client reads too little of what it asks for, and is cut. */
function send(ws: WebSocket, event: unknown, { bufferedBytesMax }: StreamLimits): boolean {
  ws.send(JSON.stringify(event));
  if (ws.bufferedAmount <= bufferedBytesMax) return true;
  ws.terminate();
  return false;
}
