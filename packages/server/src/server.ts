/**
 * A server: models behind an app that listens, until it is closed or drained.
 *
 *     start ─▶ listening ─ drain ─▶ no new requests ─ last one done, or deadline ─▶ closed
 */
import { createHash, randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { BATCH_LINES_DEFAULT, BatchRunner } from './batches/batch-runner.ts';
import { ENDPOINTS } from './endpoints.ts';
import { checkVersion } from './cerebras/warming.ts';
import { ApiError } from './errors/api-error.ts';
import { FineTuning } from './fine-tuning/fine-tuning.ts';
import { BODY_LIMITS_DEFAULT } from './http/bodies.ts';
import type { BodyLimits } from './http/bodies.ts';
import { createApp, PROXY_KEEP_ALIVE_MS, SOCKET_LIMITS_DEFAULT } from './http/create-app.ts';
import type { AppOptions, RequestEnd, SocketLimits, TlsOptions } from './http/create-app.ts';
import { STREAM_LIMITS_DEFAULT } from './http/event-stream.ts';
import type { StreamLimits } from './http/event-stream.ts';
import { keyList } from './http/keys.ts';
import type { KeySource, KeySpec } from './http/keys.ts';
import { checkAddress, listening } from './http/listening.ts';
import type { ServedModelSpec } from './models/model-entry.ts';
import { ModelRegistry } from './models/model-shelf.ts';
import { ServerFigures } from './figures.ts';
import { waitMsOf } from './openai/service-tier.ts';
import { attachResponseSocket } from './responses/response-socket.ts';
import type { Services } from './services.ts';
import { openStores } from './store/open-stores.ts';
import type { Stores } from './store/open-stores.ts';
import type { Secrets } from './store/secrets.ts';
import { bothKeys, StoredKeys } from './tenants/stored-keys.ts';
import { Directory } from './tenants/directory.ts';
import { limitHeaders } from './usage/limit-headers.ts';
import { openMetering } from './usage/open-metering.ts';
import { withAdapterPrices } from './usage/prices.ts';
import type { Prices } from './usage/prices.ts';
import type { StoreOptions } from './store/store.ts';

export interface ServerOptions {
  models: readonly ServedModelSpec[];
  host?: string | undefined;
  /** 0 takes any that is free. Default: 8080. */
  port?: number | undefined;
  /** Without one, only loopback is listened to. */
  keys?: readonly KeySpec[] | KeySource | undefined;
  /** Names beside those of loopback that a Host header may have, where no key is needed. */
  hostNames?: readonly string[] | undefined;
  /** Ends TLS here. */
  tls?: TlsOptions | undefined;
  /** Whether something in front ends TLS. */
  isBehindProxy?: boolean | undefined;
  bodies?: Partial<BodyLimits> | undefined;
  streams?: Partial<StreamLimits> | undefined;
  sockets?: Partial<SocketLimits> | undefined;
  /** Where things are stored; memory without a folder. */
  store?: StoreOptions | undefined;
  /** Threads of a process that trains. Default: 1. */
  trainingThreads?: number | undefined;
  /** What tokens of a model cost. */
  prices?: Prices | undefined;
  version: string;
  logger: Logger;
  /** Told when a model has failed too often to be started again. */
  onBroken?: ((id: string, error: unknown) => void) | undefined;
}

/** A server that listens. */
export interface RunningServer {
  readonly url: string;
  readonly port: number;
  readonly services: Services;
  /** Takes nothing new, waits for what is under way at most that long, and closes. */
  drain(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost']);
const LOOPBACK_HOSTS = ['localhost', '127.0.0.1', '[::1]'];
const DRAIN_POLL_MS = 20;

/**
 * Starts a server; pinned models are loaded before it listens.
 * Throws: ApiError for options that are not safe, LINK_LISTEN, what starting a wafer throws.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const { logger, host = '127.0.0.1', port = 8080, isBehindProxy = false } = options;
  const state = { isDraining: false };
  let openCount = 0;
  const bodies = { ...BODY_LIMITS_DEFAULT, ...options.bodies };
  const stores = openStores(options.store, nowSeconds);
  const { services, runner, tuning } = makeServices(options, state, { stores, bodies });
  const listed = keySource(options.keys, stores.secrets);
  const keys = bothKeys(listed, services.keys, services.directory);
  const { models, figures } = services;
  const gate = {
    services,
    keys,
    hosts: keys.isOpen ? new Set([...LOOPBACK_HOSTS, ...(options.hostNames ?? [])]) : undefined,
    bodies,
    streams: { ...STREAM_LIMITS_DEFAULT, ...options.streams },
    admit: admission(models, state),
  };
  const app = createApp({
    ...gate,
    endpoints: ENDPOINTS,
    sockets: { ...SOCKET_LIMITS_DEFAULT, ...proxyLimits(isBehindProxy), ...options.sockets },
    ...{ tls: options.tls, isBehindProxy },
    logger,
    limitHeaders: ({ subjects = [] }) => limitHeaders(services.usage.limits.standings(subjects)),
    onEnd: (end) => {
      figures.request({ ...end, wasCut: end.stream?.wasCut === true });
      logRequest(logger, end);
    },
  });
  app.server.on('request', (_request, response) => {
    openCount++;
    response.once('close', () => openCount--);
  });
  const onTurn = (change: number): void => void (openCount += change);
  const endSockets = attachResponseSocket(app.server, { ...gate, onTurn });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (async () => {
      endSockets();
      app.server.closeAllConnections();
      await Promise.all([runner.close(), tuning.close()]);
      await Promise.all([app.close(), models.close()]);
      services.usage.ledger[Symbol.dispose]();
      stores.close();
    })();
    return closing;
  };
  try {
    checkExposure(host, keys, options);
    await checkAddress({ host, port });
    await models.start();
    await listening({ host, port }, () => app.listen({ host, port }));
    await tuning.open().then(() => runner.resume());
  } catch (error) {
    await close();
    throw error;
  }
  const bound = (app.server.address() as AddressInfo).port;
  const drain = async (deadlineMs: number): Promise<void> => {
    state.isDraining = true;
    logger.info({ openCount }, 'draining');
    await until(() => openCount === 0, deadlineMs);
    await close();
  };
  const scheme = options.tls ? 'https' : 'http';
  const url = `${scheme}://${host.includes(':') ? `[${host}]` : host}:${bound}`;
  return { url, port: bound, services, drain, close, [Symbol.asyncDispose]: close };
}

/** Lets a request on before its body is read, or refuses it. */
function admission(
  models: ModelRegistry,
  server: { readonly isDraining: boolean },
): AppOptions<Services>['admit'] {
  return (caller, headers, endpoint) => {
    checkVersion(headers);
    if (caller === undefined) return;
    if (server.isDraining) throw draining();
    if (endpoint?.isQueued !== true) return;
    const waitMs = waitMsOf(headers);
    // What is no time is told when the request is read.
    models.checkRoom(caller, Number.isNaN(waitMs) ? undefined : waitMs);
  };
}

function proxyLimits(isBehindProxy: boolean): Partial<SocketLimits> {
  return isBehindProxy ? { keepAliveMs: PROXY_KEEP_ALIVE_MS } : {};
}

/** Waits for something, at most that long. */
async function until(isDone: () => boolean, deadlineMs: number): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!isDone() && performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
  }
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

function makeServices(
  options: ServerOptions,
  server: { isDraining: boolean },
  { stores, bodies }: { stores: Stores; bodies: BodyLimits },
): { services: Services; runner: BatchRunner; tuning: FineTuning } {
  const { logger, version } = options;
  const figures = new ServerFigures();
  const models = new ModelRegistry(options.models, {
    onState: (id, state, error) => {
      if (state === 'absent' && error !== undefined) figures.restart(id);
      const { adapterOf } = models.entries.find(({ spec }) => spec.id === id) ?? {};
      const reason = error ? String(error) : undefined;
      logger.info({ model: id, state, adapterOf, error: reason }, 'model');
    },
    onBroken: (id, error) => options.onBroken?.(id, error),
    // Who drains would wait for a wafer that nobody asks.
    isEnding: () => server.isDraining,
  });
  const { store, recent, secrets } = stores;
  const services: Services = {
    ...{ models, figures, store, recent, secrets, nowSeconds, version },
    startedAtSeconds: nowSeconds(),
    newId: (prefix) => `${prefix}-${randomUUID().replaceAll('-', '')}`,
    keys: new StoredKeys(store, nowSeconds),
    directory: new Directory(store, nowSeconds),
    usage: openMetering(store, withAdapterPrices(options.prices ?? {}, options.models)),
    fingerprint: (id) => fingerprintOf(models, id),
    isDraining: () => server.isDraining,
    batches: {
      start: (tenant, id) => runner.start(tenant, id),
      stop: (tenant, id) => runner.stop(tenant, id),
    },
    fineTuning: {
      start: (tenant, id) => tuning.start(tenant, id),
      pause: (key) => tuning.pause(key),
      resume: (key) => tuning.resume(key),
      cancel: (key) => tuning.cancel(key),
      deleteModel: (id) => tuning.deleteModel(id),
      erase: (tenant) => tuning.erase(tenant),
    },
  };
  const lines = { linesMax: BATCH_LINES_DEFAULT, bodies };
  const runner = new BatchRunner(services, ENDPOINTS, lines);
  const { folder } = options.store ?? {};
  // Of a store in memory, what was trained ends with the server, too.
  const root = join(folder ?? join(tmpdir(), `wafer-${randomUUID()}`), 'fine-tuning');
  const { trainingThreads: threads = 1 } = options;
  const isTemporary = folder === undefined;
  const tuning = new FineTuning(services, { root, isTemporary, threads, logger });
  return { services, runner, tuning };
}

function keySource(keys: ServerOptions['keys'], secrets: Secrets): KeySource {
  return keys !== undefined && 'find' in keys && 'isOpen' in keys
    ? keys
    : keyList((keys ?? []) as readonly KeySpec[], (key) => secrets.keyId(key));
}

/** Throws: ApiError 400 where anybody on a network could ask, or listen. */
function checkExposure(host: string, keys: KeySource, options: ServerOptions): void {
  if (LOOPBACK.has(host)) return;
  const refuse = (message: string): never => {
    throw new ApiError({ status: 400, code: 'unsafe_address', param: 'host', message });
  };
  if (keys.isOpen) refuse(`${host} is no loopback address: give keys, or listen at 127.0.0.1`);
  if (options.isBehindProxy !== true && options.tls === undefined) {
    const ways = 'give a certificate, or put a proxy with TLS in front and say --behind-proxy';
    refuse(`${host} is no loopback address: ${ways}`);
  }
}

/** A digest of what answers to one seed depend on beside the request. */
function fingerprintOf(models: ModelRegistry, id: string): string {
  const wafer = models.entries.find(({ spec }) => spec.id === id)?.wafer;
  const options = wafer?.plan.options;
  const facts = [id, wafer?.model.name, wafer?.rounding, options?.activations, options?.kv];
  return `fp_${createHash('sha256').update(JSON.stringify(facts)).digest('hex').slice(0, 12)}`;
}

function logRequest(logger: Logger, end: RequestEnd): void {
  logger.info(end, 'request');
}

function draining(): ApiError {
  const message = 'the server is about to end; another may take the request';
  return new ApiError({ status: 503, code: 'draining', message, retryAfterSeconds: 1 });
}
