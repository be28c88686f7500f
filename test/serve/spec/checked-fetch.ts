/**
 * Holds every answer of a test server to the specifications: `fetch` reads along, whole bodies and
 * events of streams, and fails where one is not as it should be.
 *
 * Streams are read as they pass, so that leaving one still ends it. Anthropic's and Ollama's
 * interfaces, and our own endpoints, have no schema here.
 */
import { eventFaults, faultsOf } from './schemas.ts';
import type { Spec } from './schemas.ts';

/** What a route answers: the schema of a whole body, and of a stream's events. */
interface Shape {
  method: string;
  path: RegExp;
  /** The schema of a body; `list`: a page of what `items` is; `gone`: what was deleted. */
  whole: string;
  /** `responses`: events by their types, in both specifications. */
  chunk?: string;
  /** The schema of what a page lists. */
  items?: Schema;
}
type Schema = readonly [spec: Spec, name: string];

const ID = '[^/]+';
const shape = (route: string, whole: string, chunk?: string): Shape => {
  const [method = '', path = ''] = route.split(' ');
  const pattern = new RegExp(`^${path.replaceAll(':id', ID)}$`);
  return { method, path: pattern, whole, ...(chunk && { chunk }) };
};

/** A page of what has a schema; its own is not among those that are kept here. */
const list = (route: string, ...items: Schema): Shape => ({ ...shape(route, 'list'), items });

const CHAT = 'CreateChatCompletionResponse';
const SHAPES: readonly Shape[] = [
  shape('POST /v1/chat/completions', CHAT, 'CreateChatCompletionStreamResponse'),
  shape('GET /v1/chat/completions/:id', CHAT),
  shape('POST /v1/chat/completions/:id', CHAT),
  list('GET /v1/chat/completions', 'openai', CHAT),
  list('GET /v1/chat/completions/:id/messages', 'openai', 'ChatCompletionRequestMessage'),
  shape('DELETE /v1/chat/completions/:id', 'gone'),
  shape('POST /v1/completions', 'CreateCompletionResponse', 'CreateCompletionResponse'),
  shape('POST /v1/embeddings', 'CreateEmbeddingResponse'),
  shape('GET /v1/models', 'ListModelsResponse'),
  shape('GET /v1/models/:id', 'Model'),
  shape('DELETE /v1/models/:id', 'DeleteModelResponse'),
  shape('POST /v1/files', 'OpenAIFile'),
  shape('GET /v1/files', 'ListFilesResponse'),
  shape('GET /v1/files/:id', 'OpenAIFile'),
  shape('DELETE /v1/files/:id', 'DeleteFileResponse'),
  shape('POST /v1/uploads', 'Upload'),
  shape('POST /v1/uploads/:id/(complete|cancel)', 'Upload'),
  shape('POST /v1/uploads/:id/parts', 'UploadPart'),
  shape('POST /v1/batches', 'Batch'),
  shape('GET /v1/batches', 'ListBatchesResponse'),
  shape('GET /v1/batches/:id', 'Batch'),
  shape('POST /v1/batches/:id/cancel', 'Batch'),
  shape('POST /v1/responses', 'Response', 'responses'),
  shape('GET /v1/responses/:id', 'Response', 'responses'),
  shape('POST /v1/responses/:id/cancel', 'Response'),
  shape('POST /v1/responses/compact', 'compact'),
  list('GET /v1/responses/:id/input_items', 'openResponses', 'ItemField'),
  shape('DELETE /v1/responses/:id', 'gone'),
  shape('POST /v1/responses/input_tokens', 'TokenCountsResource'),
  shape('POST /v1/fine_tuning/jobs', 'FineTuningJob'),
  shape('GET /v1/fine_tuning/jobs', 'ListPaginatedFineTuningJobsResponse'),
  shape('GET /v1/fine_tuning/jobs/:id', 'FineTuningJob'),
  shape('POST /v1/fine_tuning/jobs/:id/(cancel|pause|resume)', 'FineTuningJob'),
  shape('GET /v1/fine_tuning/jobs/:id/events', 'ListFineTuningJobEventsResponse'),
  shape('GET /v1/fine_tuning/jobs/:id/checkpoints', 'ListFineTuningJobCheckpointsResponse'),
];
/** Anthropic's messages have errors of their own. */
const HAS_ERRORS = /^\/v1\/(?!messages)/;

