/**
 * What a client asks of a fine-tuning job, checked: a new job's record, or a refusal by name.
 */
import { ApiError, invalidParam, unsupportedParam } from '../errors/api-error.ts';
import { FILE_KIND } from '../files/file-store.ts';
import type { FileBody } from '../files/file-store.ts';
import type { BodySchema, Call } from '../http/route.ts';
import { METADATA_SCHEMA } from '../requests/parameters.ts';
import type { Services } from '../services.ts';
import { methodBody, tunedName } from './job-record.ts';
import type { Hyperparameters, JobBody, JobRecord, PreferenceParameters } from './job-record.ts';

const HYPERPARAMETERS = {
  type: 'object',
  properties: {
    n_epochs: { anyOf: [{ const: 'auto' }, { type: 'integer', minimum: 1, maximum: 50 }] },
    batch_size: {
      anyOf: [{ enum: ['auto', null] }, { type: 'integer', minimum: 1, maximum: 256 }],
    },
    learning_rate_multiplier: {
      anyOf: [{ const: 'auto' }, { type: 'number', exclusiveMinimum: 0, maximum: 100 }],
    },
    lora_rank: { type: 'integer', minimum: 1, maximum: 256 },
  },
  additionalProperties: false,
} satisfies BodySchema;

const BETA: BodySchema = {
  anyOf: [{ const: 'auto' }, { type: 'number', exclusiveMinimum: 0, maximum: 2 }],
};

/** What a method takes. */
function methodOf(hyperparameters: BodySchema): BodySchema {
  return { type: 'object', properties: { hyperparameters }, additionalProperties: false };
}

const FILE: BodySchema = { type: 'string', maxLength: 64 };

export const JOB_SCHEMA: BodySchema = {
  type: 'object',
  required: ['model', 'training_file'],
  properties: {
    model: { type: 'string', minLength: 1, maxLength: 256 },
    training_file: FILE,
    validation_file: { ...FILE, type: ['string', 'null'] },
    suffix: { type: ['string', 'null'], pattern: '^[A-Za-z0-9_.-]{1,64}$' },
    seed: { type: ['integer', 'null'], minimum: 0, maximum: 2 ** 31 - 1 },
    hyperparameters: HYPERPARAMETERS,
    method: {
      type: 'object',
      required: ['type'],
      properties: {
        type: { enum: ['supervised', 'dpo', 'reinforcement'] },
        supervised: methodOf(HYPERPARAMETERS),
        dpo: methodOf({
          ...HYPERPARAMETERS,
          properties: { ...HYPERPARAMETERS.properties, beta: BETA },
        }),
        reinforcement: { type: 'object' },
      },
      additionalProperties: false,
    },
    integrations: { type: ['array', 'null'], maxItems: 16 },
    metadata: METADATA_SCHEMA,
  },
  additionalProperties: false,
};

interface JobRequest {
  model: string;
  training_file: string;
  validation_file?: string | null;
  suffix?: string | null;
  seed?: number | null;
  hyperparameters?: HyperparametersAsked;
  method?: {
    type: 'supervised' | 'dpo' | 'reinforcement';
    supervised?: { hyperparameters?: HyperparametersAsked };
    dpo?: { hyperparameters?: HyperparametersAsked };
    reinforcement?: object;
  };
  integrations?: unknown[] | null;
  metadata?: Readonly<Record<string, string>> | null;
}

type HyperparametersAsked = Partial<Omit<PreferenceParameters, 'batch_size'>> & {
  batch_size?: number | 'auto' | null;
};

/** The record of a job that a call asks for. Throws: ApiError 400, 404. */
export function newJob({ body, caller }: Call, services: Services): JobRecord {
  const asked = body as JobRequest;
  checkMethod(asked);
  const { spec } = services.models.find(asked.model, caller);
  if (spec.training === undefined) {
    const message = `the model ${spec.id} is served and cannot be trained further`;
    throw invalidParam('model', message, 'model_not_available');
  }
  const { training_file: training, validation_file: validation = null } = asked;
  checkFile('training_file', training, caller, services);
  if (validation !== null) checkFile('validation_file', validation, caller, services);
  const id = services.newId('ftjob');
  const { base } = spec.training;
  const { hyperparameters, method } = methodAsked(asked);
  const { seed = null, suffix, metadata = null } = asked;
  const jobBody: JobBody = {
    ...{ id, object: 'fine_tuning.job', model: spec.id, created_at: services.nowSeconds() },
    ...{ finished_at: null, estimated_finish: null, fine_tuned_model: null },
    ...{ organization_id: caller.organization ?? caller.tenant, status: 'queued' },
    ...{ training_file: training, validation_file: validation, result_files: [] },
    // Of a job that says none, its id is one.
    ...{ trained_tokens: null, error: null, seed: seed ?? Number.parseInt(id.slice(-7), 16) },
    ...{ hyperparameters, method },
    ...{ integrations: [], metadata },
  };
  const facts = { keyId: caller.keyId ?? '', stepTold: 0, crashCount: 0 };
  return { id, body: jobBody, base, tunedName: tunedName(base, suffix, id), ...facts };
}

function checkMethod({ method, hyperparameters, integrations }: JobRequest): void {
  if (method?.type === 'reinforcement' || method?.reinforcement !== undefined) {
    throw unsupportedParam('method.reinforcement', 'models are trained on answers that are given');
  }
  for (const name of ['supervised', 'dpo'] as const) {
    if (method?.[name] === undefined || method.type === name) continue;
    throw invalidParam(`method.${name}`, `'method.type' is ${method.type}, and takes no ${name}`);
  }
  const own = method?.[method.type]?.hyperparameters;
  if (hyperparameters !== undefined && own !== undefined) {
    const message = `give 'method.${method?.type}.hyperparameters' or 'hyperparameters', not both`;
    throw invalidParam('hyperparameters', message);
  }
  if (integrations?.length) throw unsupportedParam('integrations', 'nothing is told to others');
}

/** What is asked of all methods, and the method with it. */
function methodAsked({
  method,
  hyperparameters: common,
}: JobRequest): Pick<JobBody, 'hyperparameters' | 'method'> {
  const isPreference = method?.type === 'dpo';
  const asked = common ?? (isPreference ? method.dpo : method?.supervised)?.hyperparameters ?? {};
  const hyperparameters: Hyperparameters = {
    n_epochs: asked.n_epochs ?? 'auto',
    batch_size: asked.batch_size ?? 'auto',
    learning_rate_multiplier: asked.learning_rate_multiplier ?? 'auto',
    ...(asked.lora_rank === undefined ? {} : { lora_rank: asked.lora_rank }),
  };
  const beta = isPreference ? (asked.beta ?? 'auto') : undefined;
  return { hyperparameters, method: methodBody(hyperparameters, beta) };
}

/** Throws: ApiError 400. */
function checkFile(
  param: 'training_file' | 'validation_file',
  id: string,
  { tenant }: Call['caller'],
  { store }: Services,
): void {
  const file = store.documents.get<FileBody>({ tenant, kind: FILE_KIND, id });
  if (file?.purpose === 'fine-tune') return;
  throw invalidParam(param, `'${param}' is to be a file of the purpose fine-tune`);
}

const JOBS_OPEN_MAX = 8;

/** Throws: ApiError 429 where a tenant has many jobs that are not over. */
export function checkOpenCount(openCount: number): void {
  if (openCount < JOBS_OPEN_MAX) return;
  const message = `${openCount} jobs of yours are not over; cancel one, or come back later`;
  const retry = { retryAfterSeconds: 60 };
  throw new ApiError({ status: 429, code: 'too_many_jobs', message, ...retry });
}
