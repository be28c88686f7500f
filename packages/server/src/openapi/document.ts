/**
 * The OpenAPI document of a table of endpoints: the schemas that validate are those shown.
 */
import type { Endpoint } from '../http/route.ts';

type Parts = Record<string, unknown>;

/** The document, as plain data. */
export function openApiDocument<Services>(
  endpoints: readonly Endpoint<Services>[],
  info: { version: string },
): Parts {
  const paths: Record<string, Parts> = {};
  for (const endpoint of endpoints) {
    for (const path of [endpoint.path, ...(endpoint.aliases ?? [])]) {
      const shown = path.replace(/:(\w+)/g, '{$1}').replace('*', '{id}');
      paths[shown] = {
        ...paths[shown],
        [endpoint.method.toLowerCase()]: operation(endpoint, shown),
      };
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Wafer', version: info.version },
    paths,
    components: {
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
      schemas: { Error: ERROR_SCHEMA },
    },
  };
}

function operation<Services>(endpoint: Endpoint<Services>, path: string): Parts {
  const { summary, access, body, query, response } = endpoint;
  const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema: { type: 'string' },
  }));
  const asked = Object.entries((query?.['properties'] ?? {}) as Parts).map(([name, schema]) => ({
    ...{ name, in: 'query', required: false },
    schema,
  }));
  return {
    summary,
    ...(access === 'open' ? {} : { security: [{ key: [] }] }),
    ...(named.length + asked.length === 0 ? {} : { parameters: [...named, ...asked] }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: jsonOf(body) } }),
    responses: {
      200: { description: 'done', content: jsonOf(response ?? {}) },
      default: { description: 'refused', content: jsonOf({ $ref: '#/components/schemas/Error' }) },
    },
  };
}

function jsonOf(schema: object): Parts {
  return { 'application/json': { schema } };
}

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'param', 'code'],
      properties: {
        message: { type: 'string' },
        type: { type: 'string' },
        param: { type: ['string', 'null'] },
        code: { type: ['string', 'null'] },
      },
    },
  },
};