const watched = new Set<string>();
const MARK = Symbol.for('wafer.checked-fetch');

/** Holds what a server answers from now on to the specifications. */
export function checkAnswersOf(url: string): void {
  watched.add(new URL(url).origin);
  if (MARK in globalThis.fetch) return;
  const plain = globalThis.fetch;
  const checked: typeof fetch = async (input, init) => {
    const response = await plain(input, init);
    const url = new URL(typeof input === 'string' || input instanceof URL ? input : input.url);
    if (!watched.has(url.origin)) return response;
    const method = init?.method ?? (input instanceof Request ? input.method : 'GET');
    return read(response, `${method.toUpperCase()} ${pathOf(url)}`);
  };
  globalThis.fetch = Object.assign(checked, { [MARK]: true });
}

/**
 * Compiles the schemas of responses, a second of work: before there are connections, since on a
 * busy machine those that are idle meanwhile are closed.
 */
export function prepareChecks(): void {
  wholeFaults('Response', {});
  for (const spec of ['openai', 'openResponses'] as const) {
    eventFaults(spec, { type: 'response.created' });
  }
}

/** The same path for all who have another prefix. */
function pathOf({ pathname }: URL): string {
  const path = pathname.replace(/^\/openai(?=\/)/, '');
  return path.startsWith('/chat/') ? `/v1${path}` : path;
}

async function read(response: Response, route: string): Promise<Response> {
  const [method = '', path = ''] = route.split(' ');
  const type = response.headers.get('content-type') ?? '';
  const known = SHAPES.find((one) => one.method === method && one.path.test(path));
  if (type.startsWith('text/event-stream')) {
    return known?.chunk === undefined ? response : readAlong(response, route, known.chunk);
  }
  if (!type.startsWith('application/json')) return response;
  const name = response.ok ? known?.whole : HAS_ERRORS.test(path) ? 'ErrorResponse' : undefined;
  if (name === undefined || response.status === 204) return response;
  const body: unknown = await response.clone().json();
  complain(route, wholeFaults(name, body, known?.items), body);
  return response;
}

function wholeFaults(name: string, body: unknown, items?: Schema): string[] {
  if (items !== undefined && name === 'list') return pageFaults(body as Page, items);
  if (name === 'gone') return goneFaults(body as Record<string, unknown>);
  if (name === 'compact') return faultsOf('openResponses', 'CompactResource', body);
  const faults = faultsOf('openai', name, asSpecified(name, body));
  if (name === 'Response')
    faults.push(...faultsOf('openResponses', 'ResponseResource', asOpen(body)));
  return faults;
}

interface Page {
  object: string;
  data: { id: string }[];
  first_id: string;
  last_id: string;
  has_more: boolean;
}

/** Faults of a page, and of each of its items. */
function pageFaults(page: Page, [spec, name]: Schema): string[] {
  const { data } = page;
  const { object, first_id: first, last_id: last, has_more: hasMore } = page;
  const told = [object, first, last, typeof hasMore];
  const due = ['list', data[0]?.id ?? '', data.at(-1)?.id ?? '', 'boolean'];
  const own = JSON.stringify(told) === JSON.stringify(due) ? [] : [`a page is ${String(told)}`];
  return [...own, ...data.flatMap((item) => faultsOf(spec, name, item))];
}

/** Faults of what tells that something was deleted. */
function goneFaults({ id, object, deleted, ...rest }: Record<string, unknown>): string[] {
  const isGone = typeof id === 'string' && String(object).endsWith('.deleted') && deleted === true;
  return isGone && Object.keys(rest).length === 0 ? [] : ['not what tells of a deletion'];
}

/**
 * The specifications differ: usage that is not known yet is null in Open Responses and, as both are
 * answered, from OpenAI; its schema has it absent.
 */
