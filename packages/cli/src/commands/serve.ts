/**
 * `wafer serve [MODEL]`: models behind the HTTP interfaces of OpenAI and Cerebras.
 *
 * Lines of JSON to standard error tell of requests, never of their texts. SIGTERM and Ctrl-C drain:
 * what is under way is finished, within a deadline; a second signal ends at once.
 */
import { readFileSync } from 'node:fs';
import { Option } from 'commander';
import type { Command } from 'commander';
import { pino } from 'pino';
import type { Logger } from 'pino';
import { Wafer } from '@wafer/runtime';
import {
  ApiError,
  IDLE_MS_DEFAULT,
  RESTARTS_DEFAULT,
  startServer,
  withPlainTemplate,
} from '@wafer/server';
import type { KeySpec, ServedModelSpec } from '@wafer/server';
import { STORIES_NAME } from '@wafer/stories';
import { Interrupted, UsageError } from '../failures.ts';
import { openNamedModel } from '../named-model.ts';
import { collect, readCount, readWhole } from '../option-values.ts';
import { packageVersion } from '../package-version.ts';
import { takeSignals } from '../signals.ts';
import { dataKeyAt } from '../store-flags.ts';
import type { Terminal } from '../terminal.ts';
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
    .option('--port <n>', 'port to listen at; 0 takes a free one', readWhole, 8080)
    .option('--model <name=model>', 'one more, loaded when it is first asked for', collect)
    .option('--pin <name>', 'keep this one loaded', collect)
    .option('--idle-minutes <n>', 'drop a model that nobody asked (default: 10)', readCount)
    .option('--keys-file <file>', 'JSON list of keys; needed beyond loopback')
    .option('--host-name <name>', 'one more name that a Host header may have', collect)
    .addOption(new Option('--behind-proxy', 'something in front ends TLS'))
    .option('--data <folder>', 'keep what clients store here; without it, in memory')
    .option('--data-key-file <file>', 'encrypt it with this key: 32 bytes, or 64 hex digits')
    .option('--drain-seconds <n>', 'what a signal leaves to open requests', readWhole, 30);
  addLinkOptions(addWaferOptions(command))
    .addHelpText('after', EXAMPLES)
    .action((model: string | undefined, flags: ServeFlags) => serve(model, flags, terminal));
}

async function serve(
  named: string | undefined,
  flags: ServeFlags,
  terminal: Terminal,
): Promise<void> {
  const logger = pino({ name: 'wafer' }, pino.destination({ dest: 2, sync: false }));
  const ended = Promise.withResolvers<Interrupted | Error>();
  let signalCount = 0;
  using _signals = takeSignals((reason) => {
    ended.resolve(reason);
    return ++signalCount > 1;
  });
  const server = await startServer({
    models: modelSpecs(named ?? STORIES_NAME, flags, logger),
    host: flags.host,
    port: flags.port,
    keys: flags.keysFile === undefined ? undefined : readKeys(flags.keysFile),
    hostNames: flags.hostName,
    isBehindProxy: flags.behindProxy,
    store: { folder: flags.data, dataKey: dataKeyOf(flags) },
    version: packageVersion(),
    logger,
    onBroken: (id, error) => ended.resolve(brokenError(id, error)),
  }).catch((error: unknown) => {
    throw error instanceof ApiError ? new UsageError(error.message) : error;
  });
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
  const pinned = new Set([all[0]!.name, ...(flags.pin ?? [])]);
  for (const name of pinned) {
    if (!all.some((one) => one.name === name)) throw new UsageError(`--pin ${name}: no such model`);
  }
  if (new Set(all.map(({ name }) => name)).size < all.length) {
    throw new UsageError('two models have one name; give --model another NAME');
  }
  const { idleMinutes } = flags;
  return all.map(({ name, model }) => ({
    id: name,
    isPinned: pinned.has(name),
    idleMs: idleMinutes === undefined ? IDLE_MS_DEFAULT : idleMinutes * 60_000,
    restarts: RESTARTS_DEFAULT,
    start: async () => {
      const opened = withPlainTemplate(await openNamedModel(model, flags.dtype));
      return Wafer.start(waferSettings(opened, flags, { logger }).options);
    },
  }));
}

/** What clients call a model that was given by a path: its file's or folder's name. */
function servedName(model: string): string {
  const isPath = model.startsWith('.') || model.startsWith('/') || /\.gguf$/i.test(model);
  const name = isPath ? (model.split(/[\\/]/).filter(Boolean).at(-1) ?? model) : model;
  return name.replace(/\.gguf$/i, '');
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
  const isKey = (one: unknown): boolean => {
    const { key, tenant } = (one ?? {}) as Record<string, unknown>;
    return typeof key === 'string' && key.length >= KEY_LENGTH_MIN && typeof tenant === 'string';
  };
  if (Array.isArray(value) && value.length > 0 && value.every(isKey)) return value as KeySpec[];
  throw new UsageError(
    `--keys-file ${path}: a list of { key, tenant }, keys of ${KEY_LENGTH_MIN} or more characters`,
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
