/**
 * `/v1/batches`: many requests from a file, answered into a file.
 */
import { ApiError, invalidParam } from '../errors/api-error.ts';
import { FILE_KIND } from '../files/file-store.ts';
import type { FileBody } from '../files/file-store.ts';
import { checkRights } from '../http/keys.ts';
import { listBody, PAGE_QUERY, pageOptions } from '../http/paging.ts';
import type { Call, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import { idMaker } from '../requests/ids.ts';
import { METADATA_SCHEMA } from '../requests/parameters.ts';
import type { Services } from '../services.ts';
import { BATCH_KIND, isOpen, PAYER_KIND, payerOf } from './batch-body.ts';
import type { BatchBody } from './batch-body.ts';

const PATH = '/v1/batches';
const WINDOW_SECONDS = 24 * 3600;
const TARGETS = ['/v1/chat/completions', '/v1/completions', '/v1/embeddings', '/v1/responses'];

const CREATE: Endpoint<Services> = {
  method: 'POST',
  path: PATH,
  summary: 'Begins a batch',
  access: 'user',
  body: {
    type: 'object',
    required: ['input_file_id', 'endpoint', 'completion_window'],
    properties: {
      input_file_id: { type: 'string', maxLength: 64 },
      endpoint: { enum: TARGETS },
      completion_window: { const: '24h' },
      metadata: METADATA_SCHEMA,
    },
    additionalProperties: false,
  },
  handler: ({ body, caller }, services) => {
    // Its lines ask models.
    checkRights(caller, 'user', 'inference');
    const asked = body as Pick<BatchBody, 'input_file_id' | 'endpoint' | 'metadata'>;
    const { store } = services;
    const { tenant } = caller;
    const { input_file_id: id } = asked;
    const file = store.documents.get<FileBody>({ tenant, kind: FILE_KIND, id });
    if (file?.purpose !== 'batch') {
      const message = "'input_file_id' is to be a file of the purpose batch";
      throw invalidParam('input_file_id', message);
    }
    const now = services.nowSeconds();
    const batch: BatchBody = {
      ...{ id: idMaker(services)('batch'), object: 'batch', endpoint: asked.endpoint },
      ...{ input_file_id: id, completion_window: '24h', status: 'validating' },
      ...{ created_at: now, expires_at: now + WINDOW_SECONDS },
      request_counts: { total: 0, completed: 0, failed: 0 },
      metadata: asked.metadata ?? null,
    };
    store.transaction(() => {
      store.documents.put({ tenant, kind: PAYER_KIND, id: batch.id }, payerOf(caller));
      store.documents.put({ tenant, kind: BATCH_KIND, id: batch.id }, batch);
    });
    services.batches.start(tenant, batch.id);
    return json(batch);
  },
};

/** Throws: ApiError 404. */
function found({ caller, params }: Call, { store }: Services): BatchBody {
  const id = params['id'] ?? '';
  const batch = store.documents.get<BatchBody>({ tenant: caller.tenant, kind: BATCH_KIND, id });
  if (batch !== undefined) return batch;
  const message = `no batch has the id ${id}`;
  throw new ApiError({ status: 404, code: 'not_found', param: 'batch_id', message });
}

const LIST: Endpoint<Services> = {
  method: 'GET',
  path: PATH,
  summary: 'Lists batches',
  access: 'user',
  query: PAGE_QUERY,
  handler: ({ caller, query }, { store }) =>
    json(
      listBody(
        store.documents.list<BatchBody>(
          { tenant: caller.tenant, kind: BATCH_KIND },
          pageOptions(query, { order: 'desc' }),
        ),
      ),
    ),
};

const GET: Endpoint<Services> = {
  method: 'GET',
  path: `${PATH}/:id`,
  summary: 'Tells how a batch is',
  access: 'user',
  handler: (call, services) => json(found(call, services)),
};

const CANCEL: Endpoint<Services> = {
  method: 'POST',
  path: `${PATH}/:id/cancel`,
  summary: 'Ends a batch; what is done stays',
  access: 'user',
  handler: (call, services) => {
    const batch = found(call, services);
    if (!isOpen(batch)) {
      const message = `the batch is ${batch.status} already`;
      throw new ApiError({ status: 409, code: 'batch_closed', message });
    }
    const { tenant } = call.caller;
    const key = { tenant, kind: BATCH_KIND, id: batch.id };
    const changed = services.store.documents.update<BatchBody>(key, (body) => ({
      ...{ ...body, status: 'cancelling', cancelling_at: services.nowSeconds() },
    }));
    services.batches.stop(tenant, batch.id);
    return json(changed);
  },
};

export const BATCHES: readonly Endpoint<Services>[] = [CREATE, LIST, GET, CANCEL];