function withoutUsage(body: unknown): unknown {
  const { usage, ...rest } = body as { usage?: unknown };
  return usage === null ? rest : body;
}

/** They differ on schemas of answers, too: Open Responses wants null where OpenAI's tells one. */
function asOpen(body: unknown): unknown {
  const { text, ...rest } = body as { text?: { format?: { type: string } } };
  const isSchema = text?.format?.type === 'json_schema';
  return isSchema ? { ...rest, text: { format: { type: 'text' } } } : body;
}

/** A body without what OpenAI answers, clients rely on, and the schema does not know. */
function asSpecified(name: string, body: unknown): unknown {
  if (name === 'CreateEmbeddingResponse') return withNumbers(body as Vectors);
  if (name === 'CreateCompletionResponse') return withEnds(body as Texts);
  if (name === 'FineTuningJob') return withoutPause(body as Job);
  return withoutUsage(body);
}

type Job = { status: string };

/** A job can be paused; its list of states has none for it. */
function withoutPause(job: Job): unknown {
  return job.status === 'paused' ? { ...job, status: 'queued' } : job;
}

type Vectors = { data: { embedding: unknown }[] };

/** Vectors may be asked for in base64. */
function withNumbers({ data, ...rest }: Vectors): unknown {
  const numbers = data.map((one) =>
    typeof one.embedding === 'string' ? { ...one, embedding: [] } : one,
  );
  return { ...rest, data: numbers };
}

interface Texts {
  choices: {
    finish_reason: string | null;
    logprobs: { token_logprobs: unknown[]; top_logprobs: unknown[] } | null;
  }[];
}

/** The first token of an echoed prompt has no logprob; a text that goes on has no end yet. */
function withEnds({ choices, ...rest }: Texts): unknown {
  const ended = choices.map((choice) => {
    const { finish_reason: finish, logprobs } = choice;
    const [first, ...others] = logprobs?.token_logprobs ?? [];
    const isEchoed = logprobs !== null && first === null;
    const given = isEchoed && {
      ...logprobs,
      ...{ token_logprobs: others, top_logprobs: logprobs.top_logprobs.slice(1) },
    };
    return { ...choice, finish_reason: finish ?? 'stop', ...(given && { logprobs: given }) };
  });
  return { ...rest, choices: ended };
}

function complain(route: string, faults: readonly string[], value: unknown): void {
  if (faults.length === 0) return;
  const text = JSON.stringify(value).slice(0, 2000);
  throw new Error(`${route} is not as the specification says:\n${faults.join('\n')}\n${text}`);
}

/** The response, its events read as they pass. */
function readAlong(response: Response, route: string, chunk: string): Response {
  const decoder = new TextDecoder();
  let text = '';
  const reader = new TransformStream<Uint8Array, Uint8Array>({
    transform: (bytes, controller) => {
      text += decoder.decode(bytes, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) complain(route, chunkFaults(chunk, event), event);
      controller.enqueue(bytes);
    },
  });
  const { status, headers } = response;
  return new Response(response.body!.pipeThrough(reader), { status, headers });
}

function chunkFaults(chunk: string, event: string): string[] {
  const data = /^data: (.*)$/m.exec(event)?.[1];
  if (data === undefined || data === '[DONE]') return [];
  const value = JSON.parse(data) as { error?: unknown; type?: string };
  if (chunk === 'responses') return responseEventFaults(value);
  if (value.error !== undefined) return faultsOf('openai', 'ErrorResponse', value);
  return faultsOf('openai', chunk, asSpecified(chunk, value));
}

/**
 * What is wrong with an event of a response, by both specifications. They call what is told of
 * reasoning by two names; it is answered by OpenAI's, which its clients know.
 */
export function responseEventFaults(value: { type?: string; response?: unknown }): string[] {
  const { type = '', response } = value;
  const isWhole = response !== undefined;
  const own = isWhole ? { ...value, response: withoutUsage(response) } : value;
  const open = isWhole ? { ...value, response: asOpen(response) } : value;
  const named = { ...open, type: type.replace('.reasoning_text.', '.reasoning.') };
  return [...eventFaults('openai', own), ...eventFaults('openResponses', named)];
}
