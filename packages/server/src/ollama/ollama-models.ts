/**
 * Ollama's `/api/{tags,show,ps,pull,version}`, and vectors: what is served, and what is loaded.
 *
 * Models are named when the server starts: none is fetched, made, copied or deleted by a request.
 */
import { createHash } from 'node:crypto';
import { lowRankBytes } from '@wafer/core';
import { weightBytes } from '@wafer/runtime/internal';
import { chatTemplate } from '@wafer/text';
import { ApiError, invalidParam, unsupportedParam } from '../errors/api-error.ts';
import { json } from '../http/route.ts';
import type { Call, Endpoint, Reply, ServerEvent } from '../http/route.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import type { Services } from '../services.ts';
import { meteredVectors } from '../openai/embeddings.ts';
import { withLease } from '../with-lease.ts';
import { modelId, ollamaError } from './ollama-answers.ts';
import { keepModel } from './ollama-request.ts';
import { NAMED_BODY, VECTOR_BODY, VECTORS_BODY } from './ollama-schema.ts';
import type { OllamaVectors } from './ollama-schema.ts';

const shared = { access: 'user', errorBody: ollamaError } as const;

/** What is known of a model: all of it once it is loaded. */
function modelBody(entry: ModelEntry, atSeconds: number): Record<string, unknown> {
  const { spec } = entry;
  return {
    ...{ name: spec.id, model: spec.id },
    modified_at: new Date(atSeconds * 1000).toISOString(),
    size: sizeOf(entry),
    digest: createHash('sha256').update(spec.id).digest('hex'),
    details: detailsOf(entry),
  };
}

/** Bytes of its weights; of an adapter, those of its slot. */
function sizeOf({ adapterOf, wafer }: ModelEntry): number {
  if (wafer === undefined) return 0;
  if (adapterOf === undefined) return weightBytes(wafer.model);
  const shares = wafer.plan.tiles.flatMap(({ adapters }) => adapters);
  return shares.reduce((sum, { rows, columns, place }) => {
    const { a, b } = lowRankBytes({ rows: rows.count, columns: columns.count }, place.rank);
    return sum + a + b;
  }, 0);
}

function detailsOf({ adapterOf, wafer }: ModelEntry): Record<string, unknown> {
  const family = wafer?.model.spec.family ?? '';
  const count = wafer === undefined ? 0 : parameterCount(wafer.model);
  return {
    ...{ parent_model: adapterOf ?? '', format: 'wafer' },
    ...{ family, families: family === '' ? [] : [family] },
    parameter_size: count === 0 ? '' : sizeText(count),
    quantization_level: wafer === undefined ? '' : mainType(wafer.model),
  };
}

type Model = NonNullable<ModelEntry['wafer']>['model'];

type Tensors = Model['source']['tensors'];

const weightsOf = ({ rows, columns }: Tensors[string]): number => rows * columns;

function parameterCount({ source }: Model): number {
  return Object.values(source.tensors).reduce((sum, tensor) => sum + weightsOf(tensor), 0);
}

/** The type of most weights. */
function mainType({ source }: Model): string {
  const counts = new Map<string, number>();
  for (const tensor of Object.values(source.tensors)) {
    counts.set(tensor.type, (counts.get(tensor.type) ?? 0) + weightsOf(tensor));
  }
  const [largest] = [...counts].toSorted(([, a], [, b]) => b - a);
  return (largest?.[0] ?? '').toUpperCase();
}

function sizeText(count: number): string {
  const [by, unit] = count >= 1e9 ? [1e9, 'B'] : count >= 1e6 ? [1e6, 'M'] : [1e3, 'K'];
  return `${(count / by).toFixed(1)}${unit}`;
}

export const OLLAMA_TAGS: Endpoint<Services> = {
  ...shared,
  method: 'GET',
  path: '/api/tags',
  summary: 'Lists the models, as Ollama does',
  handler: ({ caller }, { models, startedAtSeconds }) =>
    json({ models: models.entriesOf(caller).map((entry) => modelBody(entry, startedAtSeconds)) }),
};

export const OLLAMA_PS: Endpoint<Services> = {
  ...shared,
  method: 'GET',
  path: '/api/ps',
  summary: 'Lists the models that are loaded',
  handler: ({ caller }, { models, startedAtSeconds, nowSeconds }) => {
    const loaded = models.entriesOf(caller).filter(({ wafer }) => wafer !== undefined);
    const body = (entry: ModelEntry): Record<string, unknown> => {
      const { size, ...rest } = modelBody(entry, startedAtSeconds);
      const endMs = nowSeconds() * 1000 + entry.idleMs;
      const expires_at = new Date(Math.min(endMs, FOR_EVER_MS)).toISOString();
      const context = entry.wafer!.plan.options.contextMax;
      return { ...rest, size, size_vram: size, expires_at, context_length: context };
    };
    return json({ models: loaded.map(body) });
  },
};

const FOR_EVER_MS = Date.UTC(9999, 11, 31);

export const OLLAMA_VERSION: Endpoint<Services> = {
  ...shared,
  method: 'GET',
  path: '/api/version',
  summary: 'The version of this server',
  handler: (_call, { version }) => json({ version }),
};

interface NamedBody {
  model?: string;
  name?: string;
  stream?: boolean | null;
  system?: unknown;
  template?: unknown;
  options?: unknown;
}

function nameOf({ model, name = model }: NamedBody): string {
  if (name !== undefined) return name;
  throw invalidParam('model', "'model' is missing", 'missing_required_parameter');
}

