/**
 * `GET /v1/models` and `/v1/models/{id}`: what is served, loaded or not.
 */
import type { Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { ModelEntry } from '../models/model-entry.ts';
import type { Services } from '../services.ts';
import { clientPaths } from './paths.ts';

function modelBody({ spec }: ModelEntry, created: number): Record<string, unknown> {
  const { id, createdAt = created, owner = 'wafer' } = spec;
  return { id, object: 'model', created: createdAt, owned_by: owner };
}

export const MODELS_LIST: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/models',
  aliases: [...clientPaths('/v1/models'), '/public/v1/models'],
  summary: 'Lists the models',
  access: 'user',
  handler: ({ caller }, { models, startedAtSeconds }) =>
    json({
      object: 'list',
      data: models.entriesOf(caller).map((entry) => modelBody(entry, startedAtSeconds)),
    }),
};

export const MODEL_GET: Endpoint<Services> = {
  method: 'GET',
  path: '/v1/models/*',
  aliases: [...clientPaths('/v1/models/*'), '/public/v1/models/*'],
  summary: 'Tells of one model',
  access: 'user',
  handler: ({ params, caller }, { models, startedAtSeconds }) =>
    json(modelBody(models.find(params['*'] ?? '', caller), startedAtSeconds)),
};
