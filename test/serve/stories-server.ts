/**
 * A server with a very small model, called stories, on a free port, and ways to ask it.
 */
import { openModel, Wafer } from '@wafer/runtime';
import type { WaferOptions } from '@wafer/runtime';
import { RESTARTS_DEFAULT, startServer, withPlainTemplate } from '@wafer/server';
import type { RunningServer, ServedModelSpec, ServerOptions } from '@wafer/server';
import { pino } from 'pino';
import { STORIES_260K } from '../golden/stories.ts';
import { checkAnswersOf } from './spec/checked-fetch.ts';

export const KEY = 'key-of-the-first-tenant';
export const OTHER_KEY = 'key-of-another-tenant';
export const ADMIN_KEY = 'key-of-an-administrator';

/** The keys of all test servers. */
export const KEYS = [
  { key: KEY, tenant: 'first' },
  { key: OTHER_KEY, tenant: 'second' },
  { key: ADMIN_KEY, tenant: 'ops', role: 'admin' as const },
];

/** The model `stories`, started with these options. */
export function storiesSpec(
  options: Omit<Partial<WaferOptions>, 'model'> = {},
  more: Partial<ServedModelSpec> = {},
): ServedModelSpec {
  return {
    id: 'stories',
    isPinned: true,
    idleMs: 60_000,
    restarts: RESTARTS_DEFAULT,
    start: async () => {
      const model = withPlainTemplate(await openModel(STORIES_260K));
      return Wafer.start({ model, ...options });
    },
    ...more,
  };
}

/** Starts a server with keys; its answers are held to the specifications. */
export async function storiesServer(
  more: Partial<ServerOptions> = {},
  options: Omit<Partial<WaferOptions>, 'model'> = {},
): Promise<RunningServer> {
  const server = await startServer({
    models: [storiesSpec(options)],
    port: 0,
    keys: KEYS,
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
    ...more,
  });
  checkAnswersOf(server.url);
  return server;
}

/** Sends a body as JSON, or gets without one. */
export async function ask(
  server: RunningServer,
  path: string,
  body?: unknown,
  more: { key?: string; headers?: Record<string, string>; signal?: AbortSignal } = {},
): Promise<Response> {
  const { key = KEY, headers = {}, signal } = more;
  return fetch(server.url + path, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(signal === undefined ? {} : { signal }),
  });
}

/** The events of a stream: their data, parsed, and whether `[DONE]` ends them. */
export async function eventsOf<Data>(
  response: Response,
): Promise<{ events: Data[]; isDone: boolean }> {
  const lines = (await response.text()).split('\n').filter((line) => line.startsWith('data: '));
  const isDone = lines.at(-1) === 'data: [DONE]';
  const rest = isDone ? lines.slice(0, -1) : lines;
  return { events: rest.map((line) => JSON.parse(line.slice(6)) as Data), isDone };
}
