/**
 * `/v1/fine_tuning/jobs`: models trained further on files, and what became of each.
 */
import { ApiError } from '../errors/api-error.ts';
import { checkRights } from '../http/keys.ts';
import { listBody, metadataFilter, METADATA_PATTERN } from '../http/paging.ts';
import { PAGE_PROPERTIES, PAGE_QUERY, pageOptions } from '../http/paging.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Services } from '../services.ts';
import { appendAudit } from '../tenants/audit-log.ts';
import { isOpen } from './job-record.ts';
import type { JobRecord } from './job-record.ts';
import { checkOpenCount, JOB_SCHEMA, newJob } from './job-request.ts';
import { JobStore } from './job-store.ts';
import type { JobCheckpoint, JobEvent } from './job-store.ts';

const PATH = '/v1/fine_tuning/jobs';
const CHECKPOINTS_SHOWN = 10;

const CREATE: Endpoint<Services> = {
  method: 'POST',
  path: PATH,
  summary: 'Begins to train a model further on a file',
  access: 'user',
  body: JOB_SCHEMA,
  handler: (call, services) => {
    const { caller } = call;
    // A processor is at work for it, as for an answer.
    checkRights(caller, 'user', 'inference');
    const job = newJob(call, services);
    const jobs = new JobStore(services);
    const { tenant, subjects = [] } = caller;
    const all = jobs.list(tenant, { limit: ALL, order: 'asc', filter: ({ body }) => isOpen(body) });
    checkOpenCount(all.items.length);
    const nothing = { tokens: 0, uncached_tokens: 0 };
    const charge = services.usage.limits.admit(subjects, { requests: 1, ...nothing });
    charge.settle({ requests: 1, ...nothing });
    services.store.transaction(() => {
      jobs.add(tenant, job);
      audit(call, services, { action: 'fine_tuning.create', job: job.id });
    });
    services.fineTuning.start(tenant, job.id);
    return json(job.body);
  },
};

const ALL = 10_000;

function audit({ caller }: Call, { store, nowSeconds }: Services, what: object): void {
  appendAudit(store.db, nowSeconds(), { by: caller.tenant, ...what });
}

/** Throws: ApiError 404. */
function found({ caller, params }: Call, services: Services): JobRecord {
  const id = params['id'] ?? '';
  const job = new JobStore(services).get({ tenant: caller.tenant, id });
  if (job !== undefined) return job;
  const message = `no fine-tuning job has the id ${id}`;
  throw new ApiError({ status: 404, code: 'not_found', param: 'fine_tuning_job_id', message });
}

const LIST: Endpoint<Services> = {
  method: 'GET',
  path: PATH,
  summary: 'Lists fine-tuning jobs',
  access: 'user',
  query: {
    type: 'object',
    properties: PAGE_PROPERTIES,
    patternProperties: METADATA_PATTERN,
    additionalProperties: false,
  },
  handler: ({ caller, query }, services) => {
    const hasMetadata = metadataFilter(query);
    const page = new JobStore(services).list(caller.tenant, {
      ...pageOptions(query, { order: 'desc' }),
      filter: ({ body }) => hasMetadata(body.metadata),
    });
    return json(listBody({ ...page, items: page.items.map(({ body }) => body) }));
  },
};

const GET: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id`,
  summary: 'Tells how a fine-tuning job is',
  access: 'user',
  handler: (call, services) => json(found(call, services).body),
};

const EVENTS: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id/events`,
  summary: 'Tells what happened in a fine-tuning job, the newest first',
  access: 'user',
  query: PAGE_QUERY,
  handler: (call, services) => {
    const { id } = found(call, services);
    const { tenant } = call.caller;
    const options = pageOptions<JobEvent>(call.query, { order: 'desc' });
    return json(listBody(new JobStore(services).events({ tenant, id }, options)));
  },
};

const CHECKPOINTS: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id/checkpoints`,
  summary: 'Lists the models of the epochs of a fine-tuning job, the newest first',
  access: 'user',
  query: PAGE_QUERY,
  handler: (call, services) => {
    const { id } = found(call, services);
    const { tenant } = call.caller;
    const shown = { order: 'desc', limit: CHECKPOINTS_SHOWN } as const;
    const options = pageOptions<JobCheckpoint>(call.query, shown);
    return json(listBody(new JobStore(services).checkpoints({ tenant, id }, options)));
  },
};

/** What may be done to a job under way. */
const ACTIONS = {
  cancel: 'Ends a fine-tuning job; models of its epochs stay',
  pause: 'Halts a fine-tuning job; it goes on to the same bits',
  resume: 'Lets a fine-tuning job go on',
} as const;

const CONTROLS: readonly Endpoint<Services>[] = (['cancel', 'pause', 'resume'] as const).map(
  (action): Endpoint<Services> => ({
    method: 'POST',
    path: `${PATH}/:id/${action}`,
    summary: ACTIONS[action],
    access: 'user',
    handler: (call, services) => {
      const { id, body } = found(call, services);
      const key = { tenant: call.caller.tenant, id };
      const changed = services.store.transaction(() => {
        audit(call, services, { action: `fine_tuning.${action}`, job: id });
        return services.fineTuning[action](key);
      });
      if (changed !== undefined) return json(changed);
      const message = `the job is ${body.status}: it cannot be told to ${action}`;
      throw new ApiError({ status: 409, code: 'job_state', message });
    },
  }),
);

const MODEL_DELETE: Endpoint<Services> = {
  method: 'DELETE',
  path: '/v1/models/*',
  summary: 'Deletes a model that was made by fine-tuning',
  access: 'user',
  handler: async (call, services) => {
    const id = call.params['*'] ?? '';
    const { spec } = services.models.find(id, call.caller);
    if (spec.owner === undefined) {
      const message = `the model ${id} was not made by fine-tuning, and stays`;
      throw new ApiError({ status: 403, code: 'forbidden', param: 'model', message });
    }
    await services.fineTuning.deleteModel(id);
    audit(call, services, { action: 'model.delete', model: id });
    return json({ id, object: 'model', deleted: true });
  },
};

export const FINE_TUNING: readonly Endpoint<Services>[] = [
  ...[CREATE, LIST, GET, EVENTS, CHECKPOINTS, ...CONTROLS, MODEL_DELETE],
];
