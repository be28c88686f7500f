/**
 * What administrators do with organizations and projects: make them, set their limits and weights,
 * list and delete them.
 */
import { ApiError } from '../errors/api-error.ts';
import type { BodySchema, Endpoint } from '../http/route.ts';
import { json } from '../http/route.ts';
import type { Services } from '../services.ts';
import type { OrganizationRecord, ProjectRecord } from '../tenants/directory.ts';
import { LIMIT_KINDS } from '../usage/limits.ts';

const ID: BodySchema = { type: 'string', pattern: '^[A-Za-z0-9_.-]{1,64}$' };
const NAME: BodySchema = { type: 'string', maxLength: 128 };
/** Limits as `{ "requests_per_minute": 60, "tokens_per_day": 1000000 }`. */
export const LIMITS_SCHEMA: BodySchema = {
  type: 'object',
  properties: Object.fromEntries(
    LIMIT_KINDS.map(({ name }) => [name, { type: 'integer', minimum: 1, maximum: 1e15 }]),
  ),
  additionalProperties: false,
};

const ORGANIZATIONS = '/v1/admin/organizations';
const PROJECTS = '/v1/admin/projects';

const PUT_ORGANIZATION: Endpoint<Services> = {
  method: 'POST',
  path: ORGANIZATIONS,
  summary: 'Makes an organization, or sets those of its name and limits that are given',
  access: 'admin',
  body: {
    type: 'object',
    required: ['id'],
    properties: { id: ID, name: NAME, limits: LIMITS_SCHEMA },
    additionalProperties: false,
  },
  handler: ({ body, caller }, { directory }) => {
    const asked = body as Pick<OrganizationRecord, 'id'> & Partial<OrganizationRecord>;
    const record: OrganizationRecord = {
      ...{ name: asked.id, limits: {}, ...directory.get('organization', asked.id), ...asked },
      object: 'organization',
    };
    directory.put(record, caller.tenant);
    return json(record);
  },
};

const PUT_PROJECT: Endpoint<Services> = {
  method: 'POST',
  path: PROJECTS,
  summary: 'Makes a project of an organization, or sets what is given of it',
  access: 'admin',
  body: {
    type: 'object',
    required: ['id'],
    properties: {
      ...{ id: ID, organization: ID, name: NAME, limits: LIMITS_SCHEMA },
      weight: { type: 'number', exclusiveMinimum: 0, maximum: 1000 },
    },
    additionalProperties: false,
  },
  handler: ({ body, caller }, { directory }) => {
    const asked = body as Pick<ProjectRecord, 'id'> & Partial<ProjectRecord>;
    const { id } = asked;
    const made = { organization: id, name: id, weight: 1, limits: {} };
    const record: ProjectRecord = {
      ...{ ...made, ...directory.get('project', id), ...asked },
      object: 'project',
    };
    directory.put(record, caller.tenant);
    return json(record);
  },
};

function listOf(path: string, kind: 'organization' | 'project'): Endpoint<Services> {
  return {
    method: 'GET',
    path,
    summary: `Lists ${kind}s with their limits`,
    access: 'audit',
    handler: (_call, { directory }) => json({ object: 'list', data: directory.list(kind) }),
  };
}

function deleteOf(path: string, kind: 'organization' | 'project'): Endpoint<Services> {
  return {
    method: 'DELETE',
    path: `${path}/:id`,
    summary: `Deletes an ${kind}'s record; what its tenants stored stays`,
    access: 'admin',
    handler: ({ params, caller }, { directory }) => {
      const id = params['id'] ?? '';
      if (directory.delete(kind, id, caller.tenant))
        return json({ id, object: kind, deleted: true });
      const message = `no ${kind} has the id ${id}`;
      throw new ApiError({ status: 404, code: 'not_found', message });
    },
  };
}

export const DIRECTORY: readonly Endpoint<Services>[] = [
  ...[PUT_ORGANIZATION, PUT_PROJECT],
  ...[listOf(ORGANIZATIONS, 'organization'), deleteOf(ORGANIZATIONS, 'organization')],
  ...[listOf(PROJECTS, 'project'), deleteOf(PROJECTS, 'project')],
];
