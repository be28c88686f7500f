/**
 * `wafer serve [MODEL]`: models behind the HTTP interfaces of OpenAI and Cerebras.
 *
 * Lines of JSON to standard error tell of requests, never of their texts. SIGTERM and Ctrl-C drain:
 * what is under way is finished, within a deadline; a second signal, or one while models load, ends
 * at once.
 */
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import type { Logger } from 'pino';
import { requantize } from '@wafer/models';
import { Wafer } from '@wafer/runtime';
import type { Model, Reservation } from '@wafer/runtime';
import {
  adapterModel,
  ApiError,
  IDLE_MS_DEFAULT,
  LIMIT_NAMES,
  RESTARTS_DEFAULT,
  startServer,
  withPlainTemplate,
} from '@wafer/server';
import type { KeySpec, ServedModelSpec, ServerOptions } from '@wafer/server';
import { STORIES_NAME } from '@wafer/stories';
import { LOW_RANK_PANEL, reasonOf } from '@wafer/core';
import { loadAdapters, namedAdapters, readableAdapters, roomFor } from '../flags/adapter-flags.ts';
import type { FreeSlots, NamedAdapter } from '../flags/adapter-flags.ts';
import { Interrupted, UsageError } from '../failures/failures.ts';
import { openNamedModel, pulledModels } from '../models/named-model.ts';
import { collect, readCount, readPort, readWhole } from '../flags/option-values.ts';
import { refuseOutbound } from '../models/offline.ts';
import { packageVersion } from '../package-version.ts';
import { readServeConfig } from '../flags/serve-config.ts';
import type { ServeExtras } from '../flags/serve-config.ts';
import { serverLog } from '../server-log.ts';
import { takeSignals } from '../failures/signals.ts';
import { dataKeyAt } from '../flags/store-flags.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { addLinkOptions, addWaferOptions, waferSettings } from '../wafer-options.ts';
import type { WaferFlags } from '../wafer-options.ts';

interface ServeFlags extends WaferFlags {
  host: string;
  port: number;
  model?: string[];
  pin?: string[];
  idleMinutes?: number;
  keysFile?: string;
  hostName?: string[];
  behindProxy?: true;
  tlsCert?: string;
  tlsKey?: string;
  tlsClientCa?: string;
  offline?: true;
  config?: string;
  dedicate?: string[];
  adapter?: string[];
  adapterSlots: number;
  adapterRank?: number;
  data?: string;
  dataKeyFile?: string;
  drainSeconds: number;
}

const EXAMPLES = `
Examples:
  wafer serve
  wafer serve ./model --port 8000
  wafer serve ./model.gguf --model small=stories --pin small
  wafer serve ./model --host 0.0.0.0 --keys-file keys.json --behind-proxy

Ask it with any client of OpenAI's interface, with http://127.0.0.1:8080/v1 as its base URL.
A file of keys is a list: [{ "key": "…", "tenant": "name", "role": "user" }, …].`;

export function addServe(program: Command, terminal: Terminal): void {
  const command = program
    .command('serve')
    .summary('answer over HTTP')
    .description("Serves models behind OpenAI's and Cerebras' HTTP interfaces.")
    .argument('[model]', 'folder, .gguf file, name or synthetic:15m; without one: stories')
    .option('--host <address>', 'address to listen at', '127.0.0.1')
    .option('--port <n>', 'port to listen at; 0 takes a free one', readPort, 8080)
    .option('--model <name=model>', 'one more, loaded when it is first asked for', collect)
    .option('--adapter <name=path>', 'one more, served from the first model', collect)
    .option('--adapter-slots <n>', 'free ones, for what fine-tuning makes', readWhole, 0)
    .option('--adapter-rank <n>', 'largest rank that they take (default: 16)', readCount)
    .option('--pin <name>', 'keep this one loaded', collect)
    .option('--idle-minutes <n>', 'drop a model that nobody asked (default: 10)', readCount)
    .option('--keys-file <file>', 'JSON list of keys; needed beyond loopback')
    .option('--host-name <name>', 'one more name that a Host header may have', collect)
    .addOption(new Option('--behind-proxy', 'something in front ends TLS'))
    .option('--tls-cert <file>', 'certificate, PEM: TLS 1.3 ends here')
    .option('--tls-key <file>', 'its key, PEM')
    .option('--tls-client-ca <file>', 'who signs certificates that clients then must have')
    .option('--offline', 'connect nowhere beyond this machine')
    .option('--dedicate <tenant=slots:tokens>', 'slots and KV tokens of the first model', collect)
    .option('--data <folder>', 'keep what clients store here; without it, in memory')
    .option('--data-key-file <file>', 'encrypt it with this key: 32 bytes, or 64 hex digits')
    .option('--config <file>', 'more options, as a module (default: ./wafer.config.ts, if there)')
    .option('--drain-seconds <n>', 'what a signal leaves to open requests', readWhole, 30);
  addLinkOptions(addWaferOptions(command))
    .addHelpText('after', EXAMPLES)
    .action(async (model: string | undefined, { config }: ServeFlags) => {
      const extras = await readServeConfig(command, config);
      return serve(model, { ...command.opts<ServeFlags>(), ...extras }, terminal);
    });
}