export const OLLAMA_SHOW: Endpoint<Services> = {
  ...shared,
  method: 'POST',
  path: '/api/show',
  summary: 'Tells of one model; loads it if need be',
  body: NAMED_BODY,
  handler: (call, services) => {
    const body = call.body as NamedBody;
    for (const field of ['system', 'template', 'options'] as const) {
      if (body[field]) throw unsupportedParam(field, 'a model is shown as it is served');
    }
    return showModel(nameOf(body), call, services);
  },
};

function showModel(name: string, { caller }: Call, services: Services): Promise<Reply> {
  const id = modelId(services, { name, caller });
  return withLease(services, { model: id, caller }, async ({ wafer }) => {
    const { spec } = wafer.model;
    const template = chatTemplate(wafer.model) ?? '';
    const about: Record<string, unknown> = {
      'general.architecture': spec.family,
      'general.parameter_count': parameterCount(wafer.model),
      [`${spec.family}.context_length`]: spec.contextMax,
      [`${spec.family}.embedding_length`]: spec.modelWidth,
      [`${spec.family}.block_count`]: spec.layerCount,
      [`${spec.family}.attention.head_count`]: spec.headCount,
      [`${spec.family}.attention.head_count_kv`]: spec.kvHeadCount,
    };
    const capabilities = [
      ...['completion', 'embedding'],
      ...(template.includes('tools') ? ['tools'] : []),
      ...(/enable_thinking|reasoning_effort|<think>/.test(template) ? ['thinking'] : []),
    ];
    return json({
      ...{ license: '', modelfile: `FROM ${id}`, parameters: '', system: '', template },
      ...{
        details: detailsOf(services.models.find(id, caller)),
        messages: [],
        model_info: about,
        capabilities,
      },
      modified_at: new Date(services.startedAtSeconds * 1000).toISOString(),
    });
  });
}

export const OLLAMA_PULL: Endpoint<Services> = {
  ...shared,
  method: 'POST',
  path: '/api/pull',
  summary: 'Loads a model that is served; none is fetched',
  body: NAMED_BODY,
  handler: async (call, services) => {
    const body = call.body as NamedBody;
    const entry = services.models.find(
      modelId(services, { name: nameOf(body), caller: call.caller }),
      call.caller,
    );
    const done = { status: 'success' };
    if (body.stream === false) {
      await entry.load();
      return json(done);
    }
    const events = async function* (): AsyncGenerator<ServerEvent, void, undefined> {
      yield { data: { status: 'loading' } };
      await entry.load();
      yield { data: done };
    };
    const errorEvent = (error: ApiError): ServerEvent => ({ data: ollamaError(error) });
    return { kind: 'events', framing: 'lines', events: events(), errorEvent };
  },
};

/** What would change which models there are. */
const FIXED = { create: 'made', copy: 'copied', push: 'sent away', delete: 'deleted' } as const;

export const OLLAMA_FIXED: readonly Endpoint<Services>[] = Object.entries(FIXED).map(
  ([name, done]): Endpoint<Services> => ({
    ...shared,
    method: name === 'delete' ? 'DELETE' : 'POST',
    path: `/api/${name}`,
    summary: 'Refused with its reason',
    handler: () => {
      const message = `no model is ${done} by a request: name models when the server starts`;
      throw new ApiError({ status: 403, code: 'unsupported', message });
    },
  }),
);

// ---- vectors

export const OLLAMA_EMBED: Endpoint<Services> = {
  ...shared,
  method: 'POST',
  path: '/api/embed',
  summary: 'Vectors of texts, as Ollama gives them',
  body: VECTORS_BODY,
  handler: async (call, services) => {
    const body = call.body as OllamaVectors;
    const { vectors, promptTokens, loadMs, tookMs } = await vectorsOf(body, call, services);
    return json({
      model: body.model,
      embeddings: vectors,
      total_duration: Math.round(tookMs * 1e6),
      load_duration: Math.round(loadMs * 1e6),
      prompt_eval_count: promptTokens,
    });
  },
};

export const OLLAMA_EMBEDDINGS: Endpoint<Services> = {
  ...shared,
  method: 'POST',
  path: '/api/embeddings',
  summary: 'The vector of one text',
  body: VECTOR_BODY,
  handler: async (call, services) => {
    const { prompt = '', ...body } = call.body as OllamaVectors;
    const { vectors } = await vectorsOf({ ...body, input: prompt }, call, services);
    return json({ embedding: vectors[0] });
  },
};

async function vectorsOf(
  body: OllamaVectors,
  call: Call,
  services: Services,
): Promise<{ vectors: number[][]; promptTokens: number; loadMs: number; tookMs: number }> {
  const beganAtMs = performance.now();
  const { caller } = call;
  const id = modelId(services, { name: body.model, caller });
  keepModel(services.models.find(id, caller), body, call);
  using lease = await services.models.lease(id, caller);
  const loadMs = performance.now() - beganAtMs;
  const inputs = [body.input ?? []].flat();
  const asked = { inputs, dimensions: body.dimensions ?? undefined, caller };
  const { vectors, promptTokens } = await meteredVectors(lease, asked, services);
  const tookMs = performance.now() - beganAtMs;
  return { vectors: vectors.map((vector) => [...vector]), promptTokens, loadMs, tookMs };
}

export const OLLAMA_MODELS: readonly Endpoint<Services>[] = [
  ...[OLLAMA_TAGS, OLLAMA_PS, OLLAMA_VERSION, ...OLLAMA_FIXED],
];

/** They load a model. */
export const OLLAMA_LOADS: readonly Endpoint<Services>[] = [OLLAMA_SHOW, OLLAMA_PULL];

export const OLLAMA_VECTORS: readonly Endpoint<Services>[] = [OLLAMA_EMBED, OLLAMA_EMBEDDINGS];
