/**
 * For tests: a server with a very small model, called stories, and a key for each of three tenants.
 */
import { fileURLToPath } from 'node:url';
import { openModel, Wafer } from '@wafer/runtime';
import type { Model } from '@wafer/runtime';
import { pino } from 'pino';
import { checkAnswersOf } from '../../../test/serve/spec/checked-fetch.ts';
import { RESTARTS_DEFAULT } from '../src/models/restarts.ts';
import type { ServedModelSpec } from '../src/models/model-entry.ts';
import { withPlainTemplate } from '../src/models/plain-template.ts';
import { startServer } from '../src/server.ts';
import type { RunningServer, ServerOptions } from '../src/server.ts';

/** A trained model that takes little time. */
export const SMALL_MODEL: string = fileURLToPath(
  new URL('../../../test/models/stories260k/model.gguf', import.meta.url),
);

const TENANTS = ['first', 'second', 'ops'] as const;
export type TestTenant = (typeof TENANTS)[number];

/** The key of a tenant; that of `ops` has the role admin. */
export const keyOf = (tenant: TestTenant): string => `key-of-the-tenant-${tenant}`;

/** A template that knows of tools, as Hermes writes their calls, and of thinking. */
const TOOL_TEMPLATE =
  '{% for t in tools or [] %}{{ t.function.name }} {% endfor %}' +
  '{% for m in messages %}{{ m.content }}{% endfor %}{# <tool_call> enable_thinking #}';

function withTools(model: Model): Model {
  const config = { ...(model.tokenizer!.tokenizerConfig as object), chat_template: TOOL_TEMPLATE };
  return { ...model, tokenizer: { ...model.tokenizer!, tokenizerConfig: config } };
}

function specOf(id: string, change: (model: Model) => Model): ServedModelSpec {
  const start = (model: Model): Promise<Wafer> =>
    Wafer.start({ model: change(model), sequences: 8 });
  return {
    ...{ id, isPinned: true, idleMs: 1000, restarts: RESTARTS_DEFAULT },
    start: async () => start(await openModel(SMALL_MODEL)),
    training: { base: id, path: SMALL_MODEL, start },
  };
}

export const STORIES: ServedModelSpec = specOf('stories', withPlainTemplate);
/** The same model as one that calls tools. */
export const TOOLS: ServedModelSpec = specOf('tools', withTools);

/** Starts it; its answers are held to the specifications. */
export async function startTestServer(
  options: Partial<ServerOptions> = {},
): Promise<RunningServer> {
  const server = await startServer({
    models: [STORIES],
    port: 0,
    keys: TENANTS.map((tenant) => ({
      ...{ key: keyOf(tenant), tenant },
      role: tenant === 'ops' ? ('admin' as const) : ('user' as const),
    })),
    version: '0.0.0',
    logger: pino({ level: 'silent' }),
    ...options,
  });
  checkAnswersOf(server.url);
  return server;
}

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** What it is as JSON; empty if it is none. */
  body: Record<string, unknown>;
}

export interface Asker {
  ask(method: string, path: string, body?: unknown): Promise<Answer>;
}

/** Asks a server as a tenant. A body that is a form is sent as it is. */
export function asker(server: Pick<RunningServer, 'url'>, tenant: TestTenant): Asker {
  return askerWith(server, keyOf(tenant));
}

/** Asks a server with a key. */
export function askerWith(server: Pick<RunningServer, 'url'>, key: string): Asker {
  return {
    async ask(method, path, body) {
      const isForm = body instanceof FormData;
      const response = await fetch(server.url + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          ...(isForm || body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = response.headers.get('content-type')?.startsWith('application/json');
      const parsed = isJson === true ? (JSON.parse(text) as Record<string, unknown>) : {};
      return { status: response.status, headers: response.headers, text, body: parsed };
    },
  };
}