async function serve(
  named: string | undefined,
  flags: ServeFlags & ServeExtras,
  terminal: Terminal,
): Promise<void> {
  using _offline = flags.offline ? refuseOutbound() : undefined;
  const logger = serverLog(2);
  const ended = Promise.withResolvers<Interrupted | Error>();
  // Nothing is under way before it serves: then the first signal ends it.
  let isServing = false;
  let early: Interrupted | undefined;
  let signalCount = 0;
  using _signals = takeSignals((reason) => {
    if (!isServing) early = reason;
    ended.resolve(reason);
    return !isServing || ++signalCount > 1;
  });
  const server = await startServer({
    models: modelSpecs(named ?? STORIES_NAME, flags, logger),
    host: flags.host,
    port: flags.port,
    keys: keysOf(flags),
    tls: tlsOf(flags),
    prices: flags.prices,
    hostNames: flags.hostName,
    isBehindProxy: flags.behindProxy,
    store: { folder: flags.data, dataKey: dataKeyOf(flags) },
    version: packageVersion(),
    logger,
    onBroken: (id, error) => ended.resolve(brokenError(id, error)),
  }).catch((error: unknown) => {
    throw error instanceof ApiError ? new UsageError(error.message) : error;
  });
  if (early !== undefined) {
    await server.close();
    throw early;
  }
  isServing = true;
  const ids = server.services.models.entries.map(({ spec }) => spec.id);
  terminal.say(`wafer: serving ${ids.join(', ')} at ${server.url}/v1`);
  const end = await ended.promise;
  await server.drain(flags.drainSeconds * 1000);
  if (!(end instanceof Interrupted)) throw end;
}

/** The first model is pinned; others as asked. Throws: UsageError. */
function modelSpecs(first: string, flags: ServeFlags, logger: Logger): ServedModelSpec[] {
  const more = (flags.model ?? []).map((text) => {
    const [, name, model] = /^([A-Za-z0-9_.:@/-]+)=(.+)$/.exec(text) ?? [];
    if (name !== undefined && model !== undefined) return { name, model };
    throw new UsageError(`--model ${text}: give NAME=MODEL`);
  });
  const all = [{ name: servedName(first), model: first }, ...more];
  const adapters = namedAdapters(flags.adapter ?? []);
  const pinned = new Set([all[0]!.name, ...(flags.pin ?? [])]);
  for (const name of pinned) {
    if (!all.some((one) => one.name === name)) throw new UsageError(`--pin ${name}: no such model`);
  }
  const names = [...all, ...adapters].map(({ name }) => name);
  if (new Set(names).size < names.length) {
    throw new UsageError('two models have one name; give --model or --adapter another NAME');
  }
  const free = freeSlots(flags);
  const { idleMinutes } = flags;
  const dedicated = (flags.dedicate ?? []).map(readDedicated);
  const startWith = async (model: Model, more: StartMore = {}): Promise<Wafer> => {
    const { reservations = [], adapters: own = [], free } = more;
    const room = { logger, adapters: roomFor(model, own, free) };
    const { options } = waferSettings(withPlainTemplate(model), flags, room);
    const wafer = await Wafer.start({ ...options, reservations });
    try {
      await loadAdapters(wafer, own);
    } catch (error) {
      await wafer.close();
      throw error;
    }
    return wafer;
  };
  const quantized = (model: Model): Model =>
    flags.dtype === undefined ? model : requantize(model, flags.dtype);
  // Started anew, the first model runs on without the adapters that are gone.
  let hasStarted = false;
  const onLost = (name: string, error: unknown): void => {
    logger.error({ model: name, error: String(error) }, 'adapter');
  };
  const specs = all.map(({ name, model }, at): ServedModelSpec => ({
    id: name,
    isPinned: pinned.has(name),
    idleMs: idleMinutes === undefined ? IDLE_MS_DEFAULT : idleMinutes * 60_000,
    restarts: RESTARTS_DEFAULT,
    reservations: at === 0 ? dedicated : [],
    start: async () => {
      const opened = await openNamedModel(model, flags.dtype);
      if (at > 0) return startWith(opened, { free });
      const found = hasStarted ? readableAdapters(opened, adapters, onLost) : adapters;
      const wafer = await startWith(opened, { reservations: dedicated, adapters: found, free });
      hasStarted = true;
      return wafer;
    },
    training: {
      ...{ base: name, path: model, modelsFolder: pulledModels() },
      start: (trained) => startWith(quantized(trained)),
    },
  }));
  return [...specs, ...adapters.map(({ name }) => adapterModel(specs[0]!, name))];
}

/** What models that are named are started with; the first alone with more than slots. */
interface StartMore {
  free?: FreeSlots;
  reservations?: Reservation[];
  adapters?: NamedAdapter[];
}

/** Slots for what fine-tuning makes. Throws: UsageError. */
function freeSlots({ adapterSlots: count, adapterRank: rank }: ServeFlags): FreeSlots {
  if (count > 0 || rank === undefined) return { count, rank: rank ?? LOW_RANK_PANEL };
  throw new UsageError(`--adapter-rank ${rank} needs --adapter-slots: the slots it is the rank of`);
}

/** What `--dedicate` says. Throws: UsageError. */
function readDedicated(text: string): Reservation {
  const [, tenant = '', slots, tokens] = /^([A-Za-z0-9_.-]+)=(\d+):(\d+)$/.exec(text) ?? [];
  if (tenant !== '') return { tenant, slots: Number(slots), kvTokens: Number(tokens) };
  throw new UsageError(`--dedicate ${text}: give TENANT=SLOTS:TOKENS, as acme=4:8192`);
}

/** What clients call a model that was given by a path: its file's or folder's name. */
function servedName(model: string): string {
  const isPath = model.startsWith('.') || model.startsWith('/') || /\.gguf$/i.test(model);
  const name = isPath ? (model.split(/[\\/]/).filter(Boolean).at(-1) ?? model) : model;
  return name.replace(/\.gguf$/i, '');
}

/** Throws: UsageError. */
function tlsOf({ tlsCert, tlsKey, tlsClientCa }: ServeFlags): ServerOptions['tls'] {
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined;
  if (tlsCert === undefined || tlsKey === undefined) {
    throw new UsageError('--tls-cert and --tls-key go together, and --tls-client-ca with them');
  }
  return {
    cert: readPem(tlsCert, '--tls-cert'),
    key: readPem(tlsKey, '--tls-key'),
    clientCa: tlsClientCa === undefined ? undefined : readPem(tlsClientCa, '--tls-client-ca'),
  };
}

/** Throws: UsageError. */
function readPem(path: string, flag: string): Uint8Array {
  try {
    const bytes = readFileSync(path);
    if (bytes.includes('-----BEGIN ')) return bytes;
  } catch (error) {
    throw new UsageError(`${flag} ${path}: ${reasonOf(error)}`, { cause: error });
  }
  throw new UsageError(`${flag} ${path}: it is no PEM, which has a line -----BEGIN …`);
}

/** Keys of the file, and those of the configuration. Throws: UsageError. */
function keysOf({ keysFile, keys = [] }: ServeFlags & ServeExtras): KeySpec[] {
  const read = keysFile === undefined ? [] : readKeys(keysFile);
  return [...read, ...checkedKeys(keys, 'keys of the configuration')];
}

/** Throws: UsageError. */
function readKeys(path: string): KeySpec[] {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    const { message } = error as Error;
    throw new UsageError(`--keys-file ${path}: ${message}`, { cause: error });
  }
  // A file without a key would let everybody in.
  const keys = checkedKeys(value, `--keys-file ${path}`);
  if (keys.length > 0) return keys;
  throw new UsageError(`--keys-file ${path}: it has no key`);
}

/** Throws: UsageError. */
function checkedKeys(value: unknown, what: string): KeySpec[] {
  const isKey = (one: unknown): boolean => {
    const { key, tenant, limits = {} } = (one ?? {}) as Record<string, unknown>;
    const isLimit = (name: string): boolean => (LIMIT_NAMES as readonly string[]).includes(name);
    if (typeof limits !== 'object' || !Object.keys(limits ?? {}).every(isLimit)) return false;
    return typeof key === 'string' && key.length >= KEY_LENGTH_MIN && typeof tenant === 'string';
  };
  if (Array.isArray(value) && value.every(isKey)) return value as KeySpec[];
  throw new UsageError(
    `${what}: a list of { key, tenant, limits }, keys of ${KEY_LENGTH_MIN} or more characters, ` +
      `limits of ${LIMIT_NAMES.join(', ')}`,
  );
}

/** Throws: UsageError, STORE_KEY_FILE. */
function dataKeyOf({ data, dataKeyFile: path }: ServeFlags): Uint8Array | undefined {
  if (path !== undefined && data === undefined) {
    throw new UsageError('--data-key-file needs --data');
  }
  return dataKeyAt(path, '--data-key-file');
}

const KEY_LENGTH_MIN = 16;

function brokenError(id: string, error: unknown): Error {
  return Error.isError(error) ? error : new Error(`the model ${id} cannot be started`);
}
